"""Decisions over HTTP: durable, once for each event, and every mistake told as what it is."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.tocsin import Running, new_key, transfer, wait_until
from tocsin.app.access.key import Scope, revoke_key


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("service")) as service:
        yield service


def post(running: Running, body: bytes, path: str = "/v1/decisions", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return running.client.post(path, content=body, headers={"content-type": "application/json", **named})


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, told["code"], told.get("field", "")


def test_a_decision_is_in_the_journal_before_it_is_answered(running: Running) -> None:
    answer = running.decide(transfer(1))
    assert answer.status_code == 200
    kept = running.service.history.journal
    assert [entry.id for entry in kept.read() if entry.id == "t1"] == ["t1"]
    found = running.client.get("/v1/decisions/t1").json()
    assert found["decision"] == answer.json()
    assert found["event"] == transfer(1)


def test_the_same_event_id_gets_the_same_answer_and_is_not_counted_twice(running: Running) -> None:
    sent = [running.decide(transfer(10 + number, payee="account:once")) for number in range(2)]
    again = running.decide(transfer(10, payee="account:once", amount=999_999))
    assert again.content == sent[0].content
    assert again.headers["tocsin-duplicate"] == "true"
    assert "tocsin-duplicate" not in sent[0].headers
    page = running.client.get("/v1/entities/account/once").json()
    assert page["features"]["payment.transfer payee"]["payee_received_1h"] == 221
    assert [event["id"] for event in page["events"]] == ["t11", "t10"]


def test_an_idempotency_key_with_another_body_is_refused(running: Running) -> None:
    first = running.decide(transfer(20), **{"idempotency-key": "k1"})
    assert running.decide(transfer(20), **{"idempotency-key": "k1"}).content == first.content
    assert problem(running.decide(transfer(21), **{"idempotency-key": "k1"})) == (422, "key_reused", "")
    assert running.client.get("/v1/decisions/t21").status_code == 404


def test_an_idempotency_key_belongs_to_its_caller(running: Running) -> None:
    other = {"authorization": f"Bearer {new_key(running.service.records, Scope.DECIDE)}", "idempotency-key": "mine"}
    assert running.decide(transfer(22), **{"idempotency-key": "mine"}).status_code == 200
    assert running.decide(transfer(23), **other).status_code == 200


def test_ids_and_keys_hold_across_a_restart(tmp_path: Path) -> None:
    with Running(tmp_path) as service:
        sent = {"authorization": f"Bearer {service.key}", "idempotency-key": "k"}
        first = service.decide(transfer(1), **sent)
        service.decide(transfer(2))
    with Running(tmp_path) as service:
        again = service.decide(transfer(1), **sent)
        assert again.content == first.content
        assert again.headers["tocsin-duplicate"] == "true"
        assert problem(service.decide(transfer(3), **sent)) == (422, "key_reused", "")
        assert service.service.history.journal.last_seq == 2
        third = service.decide(transfer(3)).json()
        assert third["features"]["payee_senders_24h"] == 2


BAD = [
    ("no json", b"{", 400, "malformed", ""),
    ("nothing", b"", 400, "malformed", ""),
    ("a list", b"[]", 400, "malformed", ""),
    ("bad utf-8", b'{"id": "\xff"}', 400, "malformed", ""),
    ("too deep", b'{"id":' + b"[" * 40 + b"]" * 40 + b"}", 400, "too_deep", ""),
    ("unknown type", json.dumps(transfer(30, type="payment.transfr")).encode(), 422, "unknown_type", "type"),
    ("no id", json.dumps({**transfer(30), "id": None}).encode(), 422, "wrong_type", "id"),
    ("wrong type", json.dumps(transfer(30, amount=True)).encode(), 422, "wrong_type", "amount"),
    ("huge number", json.dumps(transfer(30, amount=10**15)).encode(), 422, "out_of_range", "amount"),
    ("not a number", json.dumps(transfer(30, amount=float("nan"))).encode(), 422, "out_of_range", "amount"),
    ("absurd time", json.dumps(transfer(30, time="1066-10-14T09:00:00Z")).encode(), 422, "bad_time", "time"),
    ("too large", json.dumps(transfer(30, purpose="x" * 70_000)).encode(), 413, "too_large", ""),
]


@pytest.mark.parametrize(("body", "status", "code", "field"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_a_bad_event_is_told_with_its_field(running: Running, body: bytes, status: int, code: str, field: str) -> None:
    assert problem(post(running, body)) == (status, code, field)


def test_rejects_are_counted_by_their_error(running: Running) -> None:
    def count() -> float:
        lines = running.client.get("/metrics").text.splitlines()
        return sum(
            float(line.split()[1]) for line in lines if line.startswith('tocsin_rejects_total{error="bad_time"}')
        )

    before = count()
    post(running, json.dumps(transfer(31, time="1066-10-14T09:00:00Z")).encode())
    assert count() == before + 1


def test_titles_are_in_the_callers_language(running: Running) -> None:
    told = post(running, b"{", accept_language="zh-CN").json()
    assert (told["title"], told["code"]) == ("无法读取", "malformed")


def test_gzip_goes_both_ways(running: Running) -> None:
    packed = gzip.compress(json.dumps([transfer(number) for number in range(40, 60)]).encode())
    answer = post(running, packed, "/v1/events?decisions=true", content_encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert [each["event_id"] for each in answer.json()["decisions"]] == [f"t{number}" for number in range(40, 60)]
    assert problem(post(running, b"no gzip", content_encoding="gzip")) == (400, "malformed", "")
    assert problem(post(running, packed[:-9], content_encoding="gzip")) == (400, "malformed", "")
    assert problem(post(running, b"", content_encoding="br"))[:2] == (415, "media_type")
    bomb = gzip.compress(b" " * (64 << 20))
    assert len(bomb) < 65_536
    assert problem(post(running, bomb, content_encoding="gzip"))[:2] == (413, "too_large")


def test_a_batch_takes_what_is_good_and_names_what_is_not(running: Running) -> None:
    events: list[Any] = [transfer(70), {"id": "x"}, transfer(71), "text", transfer(70)]
    told = running.client.post("/v1/events", params={"decisions": "true"}, json=events).json()
    assert (told["accepted"], told["duplicates"]) == (3, 1)
    assert [(each["index"], each["code"], each["field"]) for each in told["rejected"]] == [
        (1, "missing_field", "type"),
        (3, "malformed", ""),
    ]
    assert [each and each["event_id"] for each in told["decisions"]] == ["t70", None, "t71", None, "t70"]


def test_a_batch_without_a_wish_for_decisions_has_none(running: Running) -> None:
    assert set(running.client.post("/v1/events", json=[transfer(75)]).json()) == {"accepted", "duplicates", "rejected"}


def test_json_lines_and_cloudevents_are_taken(running: Running) -> None:
    lines = b"\n".join(json.dumps(transfer(number)).encode() for number in (80, 81))
    assert post(running, lines, "/v1/events", content_type="application/x-ndjson").json()["accepted"] == 2
    sent = transfer(82)
    cloud = {"specversion": "1.0", "id": "t82", "type": sent["type"], "source": "/shop", "time": "2026-01-15T12:00:00Z"}
    cloud["data"] = {name: sent[name] for name in ("sender", "payee", "amount")}
    one = post(running, json.dumps(cloud).encode(), content_type="application/cloudevents+json")
    many = [{**cloud, "id": "t83"}]
    batch = post(running, json.dumps(many).encode(), "/v1/events", content_type="application/cloudevents-batch+json")
    assert (one.json()["event_id"], batch.json()["accepted"]) == ("t82", 1)


def test_limits_hold_for_a_batch(running: Running) -> None:
    assert problem(running.client.post("/v1/events", json=[{}] * 1_001))[:2] == (413, "too_large")
    assert problem(running.client.post("/v1/events", json={}))[:2] == (400, "malformed")
    assert problem(running.client.post("/v1/events?decisions=maybe", json=[])) == (400, "invalid", "decisions")
    assert running.client.post("/v1/events", json=[]).json()["accepted"] == 0


def test_who_asks_too_much_is_told_when_to_come_again(tmp_path: Path) -> None:
    with Running(tmp_path, rate_per_s=5) as service:
        answers = [service.decide(transfer(number)) for number in range(12)]
        last = next(answer for answer in answers if answer.status_code == 429)
        assert problem(last)[1] == "rate"
        assert last.headers["retry-after"] == "1"
        assert last.headers["ratelimit-limit"] == "5"
        assert [answer.headers["ratelimit-remaining"] for answer in answers[:5]] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.DECIDE, {"decide"}),
        (Scope.READ, {"read"}),
        (Scope.LISTS, {"lists"}),
        (Scope.ADMIN, {"decide", "read", "lists"}),
    ],
)
def test_a_key_may_do_what_its_scopes_say(running: Running, scope: Scope, allowed: set[str]) -> None:
    key = {"authorization": f"Bearer {new_key(running.service.records, scope)}"}
    path = "/v1/lists/trusted-payees/entries"
    entry = {"entries": [{"value": "account:scoped", "expires_at": "2031-01-01T00:00:00Z"}]}
    answers = {
        "decide": running.client.post("/v1/decisions", json=transfer(90), headers=key),
        "read": running.client.get("/v1/decisions", headers=key),
        "lists": running.client.post(path, json=entry, headers=key),
    }
    assert {name for name, answer in answers.items() if answer.status_code == 200} == allowed
    assert all(problem(answer)[:2] == (403, "no_scope") for answer in answers.values() if answer.status_code != 200)


def test_nothing_but_health_is_open(running: Running) -> None:
    document = running.client.get("/v1/openapi.json").json()
    with httpx.Client(base_url=running.url, trust_env=False) as nobody:
        for path, item in document["paths"].items():
            for method in item:
                answer = nobody.request(method.upper(), path.replace("{", "").replace("}", ""))
                assert (answer.status_code == 401) is not path.startswith("/health/"), path
        assert problem(nobody.get("/v1/openapi.json"))[1] == "no_key"
        assert nobody.get("/health/live").json() == {"alive": True}
        assert nobody.get("/health/ready").json()["ready"] is True


def test_a_revoked_or_expired_or_wrong_key_ends_at_once(running: Running) -> None:
    records = running.service.records
    key = new_key(records, Scope.READ, name="to be revoked")
    sent = {"authorization": f"Bearer {key}"}
    assert running.client.get("/v1/packs", headers=sent).status_code == 200
    with records.session() as session:
        revoke_key(session, key.split("_")[1], running.service.clock())
    gone = running.client.get("/v1/packs", headers=sent)
    assert problem(gone)[:2] == (401, "no_key")
    assert gone.headers["www-authenticate"] == 'Bearer realm="tocsin"'
    soon = new_key(records, Scope.READ, expires_at=running.service.clock() + 150_000)
    sent = {"authorization": f"Bearer {soon}"}
    assert running.client.get("/v1/packs", headers=sent).status_code == 200
    wait_until(lambda: running.client.get("/v1/packs", headers=sent).status_code == 401, "the key's end")
    for wrong in ("", "Basic eDp5", "Bearer", "Bearer tocsin_x_y", f"Bearer {running.key}x", f"bearer{running.key}"):
        assert running.client.get("/v1/packs", headers={"authorization": wrong}).status_code == 401


def test_a_request_id_is_kept_or_made(running: Running) -> None:
    assert running.decide(transfer(95), **{"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    made = {running.decide(transfer(95)).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    evil = running.decide(transfer(95), **{"x-request-id": "a b\tc"}).headers["x-request-id"]
    assert evil != "a b\tc"


def test_what_is_not_there_or_not_allowed_is_told(running: Running) -> None:
    assert problem(running.client.get("/v1/nothing"))[:2] == (404, "not_found")
    assert problem(running.client.get("/v1/decisions/nothing"))[:2] == (404, "not_found")
    assert problem(running.client.get("/v1/packs/nothing"))[:2] == (404, "not_found")
    assert problem(running.client.get("/v1/lists/nothing"))[:2] == (404, "not_found")
    assert problem(running.client.put("/v1/decisions"))[:2] == (405, "method")
    assert problem(running.client.get("/v1/decisions", params={"limit": "0"})) == (400, "invalid", "limit")
    assert problem(running.client.get("/v1/decisions", params={"since": "yesterday"})) == (400, "invalid", "since")
    assert problem(running.client.get("/v1/decisions", params={"since": "2026-01-01T00:00:00"}))[:2] == (
        400,
        "bad_time",
    )
    assert problem(running.client.get("/v1/decisions", params={"who": "x"}))[:2] == (400, "invalid")
    assert problem(post(running, b"x", content_type="text/plain")) == (415, "media_type", "Content-Type")
