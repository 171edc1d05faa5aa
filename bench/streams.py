"""Events through a broker: fetched, decided, in the journal with fsync, the decision published, and only then
acknowledged. One process beside the broker's; the events lie in the broker before the clock starts."""

import argparse
import asyncio
import json
import platform
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.measure import PACK
from bench.workload import iter_events
from tests.servers.broker import KafkaRig, NatsRig
from tocsin.app.bootstrap import load_packs, make_service_decider
from tocsin.app.service.service import Service
from tocsin.app.settings import Settings
from tocsin.app.streams.companion import StreamCompanion
from tocsin.app.streams.consumer import Wanted
from tocsin.ingest.reader import EventReader

Rig = NatsRig | KafkaRig
WITHIN_S = 300.0


class Run:
    """One service with its consumer on a broker."""

    def __init__(self, rig: Rig, folder: Path, batch: int) -> None:
        self.service = Service(Settings(data=folder, packs=[PACK]))
        self.companion = StreamCompanion(rig.transport(), Wanted("tocsin.decisions", "tocsin.dead-letters", batch))
        self.service.companion = self.companion

    def published(self) -> int:
        return self.companion.tally.published

    async def until(self, count: int, every_s: float = 0.001) -> float:
        """The moment at which so many decisions are published and acknowledged."""
        ends = time.perf_counter() + WITHIN_S
        while self.published() < count:
            if time.perf_counter() > ends:
                raise TimeoutError(f"{self.published()} of {count}")
            await asyncio.sleep(every_s)
        return time.perf_counter()


async def measure(rig: Rig, folder: Path, events: Sequence[bytes], batch: int) -> float:
    """Events per second, from the first published decision to the last."""
    run = Run(rig, folder, batch)
    await asyncio.to_thread(rig.produce, events)
    await run.service.start()
    began = await run.until(1, 0)
    first = run.published()
    done = await run.until(len(events))
    await run.service.stop()
    return (len(events) - first) / (done - began)


def is_equal(rig: Rig, expected: dict[str, tuple[str, list[str]]]) -> bool:
    """Whether the published decisions are those of the same events in process."""
    letters = [json.loads(body) for body, _ in rig.letters("decisions")]
    found = {each["event_id"]: (each["outcome"], [rule["rule"] for rule in each["fired"]]) for each in letters}
    return found == expected and len(letters) == len(expected)


def decide(events: Sequence[bytes]) -> dict[str, tuple[str, list[str]]]:
    catalogue = load_packs([PACK])
    reader, decider = EventReader(catalogue.types), make_service_decider(catalogue, 3_600_000_000)
    decisions = [decider.decide(reader.read_json(event)) for event in events]
    return {each.event_id: (each.outcome.value, [fired.rule for fired in each.fired]) for each in decisions}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--count", type=int, default=20_000, help="events to make")
    parser.add_argument("--batch", type=int, default=500, help="messages decided and committed together")
    chosen = parser.parse_args()
    events = [json.dumps(event).encode() for event in iter_events(chosen.count)]
    expected = decide(events)
    result: dict[str, Any] = {"events": len(events), "batch": chosen.batch}
    for name in ("nats", "kafka"):
        with tempfile.TemporaryDirectory() as folder:
            rig: Rig = NatsRig(Path(folder) / "broker") if name == "nats" else KafkaRig()
            try:
                rig.make(30.0) if isinstance(rig, NatsRig) else rig.make()
                speed = asyncio.run(measure(rig, Path(folder) / "data", events, chosen.batch))
                result[name] = {"events_per_s": round(speed), "equal": is_equal(rig, expected)}
            finally:
                rig.stop()
    if chosen.json:
        print(json.dumps(result))
        return
    print(f"through a broker on {platform.machine()}, Python {platform.python_version()}, {len(events)} events")
    for name in ("nats", "kafka"):
        print(f"  {name:6} " + ", ".join(f"{key} {value}" for key, value in result[name].items()))


if __name__ == "__main__":
    main()
