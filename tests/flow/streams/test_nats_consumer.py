"""What is JetStream's own: how a consumer is set up, subjects, who may connect, and what the server drops."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from pydantic import SecretStr

from tests.servers.broker import NatsRig
from tests.servers.nats import NatsServer
from tocsin.app.stream_settings import NatsSettings
from tocsin.app.streams.letter import dead_letter
from tocsin.app.streams.message import Letter, Message
from tocsin.app.streams.nats.transport import NatsTransport
from tocsin.model.errors import MalformedEvent, StreamDown, StreamUnfit


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[NatsRig]:
    made = NatsRig(tmp_path / "broker")
    yield made
    made.stop()


@asynccontextmanager
async def talk(rig: NatsRig) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(rig.server.url)
    try:
        yield client.jetstream()
    finally:
        await client.close()


@asynccontextmanager
async def opened(rig: NatsRig, **settings: Any) -> AsyncIterator[NatsTransport]:
    transport = NatsTransport(NatsSettings(url=[rig.server.url], **settings))
    try:
        await transport.open()
        yield transport
    finally:
        await transport.close()


async def take(transport: NatsTransport, count: int) -> list[Message]:
    found: list[Message] = []
    ends = time.monotonic() + 20
    while len(found) < count and time.monotonic() < ends:
        found += await transport.fetch(500, 0.1)
    return found


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        await asyncio.wait_for(work(), 60)

    asyncio.run(within())


UNFIT: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"max_deliver": 3}, {}, "gives up after 3 deliveries"),
    ({"ack_policy": AckPolicy.NONE, "deliver_subject": "push.here"}, {}, "it pushes"),
    ({"headers_only": True}, {}, "leaves out the bodies"),
    ({}, {"decisions": "tocsin.events.out"}, "letters need a stream of their own"),
    ({}, {"dead_letters": "nowhere"}, "no stream takes nowhere"),
]


@pytest.mark.parametrize(("consumer", "settings", "words"), UNFIT)
def test_a_consumer_that_would_lose_messages_is_refused(
    rig: NatsRig, consumer: dict[str, Any], settings: dict[str, Any], words: str
) -> None:
    async def work() -> None:
        async with talk(rig) as js:
            await js.add_stream(name="events", subjects=["tocsin.events", "tocsin.events.out"])
            await js.add_stream(name="out", subjects=["tocsin.decisions", "tocsin.dead-letters"])
            config = ConsumerConfig(durable_name="tocsin", **{"ack_policy": AckPolicy.EXPLICIT, **consumer})
            await js.add_consumer("events", config)
        with pytest.raises(StreamUnfit, match=words):
            async with opened(rig, stream="events", **settings):
                pass

    run(work)


def test_of_a_consumer_with_a_filter_only_its_subjects_are_read_also_after_a_crash(rig: NatsRig) -> None:
    async def work() -> None:
        async with talk(rig) as js:
            await js.add_stream(name="events", subjects=["events.>"])
            await js.add_stream(name="out", subjects=["tocsin.decisions", "tocsin.dead-letters"])
            subjects = ["events.pay", "events.login.*"]
            config = ConsumerConfig(durable_name="tocsin", ack_policy=AckPolicy.EXPLICIT, filter_subjects=subjects)
            await js.add_consumer("events", config)
            for number in range(30):
                await js.publish(f"events.{('pay', 'other', 'login.a')[number % 3]}", b"%d" % number)
            expected = [b"%d" % number for number in range(30) if number % 3 != 1]
            async with opened(rig, stream="events") as transport:
                found = await take(transport, 20)
                assert [message.body for message in found] == expected
                assert {message.place.source for message in found} == {"events.pay", "events.login.a"}
            await js.publish("events.pay", b"last")
            async with opened(rig, stream="events") as transport:
                assert [message.body for message in await take(transport, 21)] == [*expected, b"last"]

    run(work)


def test_a_consumer_that_begins_with_what_is_new_reads_nothing_older(rig: NatsRig) -> None:
    async def work() -> None:
        async with talk(rig) as js:
            await js.add_stream(name="tocsin-events", subjects=["tocsin.events"])
            await js.add_stream(name="out", subjects=["tocsin.decisions", "tocsin.dead-letters"])
            await js.publish("tocsin.events", b"old")
            config = ConsumerConfig(
                durable_name="tocsin", ack_policy=AckPolicy.EXPLICIT, deliver_policy=DeliverPolicy.NEW
            )
            await js.add_consumer("tocsin-events", config)
            await js.publish("tocsin.events", b"new")
            async with opened(rig) as transport:
                assert [message.body for message in await take(transport, 1)] == [b"new"]
            async with opened(rig) as transport:
                assert [message.body for message in await take(transport, 1)] == [b"new"]

    run(work)


def test_a_decision_that_is_published_again_is_kept_once(rig: NatsRig) -> None:
    rig.make()

    async def work() -> None:
        async with opened(rig) as transport:
            for event_id in ("a", "a", "a ", " a", "诈", "诈"):
                assert await transport.send([Letter("tocsin.decisions", event_id, event_id.encode())]) == []

    run(work)
    assert [body.decode() for body, _ in rig.letters("decisions")] == ["a", "a ", " a", "诈"]


def test_headers_that_would_command_the_server_do_not_go_along(rig: NatsRig) -> None:
    rig.make()
    sent = {"Nats-Msg-Id": "1", "Nats-Expected-Stream": "other", "Nats-Rollup": "all", "Status": "503", "mine": "诈"}

    async def work() -> None:
        async with talk(rig) as js:
            message = {name: value for name, value in sent.items() if name in {"Status", "mine"}}
            await js.publish("tocsin.events", b"", headers=message)
        async with opened(rig) as transport:
            (found,) = await take(transport, 1)
            assert dict(found.headers) == message
            forged = Message(b"x", tuple(sent.items()), found.place)
            assert await transport.send([dead_letter(forged, MalformedEvent("", "bad"), "tocsin.dead-letters")]) == []

    run(work)
    ((_, headers),) = rig.letters("dead-letters")
    assert headers["mine"] == "诈"
    assert "Status" not in headers
    assert [name for name in headers if name.lower().startswith("nats-")] == ["Nats-Msg-Id"]
    assert headers["Nats-Msg-Id"] != "1"


def test_a_consumer_that_is_deleted_is_noticed_and_found_again_when_it_is_back(rig: NatsRig) -> None:
    rig.make()

    async def work() -> None:
        async with talk(rig) as js, opened(rig) as transport:
            assert await transport.fetch(10, 0.05) == []
            await js.delete_consumer("tocsin-events", "tocsin")
            with pytest.raises(StreamDown):
                await take(transport, 1)
            with pytest.raises(StreamUnfit):
                await transport.open()
            await js.add_consumer("tocsin-events", durable_name="tocsin", ack_policy=AckPolicy.EXPLICIT)
            await js.publish("tocsin.events", b"x")
            await transport.open()
            assert len(await take(transport, 1)) == 1

    run(work)


def test_a_consumer_on_a_server_with_credentials(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "broker", "--user", "me", "--pass", "hunter2")
    server.start()
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")

    async def work() -> None:
        wrong = NatsTransport(NatsSettings(url=[server.url], user="me"))
        with pytest.raises(StreamDown):
            await wrong.open()
        right = NatsTransport(NatsSettings(url=[server.url], user="me", password_file=secret), create=True)
        await right.open()
        assert await right.lag() == 0
        await right.close()

    try:
        run(work)
    finally:
        server.stop()


def test_the_rights_that_the_page_names_are_enough(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/streams.en.md").read_text(encoding="utf-8")
    named = [*re.findall(r"`(\$JS[^`]+)`", page), "tocsin.decisions", "tocsin.dead-letters"]
    config = tmp_path / "nats.conf"
    allowed = ", ".join(json.dumps(subject) for subject in named)
    users = [
        '{user: "owner", password: "o"}',
        f'{{user: "me", password: "p", permissions: {{publish: [{allowed}], subscribe: ["_INBOX.>"]}}}}',
    ]
    config.write_text(f"authorization: {{users: [{', '.join(users)}]}}\n")
    server = NatsServer(tmp_path / "broker", "-c", str(config))
    server.start()

    def settings(user: str, password: str) -> NatsSettings:
        return NatsSettings(url=[server.url], user=user, password=SecretStr(password))

    async def work() -> None:
        owner = NatsTransport(settings("owner", "o"), create=True)
        await owner.open()
        events = [Letter("tocsin.events", str(number), b"%d" % number) for number in range(20)]
        assert await owner.send(events) == []
        await owner.close()
        for count in (20, 15):  # the second time what was not acknowledged is read from the stream
            transport = NatsTransport(settings("me", "p"))
            await transport.open()
            found = await take(transport, count)
            assert len(found) == count
            assert await transport.send([Letter("tocsin.decisions", "e", b"1")]) == []
            await transport.keep(found)
            await transport.acknowledge(found[:5])
            await transport.close()

    try:
        run(work)
    finally:
        server.stop()
