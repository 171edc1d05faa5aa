"""Personal data over HTTP: masked for everybody, opened with a scope and a purpose, shown and removed, held by law."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from tests.servers.tocsin import Running, new_key, transfer, wait_until
from tocsin.app.access.key import Scope
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.tables import Appeal
from tocsin.records.sealing.tables import SealedField
from tocsin.records.tables import Place

ANN, BEN = "person:reviewer-1", "person:reviewer-2"
WORDS = "I am Wang, call me on 13800138000"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as service:
        yield service


def ask(client: httpx.Client, path: str, **body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def object_to(client: httpx.Client, subject: str = "account:m") -> int:
    limit = {"subject": subject, "kind": "limit", "scope": "post", "basis": "Terms 7", "reason": "spam", "by": ANN}
    measure = ask(client, "/v1/measures", **limit)["number"]
    ask(client, f"/v1/measures/{measure}/order", by=ANN)
    appeal = ask(client, "/v1/appeals", measure=measure, text=WORDS, channel="web", by=f"subject:{subject}")
    assert appeal["text"] == "***"
    return int(appeal["number"])


def test_what_a_person_wrote_is_opened_with_the_scope_and_a_purpose_only(running: Running) -> None:
    number = object_to(running.client)
    wanted = {"record": f"appeal:{number}", "purpose": "deciding on it", "by": BEN}
    for scope, status in ((Scope.CASES, 403), (Scope.READ, 403), (Scope.PERSONAL, 200)):
        headers = {"authorization": f"Bearer {new_key(running.service.records, scope)}"}
        answer = httpx.post(f"{running.url}/v1/personal/view", json=wanted, headers=headers, trust_env=False)
        assert answer.status_code == status
    assert answer.json()["fields"] == [{"field": "text", "kind": "other", "text": WORDS}]
    for body in (wanted | {"purpose": ""}, wanted | {"record": "appeal:99"}, wanted | {"purpose": "a\0bcde"}):
        assert running.client.post("/v1/personal/view", json=body).status_code == 422
    views = running.client.get("/v1/audit", params={"act": "personal.view"}).json()["entries"]
    assert [(each["by"], each["record"], each["why"]) for each in views] == [
        (BEN, f"appeal:{number}", "deciding on it")
    ]
    assert WORDS not in running.client.get("/v1/audit").text


def test_who_reads_the_log_stands_in_it(running: Running) -> None:
    object_to(running.client)
    page = running.client.get("/v1/audit", params={"limit": 2, "act": "measure."}).json()
    assert [each["act"] for each in page["entries"]] == ["measure.order", "measure.propose"]
    rest = running.client.get("/v1/audit", params={"record": "appeal:1", "by": "subject:account:m"}).json()["entries"]
    assert [each["act"] for each in rest] == ["appeal.receive"]
    at = rest[0]["at"]
    assert running.client.get("/v1/audit", params={"until": at, "record": "appeal:1"}).json()["entries"] == []
    assert len(running.client.get("/v1/audit", params={"since": at, "record": "appeal:1"}).json()["entries"]) == 1
    assert running.client.get("/v1/audit", params={"since": "2026-01-01T00:00:00"}).status_code == 400
    looks = running.client.get("/v1/audit", params={"act": "audit.view", "limit": 3}).json()
    assert [each["by"] for each in looks["entries"]] == [looks["entries"][0]["by"]] * 3
    assert json.loads(looks["entries"][0]["after"]) == {
        "record": "appeal:1",
        "since": at.replace("Z", "+00:00"),
        "shown": 1,
    }
    second = running.client.get("/v1/audit", params={"act": "audit.view", "limit": 3, "cursor": looks["cursor"]}).json()
    assert len(second["entries"]) == 1
    key = new_key(running.service.records, Scope.READ, Scope.CASES)
    headers = {"authorization": f"Bearer {key}"}
    assert httpx.get(f"{running.url}/v1/audit", headers=headers, trust_env=False).status_code == 403


def test_a_person_is_shown_held_released_and_removed(running: Running) -> None:
    client = running.client
    for number in range(3):
        assert running.decide(transfer(number, sender="account:m", payee="account:p", amount=5)).status_code == 200
    object_to(client)
    wait_until(lambda: ask(client, "/v1/personal/show", entity="account:m", purpose="request 7")["entries"] == 3, "it")
    shown = ask(client, "/v1/personal/show", entity="account:m", purpose="request 7", by=ANN)
    assert {each["record"]: each["stays"] for each in shown["records"]}["measure:1"] == "open"
    hold = ask(client, "/v1/holds", target="account:m", why="court order 7", by=ANN)
    wanted = {"entity": "account:m", "purpose": "request 8", "by": ANN}
    held = ask(client, "/v1/personal/remove", **wanted)
    assert (held["removed"], held["entries"]) == ([], 0)
    assert "legal hold" in held["history"]
    lifted = ask(client, f"/v1/holds/{hold['number']}/lift", why="it has ended", by=BEN)
    assert lifted["lifted_by"] == BEN
    assert client.get("/v1/holds", params={"target": "account:m"}).json() == [lifted]
    assert client.post(f"/v1/holds/{hold['number']}/lift", json={"why": "again"}).status_code == 422
    done = ask(client, "/v1/personal/remove", **wanted)
    assert (done["entries"], done["history"]) == (3, "")
    assert {each["stays"] for each in done["stays"]} <= {"open", "kept"}
    assert ask(client, "/v1/personal/show", entity="account:m", purpose="request 9")["entries"] == 0
    assert client.get("/v1/decisions", params={"entity": "account:m"}).json()["decisions"] == []


def test_what_an_older_tocsin_kept_in_clear_is_sealed_once_a_service_runs(tmp_path: Path) -> None:
    with Running(tmp_path) as service:
        number = object_to(service.client)
    records = Records(tmp_path)
    with records.change() as session:
        session.get_one(Appeal, number).text = WORDS
        session.delete(session.scalars(select(SealedField)).one())
        session.execute(delete(Place))
    records.close()

    def is_sealed() -> bool:
        with service.service.records.session() as session:
            return session.get_one(Appeal, number).text == "***"

    with Running(tmp_path) as service:
        wait_until(is_sealed, "the seal")
        opened = ask(service.client, "/v1/personal/view", record=f"appeal:{number}", purpose="deciding on it")
        assert opened["fields"][0]["text"] == WORDS
