"""Further stories of the closed loop, end to end over HTTP, some of them over days."""

import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reference.evidence import make_bundle
from tests.servers.platform import DAY, Clock, Receiver, ask, carry_out, leave_open, measures, take
from tests.servers.tocsin import Running, transfer, wait_until
from tocsin.cases.clocks.calendar import named_calendar
from tocsin.cases.clocks.clock import Start, StatutoryClock, due_at, left_us, start_clock
from tocsin.measures.bulk import apply_batch, plan_batch, undo_batch
from tocsin.measures.kind import MeasureKind
from tocsin.measures.lifting import expire_due
from tocsin.measures.measure import NewMeasure
from tocsin.records.actor import Actor, ActorKind, Stamp
from tocsin.rulebook.duties.duty import DutyId
from tocsin.rulebook.duties.span import read_span
from tocsin.rulebook.duties.start import StatutorySpec
from tocsin.rulebook.labels import known_of

ANN, BEN, CAL, DAN = (f"person:reviewer-{number}" for number in range(1, 5))
TELLING = ("untold", "notice")
"""What stays open where the platform tells the person itself."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def running(tmp_path: Path, clock: Clock) -> Iterator[Running]:
    with Running(tmp_path / "data", clock) as service:
        yield service


def suspect(client: httpx.Client, clock: Clock, subject: str, reference: str, **given: Any) -> dict[str, Any]:
    fields = {"queue": "desk", "typology": "OTHER", "due_at": iso(clock.now_us + 3 * DAY), "source": "report", **given}
    found: dict[str, Any] = ask(client, "POST", "/v1/cases", subject=subject, reference=reference, **fields)
    return found


def iso(now_us: int) -> str:
    return datetime.fromtimestamp(now_us / 1_000_000, UTC).isoformat()


def find(client: httpx.Client, number: int, by: str, subject: str, finding: str) -> str:
    """Takes a case and decides of one subject; answers the case's place."""
    place = f"/v1/cases/{number}"
    ask(client, "POST", f"{place}/claim", by=by)
    ask(client, "POST", f"{place}/findings", by=by, subject=subject, finding=finding, why="looked at")
    return place


def end_what_is_over(running: Running, clock: Clock) -> None:
    """What the service does every few seconds; the clock of a test goes faster."""
    with running.service.records.change() as session:
        expire_due(session, clock())


def defraud(client: httpx.Client, payee: str, first: int = 0) -> None:
    """Nine strangers pay a new account: the rule on mules fires."""
    for number in range(9):
        sender = f"account:s{first + number}"
        event = transfer(first + number, sender=sender, payee=payee, amount=2_000, payee_age_days=3)
        assert client.post("/v1/decisions", json=event).status_code == 200


def test_a_mules_payment_is_held_the_suspicion_confirmed_and_the_account_closed_with_its_goods(
    running: Running, clock: Clock
) -> None:
    client = running.client
    case = suspect(client, clock, "account:mule", "report:1", typology="AIDING", four_eyes=True)["number"]
    take(client, ANN, "payment:p1", "hold_payment", case_number=case, typology="AIDING")
    assert carry_out(client) == ["apply hold_payment payment:p1"]
    place = find(client, case, ANN, "account:mule", "confirmed")
    closed = take(client, ANN, "account:mule", "close", BEN, case_number=case, typology="AIDING")
    page = {"label": "The goods", "source": "https://shop.example/1", "by": ANN}
    assert client.post(f"{place}/evidence", params=page, content="实名卡 ￥50".encode()).status_code == 200
    take(client, ANN, "listing:1", "take_down", case_number=case, parent=closed)
    assert sorted(carry_out(client)) == ["apply close account:mule", "apply take_down listing:1"]
    ask(client, "POST", f"{place}/lesson", by=ANN, kind="label", what="account:mule is AIDING")
    refused = client.post(f"{place}/close", json={"by": ANN}).json()["detail"]
    assert "no second person" in refused
    assert "not verified" in refused
    clock.pass_hours(25)
    end_what_is_over(running, clock)
    assert carry_out(client) == ["lift hold_payment payment:p1"]
    ask(client, "POST", f"{place}/claim", by=BEN)
    ask(client, "POST", f"{place}/second", by=BEN, holds=True, what="the payers are strangers")
    ask(client, "POST", f"{place}/verification", by=BEN, holds=True, what="the account stays closed")
    leave_open(client, place, BEN, *TELLING)
    assert ask(client, "POST", f"{place}/close", by=BEN)["state"] == "closed"


def test_sim_cards_are_taken_down_relisted_and_caught_by_the_verification(running: Running, clock: Clock) -> None:
    client = running.client

    def offer(number: int, listing: str) -> None:
        event = {
            "id": f"l{number}", "type": "listing.create", "time": clock.now_us / 1e6, "seller": "account:seller",
            "listing": listing, "name": "免实名电话卡 批发",
        }  # fmt: skip
        assert client.post("/v1/decisions", json=event).json()["outcome"] == "block"
        wait_until(lambda: measures(client, listing), "the measure")

    offer(1, "listing:1")
    assert carry_out(client) == ["apply take_down listing:1"]
    case = suspect(client, clock, "account:seller", "list:1", typology="CARDS", due_at=iso(clock.now_us + 9 * DAY))
    place = find(client, case["number"], ANN, "account:seller", "confirmed")
    ask(client, "POST", f"{place}/lesson", by=ANN, kind="rule", what="sells-phone-cards holds")
    early = client.post(f"{place}/verification", json={"by": ANN, "holds": True, "what": "gone"})
    assert early.status_code == 409
    clock.pass_hours(24)
    offer(2, "listing:2")
    ask(client, "POST", f"{place}/claim", by=ANN)
    back = ask(client, "POST", f"{place}/verification", by=ANN, holds=False, what="the same cards under listing:2")
    assert back["verified_at"] is None
    assert "account:seller is not decided" in client.post(f"{place}/close", json={"by": ANN}).json()["detail"]
    take(client, ANN, "account:seller", "suspend", case_number=case["number"], typology="CARDS")
    assert sorted(carry_out(client)) == ["apply suspend account:seller", "apply take_down listing:2"]
    find(client, case["number"], ANN, "account:seller", "confirmed")
    clock.pass_hours(24)
    ask(client, "POST", f"{place}/claim", by=ANN)
    ask(client, "POST", f"{place}/verification", by=ANN, holds=True, what="nothing of theirs is listed")
    leave_open(client, place, ANN, *TELLING)
    assert ask(client, "POST", f"{place}/close", by=ANN)["state"] == "closed"


def test_a_compromised_account_is_given_back_to_its_owner(running: Running, clock: Clock) -> None:
    client = running.client
    case = suspect(client, clock, "account:owner", "report:1", typology="PHISH", role="compromised")["number"]
    place = find(client, case, ANN, "account:owner", "good")
    held = [take(client, ANN, "account:owner", kind, case_number=case) for kind in ("cool_off", "reverify")]
    carry_out(client)
    ask(client, "POST", f"{place}/lesson", by=ANN, kind="none", what="a leaked password")
    standing = client.post(f"{place}/close", json={"by": ANN}).json()["detail"]
    assert "`reverify` stands on account:owner, who was found to be good" in standing
    clock.pass_hours(12)
    end_what_is_over(running, clock)
    ask(client, "POST", f"/v1/measures/{held[1]}/lift", by=ANN, why="re-verified by face and document")
    assert sorted(carry_out(client)) == ["lift cool_off account:owner", "lift reverify account:owner"]
    ask(client, "POST", f"{place}/claim", by=ANN)
    leave_open(client, place, ANN, *TELLING)
    assert ask(client, "POST", f"{place}/close", by=ANN)["state"] == "closed"
    assert [each["state"] for each in measures(client, "account:owner")] == ["lifted", "lifted"]


def test_a_closing_upheld_on_appeal_goes_with_all_that_it_brought_about(running: Running) -> None:
    client = running.client
    closed = take(client, ANN, "account:shop", "close", BEN)
    goods = [take(client, ANN, f"listing:{number}", "take_down", parent=closed) for number in range(3)]
    link = take(client, ANN, "url:shop.example", "block_indicator", parent=goods[0])
    other = take(client, ANN, "listing:other", "take_down")
    carry_out(client)
    appeal = ask(
        client, "POST", "/v1/appeals", measure=closed, text="We are licensed.", channel="web", by="subject:account:shop"
    )
    again = ask(
        client, "POST", "/v1/appeals", measure=closed, text="Please hurry.", channel="web", by="subject:account:shop"
    )
    assert again["number"] == appeal["number"]
    ask(client, "POST", f"/v1/appeals/{appeal['number']}/decide", by=CAL, upheld=True, why="the licence is good")
    assert len(carry_out(client)) == 5
    for number in (closed, *goods, link):
        assert ask(client, "GET", f"/v1/measures/{number}")["state"] == "lifted"
    assert ask(client, "GET", f"/v1/measures/{other}")["state"] == "confirmed"
    with running.service.records.session() as session:
        assert known_of(session, ["account:shop"], running.clock()) == {"account:shop": "good"}


def block(running: Running, numbers: range, why: str) -> int:
    """Plans a list of the police and takes it, part by part."""
    wanted = [
        NewMeasure(subject=f"phone:{number}", kind=MeasureKind.BLOCK_INDICATOR, basis="CN-09", reason=why)
        for number in numbers
    ]
    stamp = Stamp(Actor(ActorKind.PERSON, "reviewer-1"), running.clock())
    with running.service.records.change() as session:
        plan = plan_batch(session, wanted, stamp, why)
    assert measures(running.client, f"phone:{numbers[-1]}") == [], "a dry run takes nothing"
    assert (plan.new + plan.known, plan.refused) == (len(wanted), ())
    place: int | None = 0
    while place is not None:
        with running.service.records.change() as session:
            place = apply_batch(session, plan.number, stamp, place)
    return plan.number


def test_a_police_list_of_phone_numbers_is_blocked_in_one_act_and_undone_as_one(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.measures.bulk.AT_ONCE", 10)
    client = running.client
    known = take(client, ANN, "phone:13800000007", "block_indicator")
    assert len(carry_out(client)) == 1
    batch = block(running, range(13_800_000_000, 13_800_000_025), "list 17 of the city's police")
    assert len(carry_out(client)) == 24
    with running.service.records.change() as session:
        undone = undo_batch(session, batch, Stamp(Actor(ActorKind.PERSON, "reviewer-2"), running.clock()))
    assert (undone.lifted, undone.kept) == (24, ())
    assert len(carry_out(client)) == 24
    assert ask(client, "GET", f"/v1/measures/{known}")["state"] == "confirmed"


def test_a_bulk_act_that_is_rolled_back_half_way_leaves_nothing(running: Running, clock: Clock) -> None:
    client = running.client
    batch = block(running, range(100, 110), "a wrong list")
    done = [each for each in ask(client, "POST", "/v1/instructions/pull") if each["subject"] < "phone:105"]
    for each in done:
        ask(client, "POST", f"/v1/instructions/{each['number']}/confirm")
    ask(client, "POST", f"/v1/measures/{done[0]['measure']['number']}/lift", by=ANN, why="known to be wrong")
    clock.pass_hours(23)
    stamp = Stamp(Actor(ActorKind.PERSON, "reviewer-2"), clock())
    with running.service.records.change() as session:
        undone = undo_batch(session, batch, stamp)
    assert undone.lifted == 9
    carry_out(client)
    states = {each["state"] for number in range(100, 110) for each in measures(client, f"phone:{number}")}
    assert states == {"lifted"}
    told = {"subjects": [{"subject": f"phone:{number}", "measures": []} for number in range(100, 110)]}
    assert client.post("/v1/measures/state", json=told).json()["differences"] == []


def test_a_platform_that_is_down_for_a_day_gets_everything_once_and_in_order_by_subject(
    running: Running, clock: Clock
) -> None:
    client = running.client
    with Receiver() as platform:
        platform.is_down = True
        ask(
            client,
            "POST",
            "/v1/endpoints",
            url=platform.url,
            internal=True,
            types=["measure.ordered", "measure.lifted"],
        )
        told: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for turn in range(3):
            for subject in ("account:a", "account:b"):
                number = take(client, ANN, subject, "limit", scope="call")
                told[subject].append(("measure.ordered", number))
                wait_until(lambda: platform.refused > 0, "an attempt")
                carry_out(client)
                ask(client, "POST", f"/v1/measures/{number}/lift", by=ANN, why=f"turn {turn}")
                carry_out(client)
                told[subject].append(("measure.lifted", number))
            clock.pass_hours(8)
        platform.is_down = False
        for _ in range(30):
            clock.pass_hours(1)
            if len(platform.told) == 12:
                break
            before = len(platform.told)
            wait_until(lambda before=before: len(platform.told) > before or len(platform.told) == 12, "the next")
        came: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for body in platform.told.values():
            came[body["data"]["subject"]].append((body["type"], body["data"]["measure"]))
        assert came == told
        assert set(platform.times.values()) == {1}


def test_a_reviewer_who_vanishes_in_mid_lease_loses_the_case_and_nothing_else(running: Running, clock: Clock) -> None:
    client = running.client
    case = suspect(client, clock, "account:a", "report:1")["number"]
    assert ask(client, "POST", "/v1/cases/claim", by=ANN, queues=["desk"])["cases"][0]["number"] == case
    find(client, case, ANN, "account:a", "unable")
    assert ask(client, "POST", "/v1/cases/claim", by=BEN, queues=["desk"])["cases"] == []
    clock.pass_hours(0.5)
    assert ask(client, "POST", "/v1/cases/claim", by=BEN, queues=["desk"])["cases"][0]["holder"] == BEN
    late = client.post(f"/v1/cases/{case}/lesson", json={"by": ANN, "kind": "none", "what": "nothing"})
    closing = client.post(f"/v1/cases/{case}/close", json={"by": ANN})
    assert (late.status_code, closing.status_code) == (200, 409)
    assert "not held by you" in closing.json()["detail"]
    assert ask(client, "POST", f"/v1/cases/{case}/close", by=BEN)["closed_by"] == BEN


def test_of_two_people_who_decide_at_once_one_is_told_so(running: Running) -> None:
    client = running.client
    answers: list[httpx.Response] = []
    for turn in range(5):
        answers.clear()
        measure = take(client, ANN, f"account:{turn}", "suspend")
        appeal = ask(
            client, "POST", "/v1/appeals", measure=measure, text="No.", channel="web", by=f"subject:account:{turn}"
        )
        begin = threading.Barrier(2)

        def decide(by: str, upheld: bool, place: str, begin: threading.Barrier = begin) -> None:
            told = {"by": by, "upheld": upheld, "why": "looked at", "redress": "the court"}
            begin.wait(10)
            answers.append(client.post(place, json=told))

        place = f"/v1/appeals/{appeal['number']}/decide"
        threads = [threading.Thread(target=decide, args=(by, by == CAL, place)) for by in (CAL, DAN)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert sorted(each.status_code for each in answers) == [200, 409]
        (first,) = [each.json() for each in answers if each.status_code == 200]
        now = ask(client, "GET", f"/v1/measures/{measure}")["state"]
        assert (first["decided_by"] == CAL) is (now != "ordered")


def test_a_statutory_clock_runs_over_the_chinese_new_year(tmp_path: Path) -> None:
    """Five working days from the Thursday before: Friday, the Saturday that is worked, then nine days that are not."""
    begun = int(datetime(2026, 2, 12, 2, tzinfo=UTC).timestamp()) * 1_000_000
    clock = Clock(begun)
    spec = StatutorySpec(duty=DutyId("CN-09"), name="", span=read_span("5 working days"))
    start = Start(at_us=begun, channel="registered post")
    with Running(tmp_path / "data", clock) as running:
        law = start_clock(spec, start, named_calendar("CN"), "case:1")
        assert isinstance(law, StatutoryClock)
        due = due_at(law, begun)
        assert datetime.fromtimestamp(due / 1e6, UTC).isoformat()[:16] == "2026-02-26T15:59"
        case = suspect(running.client, clock, "phone:13800000000", "request:17", source="request", due_at=iso(due))
    clock.pass_hours(9 * 24)
    with Running(tmp_path / "data", clock) as running:
        kept = running.client.get(f"/v1/cases/{case['number']}").json()["case"]
        assert kept["due_at"] == case["due_at"], "nothing moved while the house was closed"
        assert start_clock(spec, start, named_calendar("CN"), "case:1") == law, "and nothing is begun anew"
        assert 0 < left_us(law, clock()) < 6 * DAY
        place = find(running.client, case["number"], ANN, "phone:13800000000", "unable")
        sleeping = {"by": ANN, "why": "holiday", "until": iso(due + DAY)}
        assert running.client.post(f"{place}/snooze", json=sleeping).status_code == 409


def test_evidence_that_was_tampered_with_is_found_offline(tmp_path: Path) -> None:
    tocsin = str(Path(sys.executable).with_name("tocsin"))
    path, _ = make_bundle(tmp_path)
    sound = subprocess.run([tocsin, "evidence", "verify", str(path)], capture_output=True, text=True, check=False)
    assert sound.returncode == 0, sound.stderr
    content = bytearray(path.read_bytes())
    place = content.index(b"\x89PNG") + 40
    content[place] ^= 1
    path.write_bytes(content)
    broken = subprocess.run([tocsin, "evidence", "verify", str(path)], capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "NOT as it was" in broken.stdout


def test_a_rule_that_runs_into_its_hourly_limit_goes_on_by_hand(tmp_path: Path, clock: Clock) -> None:
    with Running(tmp_path / "data", clock, measures_per_hour=2) as running:
        client = running.client
        for turn in range(4):
            defraud(client, f"account:m{turn}", 100 * turn)
        wait_until(lambda: all(measures(client, f"account:m{turn}") for turn in range(4)), "the measures")
        found = [measures(client, f"account:m{turn}")[0] for turn in range(4)]
        assert [each["state"] == "proposed" for each in found] == [False, False, True, True]
        case = next(each for each in client.get("/v1/cases").json()["cases"] if each["subject"] == "account:m3")
        left = [each["about"] for each in client.get(f"/v1/cases/{case['number']}").json()["open"]]
        assert f"measure:{found[3]['number']}" in left, "what the rule might not do keeps the case open"
        ask(client, "POST", f"/v1/measures/{found[2]['number']}/order", by=ANN)
        ask(client, "POST", f"/v1/measures/{found[3]['number']}/decline", by=ANN, why="a shop's sale")
        assert len(carry_out(client)) == 3


def test_one_matter_that_is_reported_twice_is_one_case_that_owes_everybody_an_answer(
    running: Running, clock: Clock
) -> None:
    client = running.client
    first = suspect(client, clock, "account:a", "report:1", typology="INVEST", harm=100)
    second = suspect(client, clock, "account:a", "report:2", typology="INVEST", harm=90_000)
    twice = suspect(client, clock, "account:a", "report:2", typology="INVEST", harm=90_000)
    other = suspect(client, clock, "account:a", "report:3", typology="LOAN")
    assert first["number"] == second["number"] == twice["number"] != other["number"]
    assert second["harm"] == 90_000
    shown = client.get(f"/v1/cases/{first['number']}").json()
    assert [each["reference"] for each in shown["sources"]] == ["report:1", "report:2"]
    place = find(client, first["number"], ANN, "account:a", "unable")
    ask(client, "POST", f"{place}/lesson", by=ANN, kind="none", what="nothing was found")
    ask(client, "POST", f"{place}/close", by=ANN)
    later = suspect(client, clock, "account:a", "report:4", typology="INVEST")
    assert later["number"] not in {first["number"], other["number"]}, "what comes later is a new case"
