"""What was decided, what an entity is now, what stands on lists, which packs are loaded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.servers.tocsin import START_US, Running, transfer, wait_until

LIST = "/v1/lists/confirmed-fraud-payees"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("service")) as service:
        bad = {"entries": [{"value": "account:bad"}]}
        assert service.client.post(f"{LIST}/entries", json=bad).status_code == 200
        assert service.decide(transfer(0, payee="account:bad")).json()["outcome"] == "block"
        events = [transfer(number, payee=f"account:p{number % 3}", amount=number * 10_000) for number in range(1, 41)]
        assert service.client.post("/v1/events", json=events).json()["accepted"] == 40
        yield service


def search(running: Running, **wanted: Any) -> dict[str, Any]:
    answer = running.client.get("/v1/decisions", params=wanted)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["decisions"]]


def test_pages_are_newest_first_and_together_hold_everything_once(running: Running) -> None:
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = search(running, limit=7, **cursor)
        seen += ids(page)
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert seen == [f"t{number}" for number in range(40, -1, -1)]


def test_filters_narrow_a_search(running: Running) -> None:
    assert ids(search(running, entity="account:p1", limit=2)) == ["t40", "t37"]
    blocked = search(running, outcome="block", until="2026-01-15T12:00:10Z")["decisions"]
    assert [each["id"] for each in blocked] == ["t0"]
    rule = blocked[0]["decision"]["fired"][0]["rule"]
    assert ids(search(running, rule=rule, until="2026-01-15T12:00:10Z")) == ["t0"]
    assert ids(search(running, type="message.send")) == []
    since = START_US // 1_000_000 + 39
    assert ids(search(running, since=f"2026-01-15T12:00:{since % 60:02d}Z")) == ["t40", "t39"]


def test_a_search_that_looks_at_too_much_answers_with_a_place_to_go_on(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.history.history.LOOK_LIMIT", 15)
    page = search(running, entity="", type="message.send")
    assert (page["decisions"], page["cursor"]) == ([], "27")
    page = search(running, type="message.send", cursor="12")
    assert page["cursor"] is None


def test_an_entity_shows_what_the_next_event_would_read(running: Running) -> None:
    page = running.client.get("/v1/entities/account/p1").json()
    assert page["entity"] == "account:p1"
    received = page["features"]["payment.transfer payee"]
    assert received["payee_senders_24h"] == 5
    assert page["events"][0]["id"] == "t40"
    assert page["as_of"].startswith("2026-01-15T12:00:40")
    assert not any("pair" in name for name in received)
    assert running.client.get("/v1/entities/account/nobody").json()["events"] == []
    assert running.client.get(f"/v1/entities/account/{'x' * 600}").status_code == 422


def test_a_value_on_a_list_counts_from_the_next_event_on_until_it_is_taken_off(running: Running) -> None:
    def outcome(number: int) -> str:
        return str(running.decide(transfer(number, payee="account:listed", amount=5)).json()["outcome"])

    assert outcome(50) == "allow"
    added = running.client.post(f"{LIST}/entries", json={"entries": [{"value": "account:listed", "note": "case 7"}]})
    assert added.json() == {"changed": 1}
    assert running.client.post(
        f"{LIST}/entries", json={"entries": [{"value": "account:listed", "note": "case 7"}]}
    ).json() == {"changed": 0}
    assert outcome(51) == "block"
    values = {each["value"]: each for each in running.client.get(LIST).json()["values"]}
    assert values["account:listed"] == {"value": "account:listed", "expires_at": None, "from_pack": False}
    assert "confirmed-fraud-payees" in running.client.get("/v1/entities/account/listed").json()["lists"]
    assert running.client.delete(f"{LIST}/entries/account:listed").json() == {"changed": 1}
    assert running.client.delete(f"{LIST}/entries/account:listed").status_code == 404
    assert outcome(52) == "allow"


def test_entries_survive_a_restart_and_end_by_themselves(tmp_path: Path) -> None:
    with Running(tmp_path) as service:
        soon = datetime.now(UTC) + timedelta(seconds=1.2)
        entries = [{"value": "account:a"}, {"value": "account:b", "expires_at": soon.isoformat()}]
        assert service.client.post(f"{LIST}/entries", json={"entries": entries}).json() == {"changed": 2}
    with Running(tmp_path) as service:

        def values() -> list[str]:
            return [each["value"] for each in service.client.get(LIST).json()["values"] if not each["from_pack"]]

        assert "account:a" in values()
        wait_until(lambda: values() == ["account:a"], "the entry's end")


def test_a_wrong_entry_changes_nothing(running: Running) -> None:
    def put(*entries: dict[str, Any]) -> tuple[int, str]:
        answer = running.client.post(f"{LIST}/entries", json={"entries": list(entries)})
        return answer.status_code, answer.json()["code"]

    good = {"value": "account:good"}
    assert put(good, {"value": "device:x"}) == (422, "invalid")
    assert put(good, {"value": ""}) == (422, "invalid")
    assert put(good, {"value": "account:" + "x" * 600}) == (422, "invalid")
    assert put(good, {"value": "account:y", "expires_at": "2020-01-01T00:00:00Z"}) == (422, "invalid")
    assert put(good, {"value": "account:y", "expires_at": "2040-01-01T00:00:00"}) == (400, "bad_time")
    assert put(good, {"value": "account:y", "color": "red"})[0] == 400
    assert put(*[{"value": f"account:{number}"} for number in range(1_001)]) == (413, "too_large")
    assert all(
        each["value"] != "account:good" for each in running.client.get(LIST, params={"limit": 500}).json()["values"]
    )


def test_lists_are_paged_in_order(running: Running) -> None:
    entries = [{"value": f"account:z{number}"} for number in range(5)]
    running.client.post(f"{LIST}/entries", json={"entries": entries})
    first = running.client.get(LIST, params={"limit": 3, "after": "account:z"}).json()
    then = running.client.get(LIST, params={"limit": 3, "after": first["cursor"]}).json()
    assert [each["value"] for each in first["values"] + then["values"]] == [each["value"] for each in entries]
    assert then["cursor"] is None
    counts = {each["name"]: each["entries"] for each in running.client.get("/v1/lists").json()}
    assert counts["confirmed-fraud-payees"] >= 5


def test_packs_show_their_rules_in_both_languages(running: Running) -> None:
    packs = {pack["id"]: pack for pack in running.client.get("/v1/packs").json()}
    assert packs["payments"]["hash"].isalnum()
    shown = running.client.get("/v1/packs/payments").json()
    assert len(shown["rules"]) == packs["payments"]["rules"] > 5
    assert all(rule["because"]["en"] and rule["because"]["zh"] for rule in shown["rules"])


def test_metrics_tell_what_happened(running: Running) -> None:
    text = running.client.get("/metrics").text
    for name in (
        "tocsin_decisions_total{outcome=",
        "tocsin_rules_fired_total{rule=",
        "tocsin_decision_seconds_bucket{le=",
        "tocsin_late_events_total",
        "tocsin_journal_last_seq",
        "tocsin_state_bytes",
        'tocsin_http_requests_total{route="/v1/events",status="200"}',
    ):
        assert name in text, name
