"""Webhooks go out signed, in order by subject, until they are taken; never to an address inside the house."""

import asyncio
import http.server
import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook, WebhookVerificationError

from tests.reference.loop import ANN, HOUR, NOW, at, wanted
from tests.servers.postgres import PostgresServer
from tocsin.app.delivery.courier import Courier
from tocsin.app.delivery.endpoint import NewEndpoint, change_secret, make_endpoint, start_endpoint, stop_endpoint
from tocsin.app.delivery.guard import check_url, find_target
from tocsin.app.delivery.outbox import attempts_of, fan_out, replay, take_due
from tocsin.app.delivery.schedule import SPANS_S, next_try, read_retry_after
from tocsin.app.delivery.tables import Delivery, Endpoint
from tocsin.app.storage.records import Records
from tocsin.measures.measure import order, propose
from tocsin.measures.tables import Measure
from tocsin.records.audit import tell
from tocsin.records.errors import AddressWrong
from tocsin.records.tables import AuditEntry, Message

REAL_NOW = 1_780_000_000_000_000


def plainly(sealed: bytes, _: str) -> bytes:
    return sealed


class Receiver:
    """A platform's server. `answers` are the statuses that it gives, in turn, 200 afterwards."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.got: list[tuple[dict[str, str], str]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


class House:
    """Records with a courier and a clock that is moved by hand."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.now = REAL_NOW
        self.courier = Courier(records, plainly, lambda: self.now)

    def endpoint(self, url: str, *types: str) -> str:
        with self.records.session() as session:
            new = NewEndpoint(url=url, types=types or ("*",), internal=True)
            return make_endpoint(session, new, plainly, at(ANN))[1]

    def say(self, kind: str, subject: str = "account:m") -> str:
        with self.records.session() as session:
            return tell(session, kind, subject, NOW, {"n": 1})

    def deliver(self) -> None:
        """Turns until nothing is due."""

        async def go() -> None:
            async with httpx.AsyncClient() as client:
                while await self.courier.turn(client):
                    pass

        asyncio.run(go())

    def deliveries(self) -> list[tuple[str, int]]:
        with self.records.session() as session:
            return [(each.state, each.attempts) for each in session.scalars(select(Delivery).order_by(Delivery.number))]


def test_a_message_is_delivered_once_signed_as_the_standard_says(records: Records, receiver: Receiver) -> None:
    house = House(records)
    secret = house.endpoint(receiver.url, "case.*")
    message = house.say("case.opened")
    house.say("measure.ordered")
    house.deliver()
    house.deliver()
    assert receiver.types() == ["case.opened"]
    headers, body = receiver.got[0]
    assert headers["webhook-id"] == message
    assert headers["host"] == receiver.url.split("/")[2]
    assert json.loads(body)["data"] == {"n": 1}
    assert headers["webhook-signature"] == Webhook(secret).sign(message, _at(headers), body)
    assert house.deliveries() == [("done", 1)]


def test_both_secrets_sign_after_a_change_and_the_oldest_ends(records: Records, receiver: Receiver) -> None:
    house = House(records)
    first = house.endpoint(receiver.url)
    with records.session() as session:
        endpoint = session.scalars(select(Endpoint)).one()
        second = change_secret(session, endpoint, (plainly, plainly), at(ANN))
    house.say("case.opened")
    house.deliver()
    headers, body = receiver.got[0]
    signatures = headers["webhook-signature"].split(" ")
    message = headers["webhook-id"]
    assert signatures == [Webhook(each).sign(message, _at(headers), body) for each in (second, first)]
    with records.session() as session:
        endpoint = session.scalars(select(Endpoint)).one()
        change_secret(session, endpoint, (plainly, plainly), at(ANN))
    house.say("case.closed")
    house.deliver()
    headers, body = receiver.got[1]
    assert Webhook(first).sign(headers["webhook-id"], _at(headers), body) not in headers["webhook-signature"]
    with pytest.raises(WebhookVerificationError):
        Webhook(first).verify(body, headers)


def test_what_is_not_taken_is_tried_again_with_the_same_id_later_and_later(
    records: Records, receiver: Receiver
) -> None:
    house = House(records)
    house.endpoint(receiver.url)
    message = house.say("case.opened")
    receiver.answers = [(500, {}), (302, {"location": "http://127.0.0.1:1/"}), (429, {"retry-after": "3600"})]
    waits = []
    for _ in range(4):
        house.deliver()
        with records.session() as session:
            waits.append(session.scalars(select(Delivery.next_at)).one() - house.now)
        house.now += waits[-1]
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [message] * 4
    assert 4e6 <= waits[0] <= 6e6
    assert 240e6 <= waits[1] <= 360e6
    assert waits[2] == 3_600e6
    assert house.deliveries() == [("done", 4)]
    with records.session() as session:
        log = attempts_of(session, message)
        assert [(each.status, each.error) for each in log] == [
            (500, "answered 500"), (302, "answered 302"), (429, "answered 429"), (200, ""),
        ]  # fmt: skip


def test_what_follows_on_a_subject_waits_and_other_subjects_do_not(records: Records, receiver: Receiver) -> None:
    house = House(records)
    house.endpoint(receiver.url)
    receiver.answers = [(500, {})]
    house.say("measure.ordered")
    house.say("measure.lifted")
    house.deliver()
    house.say("case.opened", "account:other")
    house.deliver()
    assert receiver.types() == ["measure.ordered", "case.opened"]
    house.now += 10_000_000
    house.deliver()
    assert receiver.types()[2:] == ["measure.ordered", "measure.lifted"]


def test_a_platform_that_was_down_for_a_day_gets_everything_once_in_order(records: Records, receiver: Receiver) -> None:
    house = House(records)
    receiver.stop()
    house.endpoint(receiver.url)
    said = [house.say(f"case.{number}", f"account:{number % 3}") for number in range(12)]
    for _ in range(24):
        house.deliver()
        house.now += HOUR
    back = Receiver()
    try:
        with records.session() as session:
            session.scalars(select(Endpoint)).one().url = back.url
        house.now += 24 * HOUR
        house.deliver()
        got = [headers["webhook-id"] for headers, _ in back.got]
    finally:
        back.stop()
        receiver.thread = threading.Thread()
        receiver.stop = lambda: None  # type: ignore[method-assign]
    assert sorted(got) == sorted(said)
    for line in range(3):
        assert [each for each in got if said.index(each) % 3 == line] == said[line::3]


def test_it_is_given_up_after_days_and_may_be_replayed(records: Records, receiver: Receiver) -> None:
    house = House(records)
    house.endpoint(receiver.url)
    house.say("case.opened")
    receiver.answers = [(500, {})] * (len(SPANS_S) + 1)
    for _ in range(len(SPANS_S) + 1):
        house.deliver()
        house.now += 30 * HOUR
    assert house.deliveries() == [("dead", len(SPANS_S) + 1)]
    house.deliver()
    with records.session() as session:
        assert replay(session, session.scalars(select(Endpoint)).one(), NOW, house.now) == 1
    house.deliver()
    assert house.deliveries() == [("done", 1)]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_who_is_gone_is_told_nothing_more_until_it_is_started_again(records: Records, receiver: Receiver) -> None:
    house = House(records)
    house.endpoint(receiver.url)
    receiver.answers = [(410, {})]
    house.say("case.opened")
    house.deliver()
    house.say("case.closed")
    house.now += HOUR
    house.deliver()
    assert receiver.types() == ["case.opened"]
    with records.session() as session:
        start_endpoint(session, session.scalars(select(Endpoint)).one(), at(ANN))
        assert "endpoint.stop" in session.scalars(select(AuditEntry.act)).all()
    house.deliver()
    assert receiver.types() == ["case.opened", "case.opened", "case.closed"]


def test_a_crash_between_taking_and_recording_sends_it_again_with_the_same_id(
    records: Records, receiver: Receiver
) -> None:
    house = House(records)
    house.endpoint(receiver.url)
    message = house.say("case.opened")
    with records.session() as session:
        fan_out(session, house.now)
    with records.session() as session:
        assert [parcel.message_id for parcel in take_due(session, house.now, 9)] == [message]
    house.deliver()
    assert receiver.got == []
    house.now += 61_000_000
    house.deliver()
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [message]


def test_a_delivered_instruction_makes_its_measure_delivered(records: Records, receiver: Receiver) -> None:
    house = House(records)
    house.endpoint(receiver.url, "measure.*")
    with records.session() as session:
        measure = propose(session, wanted(), at(ANN))
        order(session, measure, at(ANN))
    house.deliver()
    with records.session() as session:
        assert session.scalars(select(Measure.state)).one() == "delivered"
    told = json.loads(receiver.got[0][1])["data"]
    assert (told["verb"], told["subject"], told["kind"], told["scope"]) == (
        "apply",
        "account:m",
        "limit",
        "receive_payment",
    )


def test_the_message_is_there_only_if_what_it_tells_is(records: Records) -> None:
    def fail(session: Session) -> None:
        order(session, propose(session, wanted(), at(ANN)), at(ANN))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), records.session() as session:
        fail(session)
    with records.session() as session:
        assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "https://a:b@example.org/", "https://example.org/#x",
        "https://example.org:0/", "https://example.org:99999/", "https://ex\u00e4mple.org/", "https://e.org/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(AddressWrong):
        check_url(url, internal=False)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "[::1]", "[fe80::1]", "[fc00::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "224.0.0.1",
    ],
)  # fmt: skip
def test_an_address_inside_the_house_is_never_called(host: str) -> None:
    with pytest.raises((AddressWrong, OSError)):
        asyncio.run(find_target(f"https://{host}/", internal=False))


def test_the_name_is_looked_up_once_and_the_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async def answer(*_: Any, **__: Any) -> list[Any]:
            return [(0, 0, 0, "", ("93.184.215.14", 8443))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer, raising=False)
        target = await find_target("https://shop.example:8443/hook?a=b", internal=False)
        assert (target.url, target.host) == ("https://93.184.215.14:8443/hook?a=b", "shop.example")
        assert target.authority == "shop.example:8443"

    asyncio.run(go())


def test_a_mixed_answer_of_the_name_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async def answer(*_: Any, **__: Any) -> list[Any]:
            return [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer, raising=False)
        with pytest.raises(AddressWrong):
            await find_target("https://shop.example/", internal=False)

    asyncio.run(go())


def test_the_spans_are_days_in_all_and_retry_after_is_heeded() -> None:
    draw = random.Random(1)
    assert sum(SPANS_S) > 3 * 86_400
    assert next_try(1, 0, draw, 10_000) == 10_000_000_000
    assert next_try(1, 0, draw, 10**9) == 86_400_000_000
    assert read_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 0) == 60
    assert read_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", 60_000_000) == 0


def test_a_stopped_endpoint_says_why(records: Records) -> None:
    house = House(records)
    house.endpoint("http://127.0.0.1:9/")
    with records.session() as session:
        endpoint = session.scalars(select(Endpoint)).one()
        stop_endpoint(session, endpoint, "holidays", at(ANN))
        assert endpoint.stopped_why == "holidays"
    for types in (("nothing.*",), ("measures",)):
        with records.session() as session, pytest.raises(AddressWrong, match="no messages"):
            make_endpoint(session, NewEndpoint(url="https://a.example/", types=types), plainly, at(ANN))


def _at(headers: dict[str, str]) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)


def test_a_message_that_becomes_visible_after_a_younger_one_is_delivered_too(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    records = Records(tmp_path, postgres.make_database())
    with records.change() as session:
        make_endpoint(session, NewEndpoint(url="https://platform.example/hook"), plainly, at(ANN))
    with records.change() as slow:
        tell(slow, "case.opened", "account:1", NOW, {})
        slow.flush()
        with records.change() as quick:
            tell(quick, "case.opened", "account:2", NOW, {})
        looked: list[int] = []

        def work() -> None:
            with records.change() as session:
                looked.append(fan_out(session, NOW))

        fanning = threading.Thread(target=work)
        fanning.start()
        fanning.join(0.3)
        assert fanning.is_alive(), "it waits for who may have a lower number"
    fanning.join()
    assert looked == [2]
    with records.session() as session:
        assert {each.subject for each in session.scalars(select(Delivery))} == {"account:1", "account:2"}
    records.close()
