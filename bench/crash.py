"""`kill -9` at random moments under load, again and again; then every promise is checked.

Workers send events over HTTP and keep what was acknowledged; an event without an answer is sent again after the restart.
A producer sends others through NATS to the same process, and the broker is killed too. At the end the history is read:
each acknowledged event is there, once, with the very decision that was answered or published, and every decision is the
one that an uninterrupted run over the same events makes. Snapshots and compactions run all the time, so that kills fall
into them too.
"""

import argparse
import http.client
import itertools
import json
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.feed import Feed
from bench.service import Service
from bench.workload import iter_events
from tocsin.app import bootstrap
from tocsin.history.history import History
from tocsin.history.verification import Verification
from tocsin.ingest.reader import EventReader

PACK = Path(__file__).parent / "pack"
WORKERS = 8
BATCH_EVERY = 5
"""Every so many requests is a batch."""

FED = 4
"""Every so many events goes through NATS."""

BROKER_EVERY = 8
"""With every so many kills of the service the broker is killed too."""

DRAIN_S = 60.0
"""How long nothing more may come before what is missing counts as lost."""

HASTE = {
    "TOCSIN_SNAPSHOT_EVERY_S": "0.2",
    "TOCSIN_COMPACT_EVERY_S": "0.3",
    "TOCSIN_STRETCH": "300",
    "TOCSIN_EVERY_FEATURE": "true",
}


class Result(msgspec.Struct):
    """What a run came to. Of what was acknowledged, `by_broker` came through NATS."""

    kills: int
    acknowledged: int
    by_broker: int
    lost: int
    doubled: int
    unequal: int
    entries: int
    chain_faults: int


class Answers(msgspec.Struct):
    """What was promised: answers over HTTP by event id, ids that the broker took, and what was published for them."""

    answers: dict[str, bytes]
    fed: set[str]
    published: dict[str, list[object]]
    changed: int


class Load:
    """Workers that send until they are told to stop; `answers` are the decisions that were acknowledged, by id."""

    def __init__(self, service: Service, events: Iterator[bytes]) -> None:
        self.service = service
        self.events = events
        self.lock = threading.Lock()
        self.answers: dict[str, bytes] = {}
        self.changed: list[str] = []
        self.up = threading.Event()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(WORKERS)]

    def take(self, count: int) -> list[bytes]:
        with self.lock:
            return list(itertools.islice(self.events, count))

    def _work(self, number: int) -> None:
        line: http.client.HTTPConnection | None = None
        for turn in itertools.count(number):
            events = self.take(20 if turn % BATCH_EVERY == 0 else 1)
            while events and not self.over.is_set():
                if line is None:
                    line = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=20)
                if self._send(line, events):
                    break
                line.close()
                line = None
                self.up.wait(0.05)
            if not events or self.over.is_set():
                break
        if line is not None:
            line.close()

    def _send(self, line: http.client.HTTPConnection, events: list[bytes]) -> bool:
        many = len(events) > 1
        path = "/v1/events?decisions=true" if many else "/v1/decisions"
        body = b"[" + b",".join(events) + b"]" if many else events[0]
        headers = {"authorization": f"Bearer {self.service.key}", "content-type": "application/json"}
        try:
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status == 503:
            return False
        assert answer.status == 200, told
        for decision in msgspec.json.decode(told)["decisions"] if many else [msgspec.json.decode(told)]:
            self._keep(decision["event_id"], decision)
        return True

    def _keep(self, event_id: str, decision: object) -> None:
        packed = msgspec.json.encode(decision)
        with self.lock:
            if self.answers.setdefault(event_id, packed) != packed:
                self.changed.append(event_id)


def crash(folder: Path, kills: int, seed: int) -> Result:
    draw = random.Random(seed)
    events = [json.dumps(event).encode() for event in iter_events(max(20_000, kills * 4_000), seed)]
    feed = Feed(folder / "broker", iter(events[::FED]))
    told = ("--packs", str(PACK), *feed.rig.options())
    service = Service(folder / "data", *told, command=("consume", "nats"), **HASTE)
    try:
        with service:
            load = Load(service, (event for number, event in enumerate(events) if number % FED))
            load.up.set()
            for thread in load.threads:
                thread.start()
            for number in range(kills):
                time.sleep(draw.random() ** 2 * 1.2)
                service.end(signal.SIGKILL)
                load.up.clear()
                if number % BROKER_EVERY == 0:
                    feed.kill_broker()
                time.sleep(draw.random() * 0.05)
                service.start()
                load.up.set()
            time.sleep(0.5)
            load.over.set()
            feed.end()
            for thread in load.threads:
                thread.join(60)
            published = wait_for_all(feed)
    finally:
        feed.stop()
    answers = Answers(load.answers, feed.acknowledged, published, len(load.changed))
    return check(folder / "data", kills, answers)


def wait_for_all(feed: Feed) -> dict[str, list[object]]:
    """What was published, once there is a decision on everything that the broker took, or nothing more comes."""
    found = feed.decisions()
    ends = time.monotonic() + DRAIN_S
    while feed.acknowledged - found.keys() and time.monotonic() < ends:
        time.sleep(0.5)
        before, found = len(found), feed.decisions()
        if len(found) > before:
            ends = time.monotonic() + DRAIN_S
    return found


def check(data: Path, kills: int, told: Answers) -> Result:
    """Compares what was answered or published, what was kept, and what an uninterrupted run over it says."""
    catalogue = bootstrap.load_packs([PACK])
    reader = EventReader(catalogue.types)
    decider = bootstrap.make_service_decider(catalogue, 3_600_000_000, every_feature=True)
    history = History(data)
    seen: dict[str, bytes] = {}
    doubled = 0
    unequal = told.changed
    for entry in history.read():
        doubled += entry.id in seen
        kept = msgspec.json.decode(entry.decision)
        seen[entry.id] = msgspec.json.encode(kept)
        again = msgspec.json.decode(msgspec.json.encode(decider.judge(reader.read_json(entry.event))))
        unequal += {**kept, "took_us": 0} != {**again, "took_us": 0}
        if (answered := told.answers.get(entry.id)) is not None:
            unequal += answered != seen[entry.id]
        unequal += any(each != kept for each in told.published.get(entry.id, ()))
    lost = sum(event_id not in seen for event_id in told.answers)
    lost += sum(event_id not in seen or event_id not in told.published for event_id in told.fed)
    faults = len(Verification(history.journal, history.lake).run().faults)
    history.close()
    acknowledged = len(told.answers) + len(told.fed)
    return Result(kills, acknowledged, len(told.fed), lost, doubled, unequal, len(seen), faults)


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--kills", type=int, default=200)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--json", action="store_true")
    chosen = told.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = crash(Path(folder), chosen.kills, chosen.seed)
    found = msgspec.to_builtins(result)
    print(json.dumps(found) if chosen.json else "\n".join(f"{name}: {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
