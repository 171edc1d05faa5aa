"""Stories of the closed loop, end to end over HTTP: from what fired to what was done, undone and answered."""

import http.server
import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.servers.tocsin import Running, Spawned, new_key, transfer, wait_until
from tocsin.app.access.key import Scope
from tocsin.app.storage.records import Records
from tocsin.records.tables import AuditEntry

ANN, BEN, CAL = "person:reviewer-1", "person:reviewer-2", "person:reviewer-3"


class Platform:
    """A platform that is told by webhooks, and remembers each once by its id."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, Any]] = {}
        platform = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                platform.told.setdefault(self.headers["webhook-id"], body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def types(self) -> list[str]:
        return [body["type"] for body in self.told.values()]


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.stop()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as service:
        yield service


def ask(client: httpx.Client, method: str, path: str, **body: Any) -> Any:
    answer = client.request(method, path, **({"json": body} if method == "POST" else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def defraud(client: httpx.Client, payee: str, first: int = 0) -> None:
    """Nine strangers pay a new account: the rule on mules fires."""
    for number in range(9):
        event = transfer(
            first + number, sender=f"account:s{first + number}", payee=payee, amount=2_000, payee_age_days=3
        )
        assert client.post("/v1/decisions", json=event).status_code == 200


def measures(client: httpx.Client, subject: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/measures", params={"subject": subject}).json()["measures"]
    return found


def carry_out(client: httpx.Client) -> list[str]:
    done = []
    while found := ask(client, "POST", "/v1/instructions/pull"):
        for each in found:
            ask(client, "POST", f"/v1/instructions/{each['number']}/confirm")
            done.append(f"{each['verb']} {each['measure']['kind']} {each['subject']}")
    return done


def test_a_mule_is_limited_looked_at_confirmed_and_the_case_closes(running: Running, platform: Platform) -> None:
    client = running.client
    endpoint = ask(client, "POST", "/v1/endpoints", url=platform.url, types=["measure.*", "case.*"], internal=True)
    assert endpoint["secret"].startswith("whsec_")
    defraud(client, "account:mule")
    wait_until(lambda: [each["state"] for each in measures(client, "account:mule")] == ["delivered"], "the measure")
    (measure,) = measures(client, "account:mule")
    assert (measure["kind"], measure["scope"], measure["rule"]) == (
        "limit",
        "receive_payment",
        "mule-collects-from-strangers",
    )
    assert measure["basis"] == "CN-08, CN-14"
    assert carry_out(client) == ["apply limit account:mule"]

    (case,) = client.get("/v1/cases", params={"queue": "mule-accounts"}).json()["cases"]
    assert (case["subject"], case["typology"], case["harm"]) == ("account:mule", "AIDING", 2_000)
    claimed = ask(client, "POST", "/v1/cases/claim", by=ANN, queues=["mule-accounts"])["cases"]
    assert [each["number"] for each in claimed] == [case["number"]]
    assert ask(client, "POST", "/v1/cases/claim", by=BEN, queues=["mule-accounts"])["cases"] == []
    place = f"/v1/cases/{case['number']}"
    refused = client.post(f"{place}/close", json={"by": ANN})
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "account:mule is not decided" in refused.json()["detail"]
    ask(client, "POST", f"{place}/findings", by=ANN, subject="account:mule", finding="confirmed", why="nine victims")
    ask(client, "POST", f"{place}/lesson", by=ANN, kind="label", what="account:mule is AIDING")
    ask(
        client,
        "POST",
        f"{place}/exemptions",
        by=ANN,
        about="verification",
        why="limited until the police have answered",
    )
    assert [each["about"] for each in client.get(place).json()["open"]] == ["notice:1"]
    assert ask(client, "POST", "/v1/notices/1/delivered")["state"] == "delivered"
    assert client.get(place).json()["open"] == []
    assert ask(client, "POST", f"{place}/close", by=ANN)["state"] == "closed"
    wait_until(lambda: "case.closed" in platform.types(), "the webhook")
    assert platform.types() == ["case.opened", "measure.ordered", "measure.confirmed", "case.closed"]


def test_a_wrongly_limited_person_is_set_free_on_appeal(running: Running) -> None:
    client = running.client
    defraud(client, "account:shop")
    wait_until(lambda: len(measures(client, "account:shop")) == 1, "the measure")
    number = measures(client, "account:shop")[0]["number"]
    carry_out(client)
    closed = ask(
        client, "POST", "/v1/measures", subject="account:shop", kind="close", basis="Terms 7", reason="mule", by=ANN
    )["number"]
    ask(client, "POST", f"/v1/measures/{closed}/order", by=ANN)
    goods = ask(
        client, "POST", "/v1/measures", subject="listing:1", kind="take_down", basis="Terms 7", reason="its shop is closed",
        parent=closed, by=ANN,
    )["number"]  # fmt: skip
    ask(client, "POST", f"/v1/measures/{goods}/order", by=ANN)
    assert client.post(f"/v1/measures/{closed}/order", json={"by": ANN}).status_code == 409
    ask(client, "POST", f"/v1/measures/{closed}/order", by=BEN)
    carry_out(client)
    appeal = ask(
        client, "POST", "/v1/appeals", measure=closed, text="This is my shop.", channel="web", by="subject:account:shop"
    )
    unfit = client.post(f"/v1/appeals/{appeal['number']}/decide", json={"by": BEN, "upheld": True, "why": "licensed"})
    assert (unfit.status_code, "had not decided" in unfit.json()["detail"]) == (409, True)
    ask(client, "POST", f"/v1/appeals/{appeal['number']}/decide", by=CAL, upheld=True, why="a licensed shop")
    assert sorted(carry_out(client)) == ["lift close account:shop", "lift take_down listing:1"]
    assert ask(client, "GET", f"/v1/measures/{closed}")["state"] == "lifted"
    assert ask(client, "GET", f"/v1/measures/{number}")["state"] == "confirmed"
    ask(client, "POST", f"/v1/measures/{number}/lift", by=CAL, why="the same mistake")
    assert carry_out(client) == ["lift limit account:shop"]


def test_a_difference_between_platform_and_ledger_becomes_a_case(running: Running) -> None:
    client = running.client
    key = new_key(running.service.records, Scope.MEASURES)
    told = {"subjects": [{"subject": "account:x", "measures": ["suspend"]}]}
    answer = client.post("/v1/measures/state", json=told, headers={"authorization": f"Bearer {key}"})
    assert answer.json()["differences"] == [{"subject": "account:x", "measure": "suspend", "side": "extra"}]
    (case,) = client.get("/v1/cases", params={"queue": "reconciliation"}).json()["cases"]
    assert answer.json()["cases"] == [case["number"]]
    denied = client.post(
        "/v1/cases/claim", json={"by": ANN, "queues": ["x"]}, headers={"authorization": f"Bearer {key}"}
    )
    assert denied.json()["code"] == "no_scope"


def test_a_key_speaks_for_people_and_never_for_a_rule(running: Running) -> None:
    for by in ("rule:r", "system:tocsin", "nobody", "person:"):
        answer = running.client.post("/v1/cases/claim", json={"by": by, "queues": ["x"]})
        assert (answer.status_code, answer.json()["field"]) == (422, "by")


def test_kills_in_mid_flow_do_nothing_twice_and_lose_nothing(tmp_path: Path, platform: Platform) -> None:
    service = Spawned(tmp_path / "data")
    records = Records(service.data)
    key = new_key(records)
    records.close()
    headers = {"authorization": f"Bearer {key}"}
    with service, httpx.Client(base_url=service.url, headers=headers, trust_env=False, timeout=30) as client:
        ask(client, "POST", "/v1/endpoints", url=platform.url, internal=True)
        for turn in range(4):
            defraud(client, f"account:m{turn}", first=100 * turn)
            service.end(signal.SIGKILL)
            service.start()
            service.wait_ready()
        subjects = [f"account:m{turn}" for turn in range(4)]
        wait_until(lambda: all(len(measures(client, each)) == 1 for each in subjects), "the measures")
        wait_until(lambda: platform.types().count("measure.ordered") == 4, "the webhooks")
        cases = client.get("/v1/cases").json()["cases"]
        assert sorted(each["subject"] for each in cases) == subjects
        assert platform.types().count("case.opened") == 4


def test_what_belongs_together_is_merged_split_and_linked_and_what_is_owed_is_given(running: Running) -> None:
    client = running.client
    numbers = [
        ask(
            client, "POST", "/v1/cases", subject=f"account:{name}", reference=name, queue="q", by=ANN,
            due_at="2030-01-01T00:00:00Z",
        )["number"]
        for name in ("a", "b", "c")
    ]  # fmt: skip
    first, second, third = (f"/v1/cases/{number}" for number in numbers)
    assert ask(client, "POST", f"{first}/subjects", by=ANN, subject="account:d", role="mule")["role"] == "mule"
    measure = ask(
        client, "POST", "/v1/measures", subject="account:d", kind="warn", basis="Terms 2", reason="a lure",
        case_number=numbers[0], by=ANN,
    )["number"]  # fmt: skip
    task = ask(client, "POST", f"{first}/tasks", by=ANN, title="Ask the bank", assignee=BEN)["number"]
    answer = ask(client, "POST", f"{first}/answers", by=ANN, to="report:1", about="what became of it")["number"]
    made = ask(client, "POST", f"{first}/split", by=ANN, subjects=["account:d"], why="another matter")
    assert made["split_from"] == numbers[0]
    open_there = [each["about"] for each in client.get(f"/v1/cases/{made['number']}").json()["open"]]
    assert f"measure:{measure}" in open_there
    assert ask(client, "POST", f"{second}/merge", by=ANN, other=numbers[0], why="one gang")["number"] == numbers[0]
    assert client.post(f"{second}/merge", json={"by": ANN, "other": numbers[0], "why": "again"}).status_code == 409
    ask(client, "POST", f"{third}/links", by=ANN, other=numbers[0], why="the same bank")
    assert client.get(third).json()["linked"] == [numbers[0]]
    assert client.post(f"{third}/tasks/{task}/done", json={"by": BEN}).status_code == 404
    assert client.post(f"{first}/tasks", json={"by": ANN, "title": "x", "assignee": "nobody"}).status_code == 422
    assert ask(client, "POST", f"{first}/tasks/{task}/done", by=BEN)["done_at"] is not None
    assert ask(client, "POST", f"{first}/answers/{answer}/given", by=BEN, notice="N-1")["notice"] == "N-1"
    left = {each["about"] for each in client.get(first).json()["open"]}
    assert left == {"subject:account:a", "subject:account:b", "lesson"}


def test_a_list_of_the_police_is_planned_taken_and_undone_as_a_whole(running: Running) -> None:
    client = running.client
    wanted = [
        {"subject": f"phone:+86138{number:08d}", "kind": "block_indicator", "basis": "CN-12", "reason": "on the list"}
        for number in range(300)
    ]
    bad = {**wanted[0], "subject": "nobody"}
    plan = ask(client, "POST", "/v1/measures/batches", by=ANN, why="letter 7 of the police", measures=[*wanted, bad])
    assert (plan["new"], plan["known"], [each["place"] for each in plan["refused"]]) == (300, 0, [300])
    assert client.get("/v1/measures").json()["measures"] == [], "a plan touches nothing"
    place = f"/v1/measures/batches/{plan['number']}"
    start: int | None = 0
    while start is not None:
        start = ask(client, "POST", f"{place}/apply", by=ANN, start=start)["next"]
    assert [each["state"] for each in measures(client, wanted[0]["subject"])] == ["ordered"]
    ask(
        client, "POST", f"/v1/measures/{measures(client, wanted[7]['subject'])[0]['number']}/lift", by=BEN, why="a shop"
    )
    undone = ask(client, "POST", f"{place}/undo", by=BEN)
    assert undone["lifted"] == 299
    assert client.post(f"{place}/undo", json={"by": BEN}).status_code == 409
    assert client.post("/v1/measures/batches/99/apply", json={"by": ANN}).status_code == 409


def test_evidence_is_copied_shown_to_who_says_who_they_are_and_handed_over(running: Running) -> None:
    client = running.client
    defraud(client, "account:copied")
    wait_until(lambda: len(client.get("/v1/cases").json()["cases"]) == 1, "the case")
    (case,) = client.get("/v1/cases").json()["cases"]
    path = f"/v1/cases/{case['number']}"
    (copied,) = ask(client, "GET", f"{path}/evidence")
    assert (copied["media_type"], copied["source"][:6], copied["channel"]) == ("text/plain", "event ", "decision")

    told = {"label": "What the victim saw", "source": "https://chat.example/7", "by": ANN}
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 5_000
    for _ in range(2):
        added = client.post(f"{path}/evidence", params=told, content=picture)
        assert (added.status_code, added.json()["media_type"], added.json()["taken_by"]) == (200, "image/png", ANN)
    digest = added.json()["sha256"]
    assert [each["sha256"] for each in ask(client, "GET", path)["evidence"]] == [copied["sha256"], digest]
    unknown = client.post(f"{path}/evidence", params=told, content=bytes(99))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "invalid")
    assert client.post("/v1/cases/999/evidence", params=told, content=picture).status_code == 404

    file = client.get(f"{path}/evidence/file", params={"sha256": digest, "by": BEN, "why": "to decide"})
    assert (file.content, file.headers["content-type"]) == (picture, "application/octet-stream")
    assert "attachment" in file.headers["content-disposition"]
    assert client.get(f"{path}/evidence/file", params={"sha256": "0" * 64}).status_code == 404
    handed = ask(client, "GET", f"{path}/export")
    assert [each["sha256"] for each in handed["manifest"]["exhibits"]] == [copied["sha256"], digest]
    assert handed["case"]["case"]["subject"] == "account:copied"
    paper = client.get(f"{path}/export", params={"format": "pdf", "lang": "zh", "by": BEN})
    assert (paper.status_code, paper.content[:5], paper.headers["content-type"]) == (200, b"%PDF-", "application/pdf")

    key = new_key(running.service.records, Scope.READ)
    for place in (f"{path}/evidence/file?sha256={digest}", f"{path}/export"):
        assert client.get(place, headers={"authorization": f"Bearer {key}"}).json()["code"] == "no_scope"
    with running.service.records.session() as session:
        looked = select(AuditEntry.act, AuditEntry.by).where(AuditEntry.act.in_(("evidence.view", "case.export")))
        acts = [tuple(row) for row in session.execute(looked.order_by(AuditEntry.number))]
    assert acts[0] == ("evidence.view", BEN)
    assert [act for act, _ in acts[1:]] == ["case.export", "case.export"]
    assert acts[2][1] == BEN


def test_goods_are_taken_down_once_they_are_copied(running: Running) -> None:
    client = running.client
    case = ask(client, "POST", "/v1/cases", subject="listing:7", reference="desk-1", queue="goods",
               due_at="2030-01-01T00:00:00Z", typology="CARDS", by=ANN)["number"]  # fmt: skip
    number = ask(client, "POST", "/v1/measures", subject="listing:7", kind="take_down", basis="Terms 3",
                 reason="SIM cards without a name", case_number=case, by=ANN)["number"]  # fmt: skip
    early = client.post(f"/v1/measures/{number}/order", json={"by": ANN})
    assert (early.status_code, "holds no evidence" in early.json()["detail"]) == (409, True)
    told = {"label": "The page", "source": "https://shop.example/7", "by": ANN}
    assert client.post(f"/v1/cases/{case}/evidence", params=told, content="实名卡 ￥50".encode()).status_code == 200
    assert ask(client, "POST", f"/v1/measures/{number}/order", by=ANN)["state"] == "ordered"


def test_a_case_goes_where_the_platform_says_waits_for_a_second_person_and_opens_again_by_itself(
    tmp_path: Path,
) -> None:
    queues = tmp_path / "queues.yaml"
    queues.write_text("routes: [{when: {typology: [CARDS]}, queue: goods, due: 2h}]")
    with Running(tmp_path / "service", queues=str(queues), review_share={"goods": 1.0}) as running:
        client = running.client
        case = ask(client, "POST", "/v1/cases", subject="listing:7", reference="desk-1", queue="any",
                   due_at="2030-01-01T00:00:00Z", typology="CARDS", by=ANN)  # fmt: skip
        assert (case["queue"], case["due_at"] < "2030") == ("goods", True)
        place = f"/v1/cases/{case['number']}"
        number = ask(client, "POST", "/v1/measures", subject="listing:7", kind="take_down", basis="Terms 3",
                     reason="SIM cards", case_number=case["number"], by=ANN)["number"]  # fmt: skip
        ask(client, "POST", f"/v1/measures/{number}/order", by=ANN, why="the page is gone already")
        assert carry_out(client) == ["apply take_down listing:7"]
        ask(client, "POST", f"{place}/claim", by=ANN)
        found = ask(client, "POST", f"{place}/findings", by=ANN, subject="listing:7", finding="confirmed", why="cards")
        assert found["four_eyes"]
        assert "no second person" in client.post(f"{place}/close", json={"by": ANN}).json()["detail"]
        ask(client, "POST", f"{place}/release", by=ANN)
        assert ask(client, "POST", "/v1/cases/claim", by=ANN, queues=["goods"])["cases"] == []
        ask(client, "POST", f"{place}/claim", by=BEN)
        ask(client, "POST", f"{place}/second", by=BEN, holds=True, what="cards indeed")
        (review,) = ask(client, "GET", "/v1/queues/review")
        assert (review["counts"]["queue"], review["share"], review["agreement"]["value"]) == ("goods", 1.0, 1.0)

        again = {"id": "again", "type": "listing.create", "time": time.time(), "seller": "account:s",
                 "listing": "listing:7", "name": "a plain lamp"}  # fmt: skip
        assert client.post("/v1/decisions", json=again).json()["outcome"] == "allow"
        wait_until(lambda: ask(client, "GET", place)["case"]["decided_by"] is None, "the case to be decided anew")
        assert any(each["kind"] == "verification" for each in ask(client, "GET", place)["sources"])
