"""A platform sends its events through a broker, and whatever is killed on the way, each is decided once."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from tests.flow.streams.command import Command, by_id, ids, send_back, until
from tests.flow.streams.events import PACK, Decided, decided, make_events, same, uninterrupted
from tests.servers.broker import KafkaRig, NatsRig
from tocsin.app.service.service import Service
from tocsin.app.settings import Settings
from tocsin.app.streams.companion import StreamCompanion
from tocsin.app.streams.consumer import Wanted

Rig = NatsRig | KafkaRig
EVENTS = make_events(2_500)


@pytest.fixture(params=("nats", "kafka"))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    made = NatsRig(tmp_path / "broker") if request.param == "nats" else KafkaRig()
    try:
        made.make()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    return uninterrupted(tmp_path_factory.mktemp("reference"), EVENTS)


def first(reference: Decided, count: int) -> Decided:
    """What an uninterrupted run makes of the first events: those that come later change nothing of it."""
    return {f"p{number}": reference[f"p{number}"] for number in range(count)}


def kept(folder: Path) -> int:
    """How many entries a folder's journal has while a service writes it."""
    try:
        base = sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0
    try:
        return base.execute("select max(last_seq) from batch").fetchone()[0] or 0
    except sqlite3.OperationalError:
        return 0
    finally:
        base.close()


@pytest.fixture(autouse=True)
def _no_payments(tmp_path: Path) -> None:
    """A pack that knows another event type only."""
    pack = tmp_path / "no-payments"
    pack.mkdir()
    (pack / "pack.toml").write_text('id = "other"\ntitle = {en = "o", zh = "o"}\nversion = "1"\nrequires = []\n')
    (pack / "other.yaml").write_text(
        "events:\n  other.thing:\n    title: {en: o, zh: o}\n    fields: {a: {type: int}}\n"
    )


def consume(rig: Rig, folder: Path, packs: Sequence[Path] = (PACK,)) -> dict[str, float]:
    """A service with its consumer in this process, until the stream is drained; gives its counts."""

    async def run() -> dict[str, float]:
        service = Service(Settings(data=folder, packs=list(packs)))
        companion = StreamCompanion(rig.transport(), Wanted("tocsin.decisions", "tocsin.dead-letters", 100, 0.3))
        service.companion = companion
        ended = asyncio.Event()
        companion.on_end = ended.set
        await service.start()
        await asyncio.wait_for(ended.wait(), 60)
        registry = CollectorRegistry()
        registry.register(service.tally)
        lines = generate_latest(registry).decode().splitlines()
        await service.stop()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if "stream" in line[:15]}

    return asyncio.run(run())


def test_each_event_is_decided_once_and_what_is_none_goes_aside(rig: Rig, tmp_path: Path, reference: Decided) -> None:
    bad = [b"nonsense \xe8\xaf\x88", json.dumps({"id": "x", "type": "payment.transfer"}).encode()]
    rig.produce([*EVENTS[:200], *EVENTS[100:150], *bad, *EVENTS[200:300], EVENTS[0]])
    counts = consume(rig, tmp_path / "data")
    found = decided(tmp_path / "data")
    assert same(found, first(reference, 300))
    published = rig.letters("decisions")
    assert by_id(published) == found
    assert list(dict.fromkeys(ids(published))) == list(found), "in the order of the stream"
    dead = rig.letters("dead-letters")
    assert [body for body, _ in dead] == bad
    assert [headers["tocsin-error"] for _, headers in dead] == ["malformed", "missing_field"]
    assert dead[1][1]["tocsin-field"] == "sender"
    assert {headers["tocsin-source"] for _, headers in dead} == {"tocsin.events"}
    start = 1 if rig.name == "nats" else 0
    assert [headers["tocsin-number"] for _, headers in dead] == [str(start + 250), str(start + 251)]
    assert counts["tocsin_stream_messages_total"] == 353
    assert counts["tocsin_stream_published_total"] == 351
    assert counts['tocsin_stream_dead_letters_total{error="malformed"}'] == 1
    assert counts["tocsin_stream_connected"] == 1


def test_dead_letters_go_back_once_what_was_wrong_is_mended(rig: Rig, tmp_path: Path, reference: Decided) -> None:
    rig.produce([*EVENTS[:20], b"nonsense", *EVENTS[20:30]], {"trace": "1"})
    consume(rig, tmp_path / "data", [tmp_path / "no-payments"])
    assert decided(tmp_path / "data") == {}
    assert len(rig.letters("dead-letters")) == 31
    for said in ("31 dead letters sent back, 0 kept", "0 dead letters sent back, 0 kept"):
        assert said in send_back(rig, "--until-idle", "0.3", "--create")
    counts = consume(rig, tmp_path / "data")
    assert same(decided(tmp_path / "data"), first(reference, 30))
    assert counts["tocsin_stream_messages_total"] == 31
    body, headers = rig.letters("dead-letters")[-1]
    assert (body, headers["trace"], headers["tocsin-error"]) == (b"nonsense", "1", "malformed")


def test_nothing_is_lost_or_decided_twice_when_the_consumer_is_killed(
    rig: Rig, tmp_path: Path, reference: Decided
) -> None:
    folder = tmp_path / "data"
    rig.produce(EVENTS)
    killed = Command(rig, folder, "--batch", "20")
    until(lambda: kept(folder) >= 100)
    killed.kill()
    before = kept(folder)
    assert before < len(EVENTS), "it was not killed in mid-stream"
    stopped = Command(rig, folder, "--batch", "20")
    until(lambda: kept(folder) > before)
    stopped.stop()
    assert kept(folder) < len(EVENTS), "it was not stopped in mid-stream"
    assert by_id(rig.letters("decisions")) == decided(folder), "a stop finishes what is in hand"
    Command(rig, folder, "--until-idle", "0.3").finish()
    found = decided(folder)
    assert same(found, reference)
    assert by_id(rig.letters("decisions")) == found


def test_nothing_is_lost_or_decided_twice_when_the_broker_is_killed(
    rig: Rig, tmp_path: Path, reference: Decided
) -> None:
    folder = tmp_path / "data"
    rig.produce(EVENTS[:2_000])
    command = Command(rig, folder, "--batch", "20", "--until-idle", "2")
    until(lambda: kept(folder) >= 100)
    rig.kill()
    assert kept(folder) < 2_000, "it was not killed in mid-stream"
    rig.restart()
    # a broker that keeps nothing has lost what waited, so that its producer sends all of it again
    rig.produce(EVENTS if rig.name == "kafka" else EVENTS[2_000:])
    assert "cannot be reached" in command.finish()
    found = decided(folder)
    assert same(found, reference)
    assert by_id(rig.letters("decisions")) == found
