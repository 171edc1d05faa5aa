"""Stories of what people are told and by when, end to end over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flow.test_loop import ANN, BEN, CAL, Platform, ask, carry_out, defraud, measures
from tests.servers.tocsin import Running, new_key, transfer, wait_until
from tocsin.app.access.key import Scope
from tocsin.app.loop_settings import ClockSettings, NoticeSettings

CLOCKS = ClockSettings(regimes=["EU-DSA", "CN"], actors=["hosting_service", "online_platform", "isp"])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, clocks=CLOCKS, notices=NoticeSettings(lang="zh", zone="Asia/Shanghai")) as service:
        yield service


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.stop()


def notices(client: httpx.Client, number: int) -> dict[str, dict[str, Any]]:
    found = client.get("/v1/notices", params={"measure": number}).json()["notices"]
    return {each["event"]: each for each in found}


def issued(client: httpx.Client, number: int, event: str) -> dict[str, Any]:
    wait_until(lambda: notices(client, number).get(event, {}).get("state") == "issued", f"the notice `{event}`")
    notice: dict[str, Any] = ask(client, "GET", f"/v1/notices/{notices(client, number)[event]['number']}")
    return notice


def code_of(body: str) -> str:
    place = body.index("申诉码：") + len("申诉码：")
    return body[place : place + 14]


def clocks(client: httpx.Client, of: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in client.get("/v1/clocks", params={"of": of}).json()["clocks"]}


def test_a_person_is_told_objects_with_the_code_and_is_told_the_answer(running: Running, platform: Platform) -> None:
    client = running.client
    ask(client, "POST", "/v1/endpoints", url=platform.url, types=["notice.*"], internal=True)
    defraud(client, "account:620000005678")
    wait_until(lambda: len(measures(client, "account:620000005678")) == 1, "the measure")
    number = measures(client, "account:620000005678")[0]["number"]
    notice = issued(client, number, "taken")
    body = notice["body"]
    assert notice["notice"]["lang"] == "zh"
    assert "尾号 5678" in body
    assert "反电信网络诈骗法（2022 年）第二十二条第一款" in body
    assert "法律对平台的要求是：" in body
    assert "CN-08" not in body
    wait_until(lambda: platform.types() == ["notice.issued"], "the webhook")
    (told,) = platform.told.values()
    assert told["data"]["body"] == body

    carry_out(client)
    place = f"/v1/notices/{notice['notice']['number']}"
    ask(client, "POST", f"{place}/seen")
    assert ask(client, "GET", place)["notice"]["state"] == "seen"
    wait_until(lambda: clocks(client, f"measure:{number}")["measure:1#law:EU-03"]["state"] == "met", "the clock")
    wait_until(lambda: "notice:1#law:EU-05/window" in clocks(client, "notice:1"), "the window")

    code = code_of(body)
    appeal = ask(client, "POST", "/v1/appeals", code=code.lower().replace("-", " "), text="我开店。", channel="app")
    assert (appeal["measure"], appeal["by"]) == (number, "subject:account:620000005678")
    ask(client, "POST", f"/v1/appeals/{appeal['number']}/decide", by=CAL, upheld=True, why="营业执照有效")
    upheld = issued(client, number, "appeal_upheld")
    assert "营业执照有效" in upheld["body"]
    assert {"lifted", "appeal_received"} <= set(notices(client, number))
    wait_until(lambda: clocks(client, "appeal:1")["appeal:1#law:CN-24/lift"]["state"] == "met", "the lift")


def test_wrong_codes_get_one_answer_and_not_many(running: Running) -> None:
    client = running.client
    said = set()
    for code in ("7KQ3-MX9T-2HVA", "x", "0" * 5_000, *(["AAAA-AAAA-AAAA"] * 7)):
        answer = client.post("/v1/appeals", json={"code": code, "text": "t", "channel": "app"})
        said.add((answer.status_code, answer.json()["detail"]))
    assert said == {(404, "no notice has this code")}
    more = client.post("/v1/appeals", json={"code": "7KQ3-MX9T-2HVA", "text": "t", "channel": "app"})
    assert (more.status_code, more.json()["code"], more.headers["retry-after"]) == (429, "rate", "60")
    neither = client.post("/v1/appeals", json={"text": "t", "channel": "app"})
    assert neither.status_code == 422


def test_a_notice_that_would_name_who_reported_is_not_sent_until_somebody_writes_it_anew(running: Running) -> None:
    client = running.client
    case = ask(
        client, "POST", "/v1/cases", subject="account:77001234", reference="r1", queue="q", source="report", by=ANN,
        due_at="2030-01-01T00:00:00Z",
        receipt={"event": "report.received", "effective_at": "2026-01-01T00:00:00Z", "channel": "app"},
    )  # fmt: skip
    with running.service.records.session() as session:
        from tocsin.cases.case import add_subject
        from tocsin.cases.tables import Case

        add_subject(session, session.get_one(Case, case["number"]), "account:zhang-san", "reporter")
    reason = "Reported by account:zhang-san for asking money."
    measure = ask(
        client, "POST", "/v1/measures", subject="account:77001234", kind="suspend", basis="Terms 4", reason=reason,
        case_number=case["number"], lang="en", by=ANN,
    )  # fmt: skip
    ask(client, "POST", f"/v1/measures/{measure['number']}/order", by=ANN)
    wait_until(lambda: notices(client, measure["number"])["taken"]["failure"], "the failure")
    taken = notices(client, measure["number"])["taken"]
    assert "who reported" in taken["failure"]
    opened = client.get(f"/v1/cases/{case['number']}").json()["open"]
    assert f"notice:{taken['number']}" in {each["about"] for each in opened}
    told = ask(
        client, "POST", f"/v1/notices/{taken['number']}/issue", by=ANN, en="It asked people for money.",
        zh="该账号向他人索要钱款。",
    )  # fmt: skip
    assert told["state"] == "issued"
    body = ask(client, "GET", f"/v1/notices/{taken['number']}")["body"]
    assert "zhang" not in body
    assert "It asked people for money." in body


def test_who_may_not_be_told_is_not_told_and_somebody_answers_for_it(running: Running) -> None:
    client = running.client
    wanted = {"subject": "account:9", "kind": "suspend", "basis": "Order 7", "reason": "an investigation", "untold": "sealed order"}  # fmt: skip
    refused = client.post("/v1/measures", json=wanted)
    assert (refused.status_code, "answers for it" in refused.json()["detail"]) == (409, True)
    number = ask(client, "POST", "/v1/measures", **wanted, by=ANN)["number"]
    ask(client, "POST", f"/v1/measures/{number}/order", by=BEN)
    ask(client, "POST", f"/v1/measures/{number}/lift", by=BEN, why="over")
    assert {each["state"] for each in notices(client, number).values()} <= {"withheld"}
    assert notices(client, number)["taken"]["why"] == "sealed order"


def test_statements_leave_in_batches_until_they_are_acknowledged_and_refused_ones_say_why(running: Running) -> None:
    client = running.client
    for number in range(2):
        told = {"content_on": "2026-01-02"} if number else {}
        measure = ask(
            client, "POST", "/v1/measures", subject=f"listing:{number}", kind="take_down", basis="Terms 4",
            reason="a false offer", typology="SHOP", by=ANN, **told,
        )["number"]  # fmt: skip
        ask(client, "POST", f"/v1/measures/{measure}/order", by=ANN)
    wait_until(lambda: len(client.get("/v1/statements").json()["queue"]) == 2, "the statements")
    (batch,) = client.get("/v1/statements", params={"format": "dsa"}).json()["statements"]
    assert (batch["content_date"], batch["decision_visibility"]) == (
        "2026-01-02",
        ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    )
    (refused,) = client.get("/v1/statements", params={"state": "refused"}).json()["queue"]
    assert [each["field"] for each in refused["faults"]] == ["content_date"]
    key = new_key(running.service.records, Scope.MEASURES)
    answer = client.post(
        "/v1/statements/exported", json={"puids": [batch["puid"]], "receipt": "uuid-1"}, headers={"authorization": f"Bearer {key}"}
    )  # fmt: skip
    assert answer.json() == {"changed": 1}
    assert client.get("/v1/statements", params={"format": "dsa"}).json()["statements"] == []
    ask(client, "POST", f"/v1/statements/{refused['number']}/day", by=ANN, content_on="2026-01-03")
    (again,) = client.get("/v1/statements", params={"format": "dsa"}).json()["statements"]
    assert again["content_date"] == "2026-01-03"
    wait_until(lambda: len(clocks(client, "statement:2")) == 1, "the clock of the export")


def test_warnings_are_recorded_and_their_effect_is_counted(running: Running) -> None:
    client = running.client
    defraud(client, "account:mule")
    wait_until(lambda: client.get("/v1/warnings", params={"event": "t8"}).json()["warnings"], "the warning")
    (warning,) = client.get("/v1/warnings", params={"event": "t8"}).json()["warnings"]
    assert (warning["template"], warning["rule"], warning["lang"]) == ("payer-mule-warning", "mule-collects-from-strangers", "zh")  # fmt: skip
    given = ask(client, "POST", "/v1/warnings", template="lure-police", event="m1", subject="account:7", likelihood=0.9, lang="en")  # fmt: skip
    again = ask(client, "POST", "/v1/warnings", template="lure-police", event="m1", subject="account:7")
    assert again["number"] == given["number"]
    ask(client, "POST", f"/v1/warnings/{given['number']}/heeded")
    ask(client, "POST", f"/v1/warnings/{warning['number']}/delivered")
    found = {each["count"]["template"]: each for each in client.get("/v1/warnings/effect").json()}
    assert found["lure-police"]["heeded"]["value"] == 1
    assert found["payer-mule-warning"]["count"] == {"template": "payer-mule-warning", "delivered": 1, "seen": 0, "heeded": 0}  # fmt: skip
    unknown = client.post("/v1/warnings", json={"template": "x", "event": "m1", "subject": "account:7"})
    assert unknown.status_code == 422


@pytest.mark.parametrize("path", ["/v1/lists/payees/entries/url:https://x.example/seen", "/v1/cases/1/delivered"])
def test_a_key_that_acknowledges_may_do_nothing_else(running: Running, path: str) -> None:
    key = new_key(running.service.records, Scope.MEASURES)
    for method in ("DELETE", "POST"):
        answer = running.client.request(method, path, headers={"authorization": f"Bearer {key}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "no_scope")


def test_an_allowed_event_warns_nobody(running: Running) -> None:
    running.decide(transfer(1))
    assert running.client.get("/v1/warnings").json()["warnings"] == []


def test_clocks_are_listed_paused_and_met_over_http(running: Running) -> None:
    client = running.client
    case = ask(client, "POST", "/v1/cases", subject="account:1", reference="p1", queue="q", due_at="2030-01-01T00:00:00Z", by=ANN)  # fmt: skip
    of = f"case:{case['number']}"
    wait_until(lambda: clocks(client, of), "the clock")
    (clock,) = clocks(client, of).values()
    assert (clock["kind"], clock["policy"], clock["state"]) == ("internal", "case", "running")
    place = f"/v1/clocks/{clock['number']}"
    paused = ask(client, "POST", f"{place}/pause", by=ANN, why="waits for the bank")
    assert (paused["state"], paused["pauses"][0]["reason"]) == ("paused", "waits for the bank")
    assert client.post(f"{place}/pause", json={"by": ANN, "why": "w"}).status_code == 409
    assert client.get("/v1/clocks", params={"state": "paused"}).json()["clocks"][0]["number"] == clock["number"]
    assert ask(client, "POST", f"{place}/resume", by=ANN, why="")["state"] == "running"
    assert ask(client, "POST", f"{place}/meet", by=ANN, why="done by hand")["state"] == "met"
    assert client.get("/v1/clocks").json() == {"clocks": [], "cursor": None}
    assert client.get(place).json()["levels"] == []
