"""`kill -9` between any two steps of a flow, and in the middle of any step: the loop goes on, and nothing is done twice.

People and platform do what people and platforms do when a service is gone: they look again, and repeat what is not there.
Six moments are drawn for each run; `KILL_AT_EVERY_STEP=1` kills after each step and in the middle of each.
"""

import json
import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.servers.platform import Receiver
from tests.servers.tocsin import Spawned, new_key, transfer, wait_until
from tocsin.app.storage.records import Records

ANN, BEN, CAL = (f"person:reviewer-{number}" for number in range(1, 4))
MULE, GOODS = "account:mule", "listing:1"
LIMIT, CLOSE, TAKE_DOWN = "limit", "close", "take_down"
MIDDLE_S = 0.06
FILE = "records.db"
WAITING = """select (select count(*) from message where settled_at is null),
    (select count(*) from notice where state = 'owed')"""


class Flow:
    """One flow against one service: each step is a goal, and the act that leads there."""

    def __init__(self, client: httpx.Client, receiver: Receiver) -> None:
        self.client = client
        self.receiver = receiver
        self.steps: list[tuple[str, Callable[[], bool], Callable[[], None]]] = [
            ("strangers pay", lambda: self.measure(LIMIT) is not None, self.defraud),
            ("a case is there", lambda: self.case()["state"] == "open", self.nothing),
            ("the limit is confirmed", lambda: self.state(LIMIT) == "confirmed", self.carry_out),
            ("Ann has it", lambda: self.case()["holder"] == ANN, lambda: self.work("claim")),
            ("it is confirmed", lambda: self.case()["decided_by"] == ANN, self.find),
            ("a closing is wanted", lambda: self.measure(CLOSE) is not None, self.want_closing),
            ("one has endorsed it", lambda: self.of(CLOSE, "endorsed_by") == ANN, lambda: self.order(CLOSE, ANN)),
            ("two have ordered it", lambda: self.of(CLOSE, "ordered_by") == BEN, lambda: self.order(CLOSE, BEN)),
            ("goods are to go", lambda: self.measure(TAKE_DOWN) is not None, self.want_goods_gone),
            ("their order is there", lambda: self.state(TAKE_DOWN) != "proposed", lambda: self.order(TAKE_DOWN, ANN)),
            ("all is confirmed", self.all_confirmed, self.carry_out),
            ("the case is closed", lambda: self.case()["state"] == "closed", self.close),
            ("they object", lambda: bool(self.appeals("received", "upheld")), self.object),
            ("it is upheld", lambda: bool(self.appeals("upheld")), self.uphold),
            ("all is lifted", lambda: {self.state(CLOSE), self.state(TAKE_DOWN)} == {"lifted"}, self.carry_out),
        ]

    def post(self, path: str, **body: Any) -> Any:
        """What is refused was done before, or is looked at again."""
        answer = self.client.post(path, json=body)
        assert answer.status_code in {200, 409, 503}, answer.text
        return answer.json()

    def get(self, path: str, **asked: str) -> Any:
        answer = self.client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def nothing(self) -> None:
        """It comes by itself."""

    def measure(self, kind: str) -> dict[str, Any] | None:
        found = self.get("/v1/measures", subject=GOODS if kind == TAKE_DOWN else MULE)["measures"]
        return next((each for each in found if each["kind"] == kind), None)

    def of(self, kind: str, name: str) -> Any:
        found = self.measure(kind)
        assert found is not None
        return found[name]

    def state(self, kind: str) -> str:
        return str(self.of(kind, "state"))

    def all_confirmed(self) -> bool:
        return {self.state(kind) for kind in (LIMIT, CLOSE, TAKE_DOWN)} == {"confirmed"}

    def case(self) -> dict[str, Any]:
        (found,) = self.get("/v1/cases", queue="mule-accounts")["cases"] or [{"state": "", "holder": None}]
        return dict(found)

    def work(self, act: str, **body: Any) -> Any:
        return self.post(f"/v1/cases/{self.case()['number']}/{act}", by=ANN, **body)

    def appeals(self, *states: str) -> list[dict[str, Any]]:
        return [each for state in states for each in self.get("/v1/appeals", state=state)["appeals"]]

    def defraud(self) -> None:
        for number in range(9):
            event = transfer(number, sender=f"account:s{number}", payee=MULE, amount=2_000, payee_age_days=3)
            assert self.client.post("/v1/decisions", json=event).status_code in {200, 503}

    def carry_out(self) -> None:
        for each in self.post("/v1/instructions/pull"):
            self.post(f"/v1/instructions/{each['number']}/confirm")

    def find(self) -> None:
        self.work("findings", subject=MULE, finding="confirmed", why="nine victims")

    def want_closing(self) -> None:
        case = self.case()["number"]
        self.post("/v1/measures", subject=MULE, kind=CLOSE, basis="Terms 7", reason="a mule", by=ANN, case_number=case)

    def want_goods_gone(self) -> None:
        wanted = {"basis": "Terms 7", "reason": "its shop is closed", "parent": self.of(CLOSE, "number")}
        self.post("/v1/measures", subject=GOODS, kind=TAKE_DOWN, by=ANN, **wanted)

    def order(self, kind: str, by: str) -> None:
        self.post(f"/v1/measures/{self.of(kind, 'number')}/order", by=by)

    def close(self) -> None:
        self.work("claim")
        self.work("lesson", kind="label", what="a mule")
        for each in self.get(f"/v1/cases/{self.case()['number']}")["open"]:
            self.work("exemptions", about=each["about"], why="the police were told")
        self.work("close")

    def object(self) -> None:
        told = {"text": "I was robbed of my phone.", "channel": "web", "by": f"subject:{MULE}"}
        self.post("/v1/appeals", measure=self.of(CLOSE, "number"), **told)

    def uphold(self) -> None:
        for each in self.appeals("received"):
            self.post(f"/v1/appeals/{each['number']}/decide", by=CAL, upheld=True, why="the police say so")

    def go(self, step: int) -> None:
        """Until the goal is there."""
        name, is_there, act = self.steps[step]

        def turn() -> bool:
            if is_there():
                return True
            act()
            return is_there()

        wait_until(turn, name)


def follow(flow: Flow, service: Spawned, step: int, draw: random.Random | None) -> None:
    """One step; where `draw` is given the service is killed in the middle of it, else after it."""
    killed = threading.Event()

    def kill() -> None:
        assert service.process is not None
        service.process.send_signal(signal.SIGKILL)
        killed.set()

    if draw is not None:
        timer = threading.Timer(draw.random() * MIDDLE_S, kill)
        timer.start()
        try:
            flow.go(step)
        except httpx.TransportError:
            killed.wait(10)
        timer.cancel()
        timer.join()
    else:
        flow.go(step)
    service.end(signal.SIGKILL)
    service.start()
    service.wait_ready()
    flow.go(step)


def test_a_flow_that_is_killed_again_and_again_is_done_once(tmp_path: Path) -> None:
    draw = random.Random()
    service = Spawned(tmp_path / "data")
    records = Records(service.data)
    headers = {"authorization": f"Bearer {new_key(records)}"}
    records.close()
    with (
        Receiver() as receiver,
        service,
        httpx.Client(base_url=service.url, headers=headers, trust_env=False, timeout=30) as client,
    ):
        flow = Flow(client, receiver)
        flow.post("/v1/endpoints", url=receiver.url, internal=True)
        after, middle = draw_kills(draw, len(flow.steps))
        for step in range(len(flow.steps)):
            if step in middle:
                follow(flow, service, step, draw)
            if step in after:
                follow(flow, service, step, None)
            flow.go(step)
        wait_until(lambda: count(tmp_path / "data", WAITING) == [(0, 0)], "the end of what the house does by itself")
        pass_a_minute(tmp_path / "data")
        (sent,) = count(tmp_path / "data", "select count(*) from message")[0]
        wait_until(lambda: len(receiver.told) == sent, f"every webhook of {sent}")
        service.end()
    check(tmp_path / "data", receiver)


def draw_kills(draw: random.Random, steps: int) -> tuple[set[int], set[int]]:
    """After which steps, and in the middle of which; other ones in each run, or every one where that is asked for."""
    if os.environ.get("KILL_AT_EVERY_STEP"):
        return set(range(steps)), set(range(steps))
    drawn = draw.sample(range(steps), 6)
    return set(drawn[:3]), set(drawn[3:])


def pass_a_minute(data: Path) -> None:
    """What was under way when the service was killed is sent again a minute later: that minute is over."""
    with sqlite3.connect(data / FILE, timeout=30) as opened:
        opened.execute("update delivery set next_at = next_at - 60000000 where state = 'waiting'")
    opened.close()


def count(data: Path, asked: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(data / FILE) as opened:
        found = opened.execute(asked).fetchall()
    opened.close()
    return found


def check(data: Path, receiver: Receiver) -> None:
    """Everything is there once."""
    told = Counter((body["type"], json.dumps(body["data"], sort_keys=True)) for body in receiver.told.values())
    assert {each: times for each, times in told.items() if times > 1} == {}, "two messages say the same"
    types = Counter(body["type"] for body in receiver.told.values())
    expected = {
        "case.opened": 1, "case.closed": 1, "measure.ordered": 3, "measure.lifted": 2, "measure.confirmed": 5,
        "appeal.received": 1, "appeal.upheld": 1,
    }  # fmt: skip
    assert {kind: types[kind] for kind in expected} == expected
    rows = {table: count(data, f"select count(*) from {table}")[0][0] for table in ("measure", "case_file", "appeal")}
    assert rows == {"measure": 3, "case_file": 1, "appeal": 1}
    verbs = dict(count(data, "select verb || ' ' || outcome, count(*) from instruction group by 1"))
    assert verbs == {"apply confirmed": 3, "lift confirmed": 2}
    good = count(data, "select count(*) from label where label = 'good'")
    assert good == [(1,)]
    once = (
        "measure.propose",
        "measure.endorse",
        "measure.order",
        "measure.lift",
        "case.open",
        "case.close",
        "appeal.decide",
    )
    asked = "select act, record, count(*) from audit_entry group by 1, 2 having count(*) > 1"
    assert [row for row in count(data, asked) if row[0] in once] == []
