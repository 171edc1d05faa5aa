"""Whatever is done to the audit log or its links, the chain and its anchors show it, and where."""

import random
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.records.signing import generate_signing_key
from tocsin.records.trail.anchor import SignedAnchor, sign_anchor, trust
from tocsin.records.trail.chain import BEGINNING, Link, Trace, link_entries
from tocsin.records.trail.proof import AuditProof, ChainVerification, Fault, verify_chain

KEY = generate_signing_key()
TRUSTED = trust([KEY.public])
START, MINUTE, DAY = 1_768_478_400_000_000, 60_000_000, 86_400_000_000
few = settings(max_examples=40)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


class Log(msgspec.Struct):
    """A log as it may be tampered with: acts by number, links in order, anchors."""

    traces: dict[int, Trace]
    links: list[Link]
    anchors: list[SignedAnchor]

    def verify(self) -> AuditProof:
        return verify_chain(self.traces.values(), self.links, self.anchors, TRUSTED)

    def relink(self) -> None:
        """What a thorough forger does: every link anew."""
        self.links = link_entries(BEGINNING, [self.traces[link.entry] for link in self.links])

    def at(self, position: int) -> Trace:
        return self.traces[self.links[position - 1].entry]


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A log written by several at once: numbers become visible out of order and are linked in groups; the end is anchored."""
    texts = draw(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=2, max_size=20))
    traces = [
        Trace(
            number=number,
            at=START + number * MINUTE,
            by="person:7",
            act=act,
            record="case:1",
            before=before,
            after=after,
        )
        for number, (act, before, after) in enumerate(texts, 1)
    ]
    seen = draw(st.permutations(traces))
    links: list[Link] = []
    anchors = []
    for trace in seen:
        links += link_entries(links[-1] if links else BEGINNING, [trace])
        if draw(st.integers(0, 4)) == 0:
            anchors.append(sign_anchor(links[-1], KEY, START + len(links) * MINUTE))
    anchors.append(sign_anchor(links[-1], KEY, START + DAY))
    return Log({trace.number: trace for trace in traces}, links, anchors)


def kinds(proof: AuditProof) -> set[tuple[Fault, int]]:
    return {(fault.kind, fault.first) for fault in proof.faults}


@few
@given(logs())
def test_an_untouched_log_holds_however_it_was_written(log: Log) -> None:
    proof = log.verify()
    assert proof.faults == ()
    assert (proof.links, proof.anchored, proof.waiting) == (len(log.links), len(log.links), 0)


@few
@given(logs(), st.data())
def test_a_changed_act_is_found_at_its_place(log: Log, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, len(log.links)))
    trace = log.at(position)
    field = data.draw(st.sampled_from(["at", "by", "act", "record", "before", "after", "why"]))
    value = (
        trace.at + data.draw(st.integers(1, 9))
        if field == "at"
        else getattr(trace, field) + data.draw(st.text("ab", min_size=1))
    )
    log.traces[trace.number] = msgspec.structs.replace(trace, **{field: value})
    assert kinds(log.verify()) == {(Fault.CHANGED, position)}


@few
@given(logs(), st.data())
def test_words_cannot_move_from_one_field_into_the_next(log: Log, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, len(log.links)))
    trace = log.at(position)
    moved = msgspec.structs.replace(trace, by=trace.by[:-1], act=trace.by[-1] + trace.act)
    log.traces[trace.number] = moved
    assert kinds(log.verify()) == {(Fault.CHANGED, position)}


@few
@given(logs(), st.data())
def test_a_removed_act_is_found_at_its_place(log: Log, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, len(log.links)))
    del log.traces[log.links[position - 1].entry]
    assert kinds(log.verify()) == {(Fault.REMOVED, position)}


@few
@given(logs(), st.data())
def test_removed_links_are_found_at_their_place(log: Log, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(log.links) - 1))
    last = data.draw(st.integers(first, len(log.links) - 1))
    del log.links[first - 1 : last]
    proof = log.verify()
    assert kinds(proof) == {(Fault.GAP, first)}
    assert proof.faults[0].last == last
    assert proof.waiting == last - first + 1


@few
@given(logs(), st.data())
def test_a_log_cut_short_is_found_by_its_anchor(log: Log, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(log.links) - 1))
    for link in log.links[end:]:
        del log.traces[link.entry]
    del log.links[end:]
    proof = log.verify()
    assert kinds(proof) == {(Fault.CUT, end + 1)}
    assert proof.last.position == end


@few
@given(logs(), st.data())
def test_an_overwritten_link_is_told_apart_from_a_changed_act(log: Log, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, len(log.links)))
    link = log.links[position - 1]
    bit = data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(link.hash) ^ 1 << bit).to_bytes(32)
    log.links[position - 1] = Link(link.position, link.entry, flipped)
    assert kinds(log.verify()) == {(Fault.RELINKED, position)}


def swap_acts(log: Log, one: int, two: int) -> None:
    first, second = log.links[one - 1], log.links[two - 1]
    log.links[one - 1] = Link(first.position, second.entry, first.hash)
    log.links[two - 1] = Link(second.position, first.entry, second.hash)


@few
@given(logs(), st.data())
def test_acts_in_another_order_are_found_at_both_places(log: Log, data: st.DataObject) -> None:
    one, two = data.draw(st.lists(st.integers(1, len(log.links)), min_size=2, max_size=2, unique=True))
    swap_acts(log, one, two)
    assert kinds(log.verify()) == {(Fault.CHANGED, one), (Fault.CHANGED, two)}


def forge_change(log: Log, place: int) -> None:
    trace = log.at(place)
    log.traces[trace.number] = msgspec.structs.replace(trace, why=trace.why + "!")


def forge_removal(log: Log, place: int) -> None:
    del log.traces[log.links.pop(place - 1).entry]


def forge_order(log: Log, place: int) -> None:
    swap_acts(log, place, place % len(log.links) + 1)


def forge_insertion(log: Log, place: int) -> None:
    number = max(log.traces) + 1
    log.traces[number] = Trace(number=number, at=START + DAY, by="person:8", act="case.close", record="case:1")
    log.links.insert(place - 1, Link(0, number, b""))


@few
@given(logs(), st.data(), st.sampled_from([forge_change, forge_removal, forge_order, forge_insertion]))
def test_a_forger_who_links_everything_anew_is_found_by_the_anchors(
    log: Log, data: st.DataObject, forge: Callable[[Log, int], None]
) -> None:
    position = data.draw(st.integers(1, len(log.links)))
    earlier = [each.anchor.position for each in log.anchors if each.anchor.position < position]
    forge(log, position)
    log.relink()
    proof = log.verify()
    assert {kind for kind, _ in kinds(proof)} <= {Fault.REWRITTEN, Fault.CUT}
    assert proof.faults
    if forge is not forge_order:
        assert proof.anchored == max(earlier, default=0)


@few
@given(logs(), st.data())
def test_what_follows_the_last_anchor_is_vouched_for_by_nobody_and_the_proof_says_so(
    log: Log, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(log.anchors) - 1))
    log.anchors = log.anchors[:kept]
    anchored = log.anchors[-1].anchor.position if log.anchors else 0
    proof = log.verify()
    assert (proof.faults, proof.anchored) == ((), anchored)


@few
@given(logs(), st.data())
def test_an_act_that_claims_an_earlier_time_is_found(log: Log, data: st.DataObject) -> None:
    late = data.draw(st.integers(1, 400))
    log.anchors.append(sign_anchor(log.links[-1], KEY, START + 3 * DAY))
    number = len(log.traces) + 1
    at = START + 2 * DAY - late
    log.traces[number] = Trace(number=number, at=at, by="person:8", act="case.close", record="case:1")
    log.links += link_entries(log.links[-1], [log.traces[number]])
    assert kinds(log.verify()) == {(Fault.BACKDATED, number)}


@few
@given(logs(), st.data())
def test_a_changed_anchor_is_not_believed(log: Log, data: st.DataObject) -> None:
    signed = log.anchors.pop()
    field = data.draw(st.sampled_from(["position", "hash", "at", "day", "key", "signature"]))
    anchor = signed.anchor
    changed = {
        "position": anchor.position + 1,
        "hash": bytes(32).hex(),
        "at": anchor.at + 1,
        "day": "2026-01-01",
        "key": generate_signing_key().id,
    }
    if field == "signature":
        bit = data.draw(st.integers(0, 511))
        log.anchors.append(SignedAnchor(anchor, (int.from_bytes(signed.signature) ^ 1 << bit).to_bytes(64)))
    else:
        log.anchors.append(SignedAnchor(msgspec.structs.replace(anchor, **{field: changed[field]}), signed.signature))
    proof = log.verify()
    assert {kind for kind, _ in kinds(proof)} == {Fault.ANCHOR}
    assert proof.anchored == max((each.anchor.position for each in log.anchors[:-1]), default=0)


@given(logs(), st.lists(st.integers(0, 5), min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_any_number_of_wrongs_at_once_never_passes(log: Log, wrongs: list[int], chance: random.Random) -> None:
    before = msgspec.structs.replace(log, traces=dict(log.traces), links=list(log.links), anchors=list(log.anchors))
    for wrong in wrongs:
        if not log.links:
            break
        place = chance.randint(1, len(log.links))
        if wrong == 0 and log.links[place - 1].entry in log.traces:
            forge_change(log, place)
        elif wrong == 1:
            log.traces.pop(log.links[place - 1].entry, None)
        elif wrong == 2:
            log.links.pop(place - 1)
        elif wrong == 3:
            swap_acts(log, place, place % len(log.links) + 1)
        elif wrong == 4:
            del log.links[place - 1 :]
        else:
            log.links.insert(place, log.links[place - 1])
    same = (log.traces, log.links, log.anchors) == (before.traces, before.links, before.anchors)
    assert log.verify().holds == same


def test_an_overwritten_last_link_under_two_anchors_is_one_fault() -> None:
    traces = [Trace(number=number, at=START, by="a:b", act="a", record="r:1") for number in range(1, 5)]
    links = link_entries(BEGINNING, traces)
    anchors = [sign_anchor(links[-1], KEY, START + day * DAY) for day in range(3)]
    proof = verify_chain(traces, [*links[:-1], Link(4, 4, bytes(32))], anchors, TRUSTED)
    assert kinds(proof) == {(Fault.RELINKED, 4)}
    assert proof.anchored == 4


def test_a_younger_anchor_at_an_earlier_place_is_found() -> None:
    """What a log looks like that was cut, grew again, and was anchored by somebody with the key."""
    traces = [Trace(number=number, at=START, by="a:b", act="a", record="r:1") for number in range(1, 10)]
    links = link_entries(BEGINNING, traces)
    anchors = [sign_anchor(links[7], KEY, START), sign_anchor(links[2], KEY, START + 1)]
    proof = verify_chain(traces, links, anchors, TRUSTED)
    assert kinds(proof) == {(Fault.ANCHOR, 3)}
    assert proof.anchored == 8


def test_the_same_in_one_pass_over_joined_rows() -> None:
    traces = [Trace(number=number, at=START, by="system:tocsin", act="a", record="r:1") for number in range(1, 2_001)]
    links = link_entries(BEGINNING, traces)
    verification = ChainVerification([sign_anchor(links[-1], KEY, START)], TRUSTED)
    for link, trace in zip(links, traces, strict=True):
        verification.add(link, None if link.position == 7 else trace)
    proof = verification.finish(waiting=3)
    assert kinds(proof) == {(Fault.REMOVED, 7)}
    assert (proof.waiting, proof.anchored) == (3, 2_000)


def test_a_thousand_faults_are_listed_and_the_rest_is_counted() -> None:
    traces = [Trace(number=number, at=START, by="system:tocsin", act="a", record="r:1") for number in range(1, 1_501)]
    proof = verify_chain([], link_entries(BEGINNING, traces), [], TRUSTED)
    assert (len(proof.faults), proof.more, proof.holds) == (1_000, 500, False)


@pytest.mark.parametrize("count", [0, 1, 100])
def test_links_in_one_go_and_one_by_one_are_the_same(count: int) -> None:
    traces = [Trace(number=number, at=START, by="a:b", act="a", record="r:1") for number in range(1, count + 1)]
    one_by_one: list[Link] = []
    for trace in traces:
        one_by_one += link_entries(one_by_one[-1] if one_by_one else BEGINNING, [trace])
    assert one_by_one == link_entries(BEGINNING, traces)
