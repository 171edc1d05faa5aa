"""Timing, and how results are shown."""

import json
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tocsin.app import bootstrap
from tocsin.ingest.reader import EventReader
from tocsin.model.event import Event
from tocsin.rules.catalogue import Catalogue

PACK = Path(__file__).parent / "pack"


def load_pack(place: Path = PACK) -> Catalogue:
    return bootstrap.load_packs([place])


def parse(catalogue: Catalogue, lines: Iterable[bytes]) -> list[Event]:
    reader = EventReader(catalogue.types)
    return [reader.read_json(line) for line in lines]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_speed(work: Callable[[], object], count: int, rounds: int) -> float:
    """Events per second: the median over the rounds."""
    return count / statistics.median(seconds(work) for _ in range(rounds))


def latencies(call: Callable[[Any], object], items: Sequence[Any]) -> tuple[float, float]:
    """p50 and p99 of single calls, in microseconds."""
    clock = time.perf_counter_ns
    spent = []
    for item in items:
        began = clock()
        call(item)
        spent.append(clock() - began)
    spent.sort()
    return spent[len(spent) // 2] / 1_000, spent[len(spent) * 99 // 100] / 1_000


def show(name: str, result: dict[str, Any], as_json: bool) -> None:
    """One object for machines, or a table."""
    if as_json:
        print(json.dumps(result))
        return
    print(f"{name} on {platform.processor() or platform.machine()}, Python {platform.python_version()}, one core")
    rows = {"Tocsin": result["events_per_s"], **result["peers"]}
    for each, speed in sorted(rows.items(), key=lambda row: -row[1]):
        print(f"  {each:28} {speed:>12,.0f} events/s   {speed / result['events_per_s']:6.3f} of Tocsin")
    rest = {key: value for key, value in result.items() if key not in {"events_per_s", "peers"}}
    print("  " + ", ".join(f"{key} {value}" for key, value in rest.items()))
