"""Whatever the service does, a call stays within its time, keeps its id, and the breaker keeps its word."""

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.client.decision import Decision
from tocsin.client.errors import Fault, TimedOut, Unreachable
from tocsin.client.inner.answer import Answer
from tocsin.client.inner.breaker import Breaker, Leave, Limits
from tocsin.client.inner.talk import Ask, Pause, Reply, Talker
from tocsin.client.options import Options, Policy, Setup, Timing, check_url
from tocsin.client.stats import Counts

EVENT = {"type": "payment.transfer", "sender": "account:1", "payee": "account:2", "amount": 5}


class World:
    """A clock that only moves when something takes time, and a service that does as it is told."""

    def __init__(self, chances: Sequence[float], **options: Any) -> None:
        self.now = 1_000.0
        self.chances = list(chances)
        timing = Timing(clock=lambda: self.now, wall=lambda: self.now, chance=self.chance)
        self.options = Options(timing=timing, **options)
        limits = Limits(self.options.open_after, self.options.open_s, self.options.open_longest_s)
        self.breaker = Breaker(limits, timing.clock, timing.chance)
        self.probes = 0
        self.breaker.probe = self.probe
        self.counts = Counts()

    def chance(self) -> float:
        return self.chances.pop() if self.chances else 0.5

    def probe(self) -> None:
        self.probes += 1

    def talker(self, timeout_s: float) -> Talker:
        policy = Policy("hold")
        setup = Setup(
            urls=check_url("http://127.0.0.1:1"),
            headers=[],
            timeout_s=timeout_s,
            on_failure=policy,
            on_rejected=policy,
            options=self.options,
            ssl_context=None,
        )
        return Talker(setup, self.breaker, self.counts)


@st.composite
def acts(draw: st.DrawFn) -> tuple[str, float]:
    """What the service does with one try, and the share of the try's time that it takes."""
    kind = draw(st.sampled_from(["decides", "late", "cut", "503", "429", "500", "422", "garbage", "503 later"]))
    return kind, draw(st.floats(0, 1))


def reply_of(kind: str, event_id: str, retry_after: float) -> Reply:
    if kind == "late":
        return TimedOut(Fault("timeout", "late"))
    if kind == "cut":
        return Unreachable(Fault("unreachable", "cut"))
    if kind == "decides":
        return Answer(200, {}, msgspec.json.encode({"event_id": event_id, "outcome": "warn"}))
    if kind == "garbage":
        return Answer(200, {}, b"\xff")
    headers = {"retry-after": str(int(retry_after))} if kind.endswith("later") or kind == "429" else {}
    status = int(kind.split(maxsplit=1)[0])
    return Answer(status, headers, msgspec.json.encode({"code": f"c{status}", "detail": "d"}))


@settings(deadline=None)
@given(
    script=st.lists(acts(), max_size=8),
    timeout_s=st.floats(0.001, 10),
    tries=st.integers(1, 8),
    chances=st.lists(st.floats(0, 1, exclude_max=True), max_size=8),
    retry_after=st.integers(0, 20),
)
def test_all_steps_of_a_call_together_never_take_more_than_its_time(
    script: list[tuple[str, float]], timeout_s: float, tries: int, chances: list[float], retry_after: int
) -> None:
    world = World(chances, tries=tries, open_after=3)
    began = world.now
    talk = world.talker(timeout_s).decide(EVENT)
    sent: list[bytes] = []
    reply: Reply = None
    try:
        while True:
            step = talk.send(reply)
            left = began + timeout_s - world.now
            if isinstance(step, Pause):
                assert 0 <= step.seconds < left
                world.now += step.seconds
                reply = None
                continue
            assert 0 < step.within_s <= left * (1 + 1e-9)
            sent.append(step.raw)
            kind, share = script.pop(0) if script else ("cut", 0.1)
            world.now += step.within_s * (1.0 if kind == "late" else share)
            reply = reply_of(kind, msgspec.json.decode(step.raw)["id"], retry_after)
    except StopIteration as done:
        decision: Decision = done.value
    assert world.now <= (began + timeout_s) * (1 + 1e-12)
    assert len(set(sent)) <= 1, "every try carries the same bytes, and so the same id"
    assert len(sent) <= tries
    assert decision.outcome == ("hold" if decision.fallback else "warn")
    assert bool(decision.cause) == decision.fallback
    assert not sent or msgspec.json.decode(sent[0])["id"] == decision.event_id


@settings(deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["fail", "succeed", "probe yes", "probe no", "wait", "drop"]), st.floats(0, 3)),
        max_size=60,
    ),
    failures=st.integers(1, 5),
    chances=st.lists(st.floats(0, 1, exclude_max=True), max_size=20),
)
def test_the_breaker_lets_nobody_through_while_open_and_one_while_half_open(
    steps: list[tuple[str, float]], failures: int, chances: list[float]
) -> None:
    world = World(chances, open_after=failures, open_s=1.0, open_longest_s=8.0)
    breaker = world.breaker
    in_a_row, trying = 0, False
    for what, seconds in steps:
        before = breaker.state
        leave = breaker.ask_leave()
        if before == "open":
            assert leave is Leave.NO
        elif before == "half_open":
            assert leave is (Leave.NO if trying else Leave.TRY)
            trying = True
        else:
            assert leave is Leave.ASK
        if what == "wait":
            world.now += seconds
        elif what.startswith("probe"):
            breaker.probed(answers=what.endswith("yes"))
            trying = trying and breaker.state == "half_open" and before == "half_open"
        elif what == "drop":
            breaker.give_back(leave)
            trying = trying and leave is not Leave.TRY
        elif what == "succeed":
            breaker.succeed()
            in_a_row, trying = 0, False
        else:
            breaker.fail()
            in_a_row += 1
            trying = trying and before != "half_open"
        if breaker.state == "closed":
            assert in_a_row < failures


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 5), min_size=1, max_size=200))
def test_while_the_service_is_down_looks_at_it_grow_rare(gaps: list[float]) -> None:
    world = World([], open_after=1, open_s=1.0, open_longest_s=30.0)
    world.breaker.fail()
    began = world.now
    for gap in gaps:
        world.now += gap
        before = world.probes
        assert world.breaker.ask_leave() is Leave.NO
        assert world.breaker.ask_leave() is Leave.NO, "one look at a time"
        if world.probes > before:
            assert world.probes == before + 1
            world.breaker.probed(answers=False)
    spent = world.now - began
    assert world.probes <= 6 + spent / (30.0 * 0.5)


def test_a_talk_that_is_broken_off_gives_its_leave_back() -> None:
    world = World([], open_after=1, open_s=1.0)
    world.breaker.fail()
    world.breaker.probed(answers=True)
    talk = world.talker(1.0).decide(EVENT)
    assert isinstance(next(talk), Ask)
    assert world.breaker.ask_leave() is Leave.NO
    talk.close()
    assert world.breaker.ask_leave() is Leave.TRY
