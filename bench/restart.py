"""How soon a service with many events in its windows decides again: after a stop, and after `kill -9` with a tail to
replay. All events lie within one day, so that every one of them is still in a window.
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.service import Service as Process
from bench.workload import START_S, WEEK_S, iter_events
from tocsin.app.service.service import Service
from tocsin.app.settings import Settings

PACK = Path(__file__).parent / "pack"
DAY_S = 82_800
GROUP = 2_000
TAIL = 100_000


def within_a_day(count: int) -> Iterator[bytes]:
    for event in iter_events(count):
        event["ts"] = round(START_S + (event["ts"] - START_S) * DAY_S / WEEK_S, 3)
        yield json.dumps(event).encode()


async def fill(folder: Path, events: Iterator[bytes], count: int) -> dict[str, Any]:
    """Lets events into a service as fast as it takes them, and stops it."""
    settings = Settings(data=folder, packs=[PACK], every_feature=True, snapshot_every_s=86_400, compact_every_s=5)
    service = Service(settings)
    await service.start()
    while not service.engine.ready:
        await asyncio.sleep(0.01)
    done = 0
    while done < count:
        tickets = [service.engine.submit(event) for event in islice(events, min(GROUP, count - done))]
        await service.engine.wait(tickets)
        done += len(tickets)
    held = service.decider.features.stats()
    began = time.perf_counter()
    await service.stop()
    return {
        "cells": held.cells,
        "entries": held.entries,
        "state_mib": held.bytes >> 20,
        "stop_s": round(time.perf_counter() - began, 2),
    }


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--count", type=int, default=5_000_000)
    told.add_argument("--json", action="store_true")
    chosen = told.parse_args()
    events = within_a_day(chosen.count + TAIL)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        result = {"events": chosen.count, **asyncio.run(fill(data, events, chosen.count))}
        tail = Path(folder) / "tail"
        tail.write_bytes(b"\n".join(events) + b"\n")
        process = Process(
            data,
            "--packs",
            str(PACK),
            TOCSIN_EVERY_FEATURE="true",
            TOCSIN_RATE_PER_S="1000000",
            TOCSIN_SNAPSHOT_EVERY_S="86400",
        )
        process.make_key()
        result["ready_after_stop_s"] = round(process.start(), 2)
        load = [
            str(tail),
            "--port",
            str(process.port),
            "--key",
            process.key,
            "--batch",
            "100",
            "--connections",
            "8",
            "--seconds",
            "60",
        ]
        seen = subprocess.run(
            [sys.executable, "-m", "bench.load", *load], capture_output=True, text=True, check=True
        ).stdout
        process.end(signal.SIGKILL)
        result["tail_events"] = json.loads(seen)["ok"] * 100
        print(result, file=sys.stderr)
        result["ready_after_kill_s"] = round(process.start(), 2)
        result["rss_mib"] = process.rss() >> 20
        process.end()
    print(json.dumps(result) if chosen.json else "\n".join(f"{name}: {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
