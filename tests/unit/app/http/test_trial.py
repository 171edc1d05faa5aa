"""Test values give a known outcome, and a test key reaches nothing else."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.live import LiveService
from tocsin.app.access.key import NewKey, Scope, make_key, rotate_key
from tocsin.app.storage.records import Records
from tocsin.model.errors import KeyWrong
from tocsin.model.outcome import OUTCOMES

EVENT = {
    "type": "payment.transfer",
    "time": "2026-01-15T12:00:00Z",
    "sender": "account:1",
    "payee": "account:2",
    "amount": 5,
}


@pytest.fixture
def trial(live_service: LiveService) -> Iterator[httpx.Client]:
    with caller(live_service, live_service.test_key) as client:
        yield client


@pytest.fixture
def live(live_service: LiveService) -> Iterator[httpx.Client]:
    with caller(live_service, live_service.key) as client:
        yield client


def caller(service: LiveService, key: str) -> httpx.Client:
    return httpx.Client(base_url=service.url, headers={"authorization": f"Bearer {key}"}, trust_env=False, timeout=30)


def event(number: str, **given: Any) -> dict[str, Any]:
    return {**EVENT, "id": number, **given}


@pytest.mark.parametrize("outcome", [str(each) for each in OUTCOMES])
def test_a_test_value_gives_its_outcome(trial: httpx.Client, outcome: str) -> None:
    answer = trial.post("/v1/decisions", json=event("a", payee=f"account:test-{outcome}"))
    assert answer.status_code == 200
    decision = answer.json()
    assert (decision["outcome"], decision["test"], decision["event_id"]) == (outcome, True, "a")
    assert decision["fired"] == [{"rule": "test-value", "values": {"entity": f"account:test-{outcome}"}}]
    assert {"core", "payments"} <= set(decision["packs"])


def test_without_a_test_value_the_outcome_is_allow_and_no_rule_fired(trial: httpx.Client) -> None:
    decision = trial.post("/v1/decisions", json=event("a", payee="account:test-nonsense", amount=10**9)).json()
    assert (decision["outcome"], decision["fired"], decision["test"]) == ("allow", [], True)


def test_the_first_entity_in_the_order_of_the_type_counts(trial: httpx.Client) -> None:
    asked = event("a", device="device:test-block", payee="account:test-warn", sender="account:test-hold")
    assert trial.post("/v1/decisions", json=asked).json()["outcome"] == "hold"


def test_a_wrong_event_is_refused_as_a_live_one_is(trial: httpx.Client, live: httpx.Client) -> None:
    for wrong in (
        {"amount": "x"},
        {"sender": None},
        {"type": "payment.transfr"},
        {"time": "soon"},
        {"payee": "test-block"},
    ):
        answers = [client.post("/v1/decisions", json=event("wrong", **wrong)) for client in (trial, live)]
        told = [(each.status_code, each.json()["code"], each.json().get("field")) for each in answers]
        assert told[0] == told[1]
        assert told[0][0] in {400, 422}


def test_the_same_event_gets_the_same_bytes(trial: httpx.Client) -> None:
    asked = event("again", payee="account:test-challenge")
    assert trial.post("/v1/decisions", json=asked).content == trial.post("/v1/decisions", json=asked).content


@pytest.mark.parametrize(
    ("value", "status", "code"), [("test-unready", 503, "not_ready"), ("test-overloaded", 429, "rate")]
)
def test_refusals_can_be_asked_for(trial: httpx.Client, value: str, status: int, code: str) -> None:
    for path, body in (
        ("/v1/decisions", event("a", payee=f"account:{value}")),
        ("/v1/events", [event("a", payee=f"account:{value}")]),
    ):
        answer = trial.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert int(answer.headers["retry-after"]) >= 1


def test_a_slow_answer_can_be_asked_for(trial: httpx.Client) -> None:
    began = time.monotonic()
    assert trial.post("/v1/decisions", json=event("a", payee="account:test-slow")).json()["outcome"] == "allow"
    assert time.monotonic() - began >= 2


def test_a_batch_is_answered_event_by_event(trial: httpx.Client) -> None:
    batch = [event("a", payee="account:test-block"), event("b", amount="x"), event("c")]
    answer = trial.post("/v1/events?decisions=true", json=batch).json()
    assert (answer["accepted"], answer["duplicates"], [each["index"] for each in answer["rejected"]]) == (2, 0, [1])
    assert [each and each["outcome"] for each in answer["decisions"]] == ["block", None, "allow"]


def test_nothing_of_a_test_is_kept(trial: httpx.Client, live: httpx.Client) -> None:
    before = live.get("/metrics").text
    for number in range(5):
        assert trial.post("/v1/decisions", json=event(f"kept{number}", sender="account:tried")).status_code == 200
        assert trial.post("/v1/events", json=[event(f"kept{number}", sender="account:tried")]).status_code == 200
    assert live.get("/v1/decisions/kept0").status_code == 404
    assert live.get("/v1/decisions", params={"entity": "account:tried"}).json()["decisions"] == []
    after = live.get("/metrics").text
    for name in (
        "tocsin_journal_last_seq",
        "tocsin_state_entries",
        "tocsin_decisions_total",
        "tocsin_duplicates_total",
    ):
        assert lines(before, name) == lines(after, name)
    first = live.post("/v1/decisions", json=event("kept0", sender="account:tried"))
    assert "tocsin-duplicate" not in first.headers
    assert "test" not in first.json()


def lines(metrics: str, name: str) -> list[str]:
    return [line for line in metrics.splitlines() if line.startswith(name)]


def test_a_live_key_never_reacts_to_test_values(live: httpx.Client) -> None:
    for number, value in enumerate(("block", "unready", "overloaded", "slow")):
        decision = live.post("/v1/decisions", json=event(f"live{number}", payee=f"account:test-{value}"))
        assert (decision.status_code, decision.json()["outcome"]) == (200, "allow")
        assert "test" not in decision.json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/decisions"),
        ("GET", "/v1/decisions/a"),
        ("GET", "/v1/entities/account/1"),
        ("GET", "/v1/lists"),
        ("POST", "/v1/lists/trusted-payees/entries"),
        ("DELETE", "/v1/lists/trusted-payees/entries/account:1"),
        ("GET", "/v1/packs"),
        ("GET", "/v1/openapi.json"),
        ("GET", "/metrics"),
        ("PUT", "/v1/decisions/a"),
        ("GET", "/v1/events"),
    ],
)
def test_a_test_key_neither_reads_nor_changes_anything(trial: httpx.Client, method: str, path: str) -> None:
    assert trial.request(method, path, json={} if method == "POST" else None).status_code == 403


def test_a_test_key_shows_what_it_is_and_has_no_other_scope(tmp_path: Path) -> None:
    records = Records(tmp_path)
    with records.session() as session:
        made, clear = make_key(session, NewKey(name="t", scopes=(Scope.TEST,)), 1)
        assert clear.startswith("tocsintest_")
        session.flush()
        assert rotate_key(session, made.id, 5, 2)[1].startswith("tocsintest_")
        assert make_key(session, NewKey(name="l", scopes=(Scope.DECIDE,)), 1)[1].startswith("tocsin_")
        with pytest.raises(KeyWrong, match="no other scope"):
            make_key(session, NewKey(name="both", scopes=(Scope.TEST, Scope.READ)), 1)
    records.close()
