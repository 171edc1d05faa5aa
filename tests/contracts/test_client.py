"""What both clients promise: the same behaviour, on a thread and on a loop."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.servers.live import LiveService, free_port, wait_until
from tests.servers.scripted import Act, Scripted, answers, cuts, decides, drips, hangs, problem
from tocsin.client.client import AsyncClient, Client
from tocsin.client.decision import Decision
from tocsin.client.errors import (
    CircuitOpen,
    EventNotWritable,
    EventRejected,
    KeyRefused,
    NotUnderstood,
    Overloaded,
    Refused,
    TimedOut,
    TocsinClientError,
    Unanswered,
    Unreachable,
    Unready,
)
from tocsin.client.options import Options
from tocsin.client.stats import Stats
from tocsin.ingest.reader import SIZE_LIMIT

EVENT = {"type": "payment.transfer", "sender": "account:1", "payee": "account:2", "amount": 5}
KEY = "tocsin_0123_secret"
PATIENT_S = 10.0
SLACK_S = 0.3
"""What a busy machine may add to a wait."""


class Asked:
    """Either client, as one that waits."""

    def __init__(self, kind: str, url: str, key: str = KEY, **given: Any) -> None:
        self.kind = kind
        self.client: Client | AsyncClient
        if kind == "sync":
            self.client = Client(url, key, **given)
        else:
            self.runner = asyncio.Runner()
            self.client = AsyncClient(url, key, **given)

    def decide(self, event: Any, **given: Any) -> Decision:
        return self._wait(lambda: self.client.decide(event, **given))

    def send(self, event: Any) -> bool:
        return self.client.send(event)

    def flush(self, timeout_s: float = PATIENT_S) -> bool:
        return self._wait(lambda: self.client.flush(timeout_s))

    def check(self) -> None:
        self._wait(lambda: self.client.check(PATIENT_S))

    def close(self, timeout_s: float = PATIENT_S) -> bool:
        return self._wait(lambda: self.client.close(timeout_s))

    @property
    def stats(self) -> Stats:
        return self.client.stats

    def _wait(self, work: Callable[[], Any]) -> Any:
        if self.kind == "sync":
            return work()

        async def run() -> Any:
            return await work()

        return self.runner.run(run())


Make = Callable[..., Asked]


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[Asked] = []

    def make_client(url: str, **given: Any) -> Asked:
        made.append(Asked(request.param, url, **{"timeout_s": PATIENT_S, **given}))
        return made[-1]

    yield make_client
    for asked in made:
        asked.close(0.01)
        if asked.kind == "async":
            asked.runner.close()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def test_a_decision_comes_with_all_that_the_service_said(make: Make) -> None:
    fired = [{"rule": "r", "values": {"amount": 5, "names": ["a"], "x": None}, "lane": "forced", "new": 1}]
    with Scripted(decides("hold", fired=fired, packs={"p": "h"}, a_new_field={"x": 1}, test=True)) as server:
        decision = make(server.url).decide({**EVENT, "id": "e-1"})
    assert (decision.event_id, decision.outcome, decision.score, decision.test) == ("e-1", "hold", 1.0, True)
    assert decision.fired[0].values == {"amount": 5, "names": ["a"], "x": None}
    assert (decision.fallback, decision.passes, decision.request_id) == (False, False, "r-1")
    assert server.got[0].headers["authorization"] == f"Bearer {KEY}"


def test_an_event_without_id_and_time_gets_both_and_others_are_left_alone(make: Make) -> None:
    with Scripted() as server:
        asked = make(server.url)
        first, second = asked.decide(EVENT), asked.decide({**EVENT, "id": "mine", "time": "2026-01-15T12:00:00Z"})
        asked.decide({**EVENT, "id": "", "time": None})
    made, own, blank = server.events
    assert (made["id"], own["id"]) == (first.event_id, "mine")
    assert second.event_id == "mine"
    assert len({made["id"], blank["id"]}) == 2
    assert abs(datetime.fromisoformat(made["time"]).timestamp() - time.time()) < 60
    assert own["time"] == "2026-01-15T12:00:00Z"
    assert blank["time"] is not None
    assert "id" not in EVENT


def test_decimals_reach_the_service_exactly(make: Make) -> None:
    with Scripted() as server:
        make(server.url).decide({**EVENT, "amount": Decimal("12345678901234.5678")})
    assert b'"amount":12345678901234.5678' in server.got[0].body


@pytest.mark.parametrize(
    "first",
    [
        cuts,
        problem(503, "not_ready"),
        problem(500, "internal"),
        problem(429, "rate"),
        answers(502, b"<html>"),
        answers(200, b"{"),
    ],
    ids=["cut", "503", "500", "429", "502", "no decision"],
)
def test_a_failed_try_is_made_again_with_the_same_bytes(make: Make, first: Act) -> None:
    with Scripted(first, decides("warn")) as server:
        decision = make(server.url).decide(EVENT)
    assert (decision.outcome, decision.fallback) == ("warn", False)
    assert len(server.got) == 2
    assert server.got[0].body == server.got[1].body


def test_a_try_that_hangs_is_given_up_in_time_for_another(make: Make) -> None:
    with Scripted(hangs, decides("warn")) as server:
        spent, decision = timed(lambda: make(server.url, timeout_s=1.5).decide(EVENT))
    assert (decision.outcome, decision.fallback) == ("warn", False)
    assert 0.7 < spent < 1.5


def test_retry_after_is_honoured(make: Make) -> None:
    with Scripted(problem(429, "rate", retry_after="1"), decides("warn")) as server:
        spent, decision = timed(lambda: make(server.url).decide(EVENT))
        assert decision.outcome == "warn"
        assert spent >= 1.0
    with Scripted(otherwise=problem(503, "not_ready", retry_after="2")) as server:
        spent, decision = timed(lambda: make(server.url, timeout_s=1.0).decide(EVENT))
        assert (decision.fallback, decision.cause) == (True, "not_ready")
        assert spent < 0.5, "there was no time for what it asked, so that waiting was in vain"
        assert len(server.got) == 1


@pytest.mark.parametrize("act", [hangs, drips(0.02)], ids=["hangs", "drips"])
def test_a_call_never_takes_longer_than_its_budget(make: Make, act: Act) -> None:
    with Scripted(otherwise=act) as server:
        asked = make(server.url, timeout_s=0.3)
        spent, decision = timed(lambda: asked.decide(EVENT))
        assert (decision.outcome, decision.fallback, decision.cause) == ("allow", True, "timeout")
        assert 0.2 < spent < 0.3 + SLACK_S
        spent, decision = timed(lambda: asked.decide(EVENT, timeout_s=0.05))
        assert decision.fallback
        assert spent < 0.05 + SLACK_S


CAUSES: list[tuple[Act, str, type[TocsinClientError]]] = [
    (cuts, "unreachable", Unreachable),
    (hangs, "timeout", TimedOut),
    (problem(503, "storage_full", retry_after="30"), "storage_full", Unready),
    (problem(429, "rate", retry_after="30"), "rate", Overloaded),
    (answers(502, b"<html>bad gateway"), "http_502", Unready),
    (answers(404, b"nothing here"), "http_404", NotUnderstood),
    (answers(302, b"", location="http://127.0.0.1:1/"), "http_302", NotUnderstood),
    (answers(200, {"event_id": "another", "outcome": "allow"}), "not_understood", NotUnderstood),
    (answers(200, {"event_id": "e", "outcome": "explode"}), "not_understood", NotUnderstood),
    (answers(200, b" " * (5 << 20)), "unreachable", Unreachable),
]


@pytest.mark.parametrize(
    ("act", "cause", "kind"), CAUSES, ids=[f"{cause}-{number}" for number, (_, cause, _) in enumerate(CAUSES)]
)
def test_no_answer_becomes_the_chosen_outcome_with_its_cause_or_is_raised(
    make: Make, act: Act, cause: str, kind: type[TocsinClientError]
) -> None:
    options = Options(open_after=100)
    with Scripted(otherwise=act) as server:
        policy = {"payment.transfer": "challenge", "message.send": "raise"}
        timeout_s = 0.2 if act is hangs else PATIENT_S
        asked = make(server.url, timeout_s=timeout_s, on_failure=policy, options=options)
        decision = asked.decide({**EVENT, "id": "e"})
        assert (decision.outcome, decision.fallback, decision.cause, decision.event_id) == (
            "challenge",
            True,
            cause,
            "e",
        )
        with pytest.raises(kind) as raised:
            asked.decide({**EVENT, "id": "e", "type": "message.send"})
        assert raised.value.code == cause
        assert isinstance(raised.value, Unanswered)
        assert asked.decide({**EVENT, "id": "e", "type": "account.login"}).outcome == "allow"
        assert asked.stats.causes[cause] == 3


@pytest.mark.parametrize(
    ("act", "code", "field", "kind"),
    [
        (problem(422, "wrong_type", "amount"), "wrong_type", "amount", EventRejected),
        (problem(400, "malformed"), "malformed", "", EventRejected),
        (problem(413, "too_large"), "too_large", "", EventRejected),
        (problem(401, "no_key"), "no_key", "", KeyRefused),
        (problem(403, "no_scope"), "no_scope", "", KeyRefused),
    ],
)
def test_what_is_refused_is_not_tried_again_and_is_told_to_the_developer(
    make: Make, caplog: pytest.LogCaptureFixture, act: Act, code: str, field: str, kind: type[TocsinClientError]
) -> None:
    with Scripted(otherwise=act) as server:
        policy: Any = {"payment.transfer": "block", "*": "raise"}
        others: Any = {"payment.transfer": "hold", "*": "raise"}
        asked = make(server.url, on_failure=others, options=Options(on_rejected=policy))
        for _ in range(10):
            decision = asked.decide({**EVENT, "sender": "account:secret"})
        outcome = "hold" if kind is KeyRefused else "block"
        assert (decision.outcome, decision.fallback, decision.cause, decision.field) == (outcome, True, code, field)
        assert (decision.detail, decision.request_id) == ("told", "r-9")
        assert len(server.got) == 10
        assert asked.stats.breaker == "closed"
        assert asked.stats.rejected == 10
        told = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        assert len(told) == 1
        assert code in told[0]
        assert "secret" not in caplog.text
        with pytest.raises(kind, match="told"):
            asked.decide({**EVENT, "type": "message.send"})
        assert issubclass(kind, Refused)


class Strange:
    """Nothing that JSON knows."""


CYCLE: dict[str, Any] = {}
CYCLE["again"] = CYCLE
UNWRITABLE: list[tuple[Any, str]] = [
    ({**EVENT, "amount": Strange()}, "amount"),
    ({**EVENT, "amount": CYCLE}, "amount"),
    ({**EVENT, "amount": float("nan")}, "amount"),
    ({**EVENT, "amount": float("-inf")}, "amount"),
    ({**EVENT, "payee": "account:\ud800"}, "payee"),
    ({**EVENT, (5,): 1}, ""),
    ({**EVENT, "purpose": "x" * SIZE_LIMIT}, ""),
    ({**EVENT, "id": ["no"], "amount": Strange()}, "amount"),
    ("not an event", ""),
    (None, ""),
    ([EVENT], ""),
]


@pytest.mark.parametrize(("event", "field"), UNWRITABLE, ids=range(len(UNWRITABLE)))
def test_what_cannot_be_json_is_an_error_for_the_developer_and_never_one_of_the_host(
    make: Make, event: Any, field: str
) -> None:
    with Scripted() as server:
        asked = make(server.url)
        decision = asked.decide(event)
        assert (decision.outcome, decision.field, decision.fallback) == ("allow", field, True)
        assert decision.cause in {"not_writable", "too_large"}
        assert asked.send(event) is False
        strict = make(server.url, options=Options(on_rejected="raise"))
        with pytest.raises(EventNotWritable):
            strict.decide(event)
        with pytest.raises(EventNotWritable):
            strict.send(event)
        assert server.got == []


def test_when_the_service_is_down_ten_thousand_calls_cost_next_to_nothing(make: Make) -> None:
    asked = make(f"http://127.0.0.1:{free_port()}", timeout_s=0.25, options=Options(open_s=30))
    while asked.stats.breaker == "closed":
        assert asked.decide(EVENT).fallback
    assert asked.stats.failed <= 5
    threads = threading.active_count()
    spent, last = timed(
        lambda: [asked.client.decide(EVENT) for _ in range(10_000)][-1] if asked.kind == "sync" else ten_thousand(asked)
    )
    assert (last.cause, last.outcome) == ("circuit_open", "allow")
    assert spent < 1.0
    assert asked.stats.failed <= 5
    assert threading.active_count() <= threads


def ten_thousand(asked: Asked) -> Decision:
    async def run() -> Decision:
        assert isinstance(asked.client, AsyncClient)
        for _ in range(9_999):
            await asked.client.decide(EVENT)
        return await asked.client.decide(EVENT)

    return asked.runner.run(run())


def test_an_open_breaker_raises_where_that_was_chosen(make: Make) -> None:
    asked = make(f"http://127.0.0.1:{free_port()}", on_failure="raise", options=Options(open_s=30))
    for _ in range(3):
        with pytest.raises(Unanswered):
            asked.decide(EVENT)
    with pytest.raises(CircuitOpen):
        asked.decide(EVENT)


def test_the_breaker_finds_out_in_the_background_that_the_service_is_back(make: Make) -> None:
    port = free_port()
    asked = make(f"http://127.0.0.1:{port}", timeout_s=1.0, options=Options(open_s=0.02, open_longest_s=0.05))
    while asked.stats.breaker == "closed":
        asked.decide(EVENT)
    with Scripted(port=port) as server:
        spent: list[float] = []

        def is_back() -> bool:
            took, decision = timed(lambda: asked.decide(EVENT))
            spent.append(took)
            return not decision.fallback

        wait_until(is_back, "a decision")
        assert asked.stats.breaker == "closed"
        assert [got.method for got in server.got][:1] == ["GET"], "it looks whether there is anybody before it tries"
        assert sorted(spent)[len(spent) * 9 // 10 - 1] < 0.1, "nobody waited for that"


def test_a_service_that_hangs_is_soon_asked_no_more(make: Make) -> None:
    with Scripted(otherwise=hangs) as server:
        asked = make(server.url, timeout_s=0.05, options=Options(open_after=3, open_s=30))
        for _ in range(20):
            assert asked.decide(EVENT).fallback
        assert len(server.got) <= 4
        assert asked.stats.breaker == "open"


def test_events_that_need_no_answer_go_out_in_packed_batches(make: Make) -> None:
    with Scripted() as server:
        asked = make(server.url, options=Options(batch_events=100, batch_s=30))
        for number in range(250):
            assert asked.send({**EVENT, "id": f"e{number}"})
        assert asked.flush()
        stats = asked.stats
    assert [each["id"] for each in server.events] == [f"e{number}" for number in range(250)]
    assert [len(got.json) for got in server.got] == [100, 100, 50]
    assert all(got.path == "/v1/events" and got.headers["content-encoding"] == "gzip" for got in server.got)
    assert (stats.sent, stats.waiting, stats.dropped) == (250, 0, 0)


def test_a_batch_that_is_not_full_goes_out_when_its_time_has_come(make: Make) -> None:
    with Scripted() as server:
        asked = make(server.url, options=Options(batch_s=0.05))
        asked.send(EVENT)
        wait_until(lambda: server.events, "the event")


def test_a_batch_is_sent_until_it_arrives(make: Make) -> None:
    with Scripted(cuts, problem(503, "not_ready"), problem(429, "rate", retry_after="1")) as server:
        asked = make(server.url)
        asked.send({**EVENT, "id": "e"})
        began = time.monotonic()
        while not asked.flush(0.05):
            assert time.monotonic() - began < PATIENT_S
        assert [each["id"] for each in server.events] == ["e"] * 4
        assert (asked.stats.sent, asked.stats.failed) == (1, 3)


def test_when_the_outbox_is_full_the_oldest_goes_and_is_counted(make: Make) -> None:
    port = free_port()
    asked = make(f"http://127.0.0.1:{port}", options=Options(queue_events=50, batch_events=10, batch_s=30))
    for number in range(200):
        assert asked.send({**EVENT, "id": f"e{number}"})
    stats = asked.stats
    assert stats.waiting <= 50 + 10
    assert stats.waiting + stats.dropped == 200
    with Scripted(port=port) as server:
        wait_until(lambda: asked.flush(1), "the batches")
        arrived = [each["id"] for each in server.events]
    assert arrived[-50:] == [f"e{number}" for number in range(150, 200)]
    assert asked.stats.sent + asked.stats.dropped == 200


def test_what_waits_is_bounded_in_bytes_too(make: Make) -> None:
    asked = make(f"http://127.0.0.1:{free_port()}", options=Options(queue_bytes=100_000, batch_events=1000, batch_s=30))
    for _ in range(30):
        asked.send({**EVENT, "purpose": "x" * 10_000})
    assert 5 <= asked.stats.waiting <= 10
    assert asked.stats.dropped + asked.stats.waiting == 30


def test_events_that_the_service_rejects_are_counted_and_told(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    receipt = {
        "accepted": 1,
        "duplicates": 0,
        "rejected": [{"index": 1, "code": "wrong_type", "field": "amount", "detail": "d"}],
    }
    with Scripted(answers(200, receipt)) as server:
        asked = make(server.url)
        asked.send(EVENT)
        asked.send({**EVENT, "amount": "x"})
        assert asked.flush()
        assert (asked.stats.sent, asked.stats.rejected) == (1, 1)
    assert "wrong_type" in caplog.text


def test_a_batch_that_a_proxy_finds_too_large_goes_in_halves(make: Make) -> None:
    with Scripted(answers(413, b"<html>too large")) as server:
        asked = make(server.url, options=Options(batch_events=8, batch_s=30))
        for number in range(8):
            asked.send({**EVENT, "id": f"e{number}"})
        assert asked.flush()
        assert [len(got.json) for got in server.got] == [8, 4, 4]
        assert (asked.stats.sent, asked.stats.rejected) == (8, 0)


def test_closing_sends_what_waits_and_is_not_held_up(make: Make) -> None:
    with Scripted() as server:
        asked = make(server.url, options=Options(batch_s=30))
        asked.send({**EVENT, "id": "last"})
        assert asked.close() is True
        assert [each["id"] for each in server.events] == ["last"]
        asked.send({**EVENT, "id": "after"})
        assert asked.flush(), "a client that is used again opens anew"
    lost = make(f"http://127.0.0.1:{free_port()}", options=Options(batch_s=30))
    lost.send(EVENT)
    spent, done = timed(lambda: lost.close(0.3))
    assert done is False
    assert spent < 1.0
    wait_until(lambda: lost.stats.dropped == 1, "the count of what was lost")


def test_check_says_at_the_start_what_is_wrong(make: Make) -> None:
    with Scripted(decides(), problem(401, "no_key")) as server:
        asked = make(server.url)
        asked.check()
        with pytest.raises(KeyRefused):
            asked.check()
    with pytest.raises(Unreachable):
        make(f"http://127.0.0.1:{free_port()}").check()


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://x"},
        {"url": "not an address"},
        {"url": "http://user:password@x"},
        {"key": ""},
        {"key": "two words"},
        {"key": "schlüssel"},
        {"timeout_s": 0},
        {"on_failure": "ignore"},
        {"on_failure": {"payment.transfer": "Allow"}},
        {"options": Options(batch_events=1_001)},
        {"options": Options(tries=0)},
        {"options": Options(on_rejected="maybe")},  # type: ignore[arg-type]
    ],
    ids=range(12),
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_wrong_settings_are_told_when_the_client_is_made(kind: Any, wrong: dict[str, Any]) -> None:
    given = {"url": "http://127.0.0.1:1", "key": KEY, **wrong}
    url, key = given.pop("url"), given.pop("key")
    with pytest.raises(ValueError, match=r".+") as raised:
        kind(url, key, **given)
    assert "two words" not in str(raised.value)
    assert "schlüssel" not in str(raised.value)


def test_the_key_is_in_no_text_of_the_client(make: Make) -> None:
    with Scripted() as server:
        asked = make(server.url)
        assert KEY not in repr(asked.client)
        assert "127.0.0.1" in repr(asked.client)


def test_another_transport_may_be_brought(make: Make) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/gate/v1/events":
            return httpx.Response(200, json={"accepted": 1})
        return httpx.Response(200, json={"event_id": "e", "outcome": "warn"})

    def transport() -> httpx.MockTransport:
        return httpx.MockTransport(answer)

    asked = make("http://tocsin.invalid/gate/", options=Options(transport=transport, async_transport=transport))
    assert asked.decide({**EVENT, "id": "e"}).outcome == "warn"
    asked.send(EVENT)
    assert asked.flush()


def slowly(connection: Any, got: Any, ends: threading.Event) -> bool:
    ends.wait(0.02)
    return decides()(connection, got, ends)


@pytest.mark.parametrize("timeout_s", [PATIENT_S, 0.03])
def test_many_callers_share_a_bounded_number_of_connections(make: Make, timeout_s: float) -> None:
    with Scripted(otherwise=slowly) as server:
        asked = make(server.url, timeout_s=timeout_s, options=Options(connections=3, tries=1, open_after=1_000))
        spent, found = timed(lambda: all_at_once(asked, 30))
        if timeout_s == PATIENT_S:
            assert server.connections == 3
            assert {decision.cause for decision in found} == {""}
        else:
            assert {decision.cause for decision in found} <= {"", "timeout"}
            assert spent < timeout_s + SLACK_S


def all_at_once(asked: Asked, callers: int) -> list[Decision]:
    found: list[Decision] = []
    if asked.kind == "sync":
        threads = [threading.Thread(target=lambda: found.append(asked.decide(EVENT))) for _ in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    async def run() -> list[Decision]:
        assert isinstance(asked.client, AsyncClient)
        return await asyncio.gather(*(asked.client.decide(EVENT) for _ in range(callers)))

    return asked.runner.run(run())


def test_whatever_a_transport_raises_becomes_a_fallback(make: Make) -> None:
    def break_down(request: httpx.Request) -> httpx.Response:
        raise KeyError("a fault in somebody's transport")

    def transport() -> httpx.MockTransport:
        return httpx.MockTransport(break_down)

    asked = make(
        "http://tocsin.invalid", timeout_s=0.1, options=Options(transport=transport, async_transport=transport)
    )
    assert asked.decide(EVENT).cause == "unreachable"


def test_with_a_real_service_an_event_counts_once_whoever_asks_again(make: Make, live_service: LiveService) -> None:
    options = Options(batch_s=30)
    asked = make(live_service.url, key=live_service.key, options=options)
    asked.check()
    number = f"live-{asked.kind}-{time.time_ns()}"
    event = {**EVENT, "id": number, "time": "2026-01-15T12:00:00Z", "amount": Decimal("12.5")}
    first, second = asked.decide(event), asked.decide(event)
    assert (first.fallback, first.duplicate, second.duplicate) == (False, False, True)
    assert (first.outcome, first.packs, first.took_us) == (second.outcome, second.packs, second.took_us)
    assert first.request_id != second.request_id
    asked.send(event)
    asked.send({**event, "id": f"{number}-sent"})
    assert asked.flush()
    assert asked.stats.sent == 2
    kept = httpx.get(
        f"{live_service.url}/v1/decisions/{number}-sent",
        headers={"authorization": f"Bearer {live_service.key}"},
        trust_env=False,
    )
    assert kept.json()["event"]["sender"] == "account:1"
    with pytest.raises(KeyRefused):
        make(live_service.url).check()
