"""Decisions over HTTP, one process, the journal on the disk before the answer: six windows, twenty rules, load from a
second process. Peer: a minimal FastAPI service with the same rules by hand and one SQLite row for each event.

Three loads: single decisions as fast as 64 connections are answered; 1,000 a second offered, open loop; batches of 100.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.service import Service
from bench.workload import iter_events

PACK = str(Path(__file__).parent / "pack")
OURS, PEER = "Tocsin", "FastAPI with SQLite"
LOADS: dict[str, tuple[int, list[str]]] = {
    "single": (60_000, ["--connections", "64"]),
    "offered": (12_000, ["--rate", "1000", "--connections", "64"]),
    "batch": (260_000, ["--batch", "100", "--connections", "8"]),
}


def make_service(name: str, folder: Path) -> Service:
    if name == OURS:
        return Service(folder / "ours", "--packs", PACK, TOCSIN_EVERY_FEATURE="true", TOCSIN_RATE_PER_S="1000000")
    return Service(folder / "peer", module="bench.peer_fastapi", command=())


def load(service: Service, file: Path, seconds: float, options: list[str]) -> dict[str, Any]:
    """One load; what it saw, and the processor time of the service for each event."""
    told = [str(file), "--port", str(service.port), "--key", service.key, "--seconds", str(seconds), *options]
    before = service.cpu_s()
    done = subprocess.run([sys.executable, "-m", "bench.load", *told], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    if found["other"] or found["errors"]:
        sys.exit(f"not every request was answered: {found}")
    found["cpu_us"] = 1e6 * (service.cpu_s() - before) / max(1, round(found["events_per_s"] * found["seconds"]))
    return found


def measure(name: str, files: dict[str, Path], seconds: float) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, make_service(name, Path(folder)) as service:
        return {each: load(service, files[each], seconds, options) for each, (_, options) in LOADS.items()}


def summary(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, float]:
    def median(load: str, figure: str) -> float:
        return round(statistics.median(each[load][figure] for each in rounds), 3)

    return {
        "single_per_s": median("single", "events_per_s"),
        "p99_ms_at_1000": median("offered", "p99_ms"),
        "p50_ms_at_1000": median("offered", "p50_ms"),
        "batch_events_per_s": median("batch", "events_per_s"),
        "cpu_us_single": median("single", "cpu_us"),
        "cpu_us_batch": median("batch", "cpu_us"),
    }


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--json", action="store_true")
    told.add_argument("--rounds", type=int, default=5)
    told.add_argument("--seconds", type=float, default=5)
    told.add_argument("--no-peers", action="store_true")
    chosen = told.parse_args()
    names = [OURS] if chosen.no_peers else [OURS, PEER]
    rounds: dict[str, list[dict[str, dict[str, Any]]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        events = (json.dumps(event) for event in iter_events(sum(count for count, _ in LOADS.values())))
        files = {name: Path(folder) / name for name in LOADS}
        for name, (count, _) in LOADS.items():
            files[name].write_text("\n".join(next(events) for _ in range(count)) + "\n")
        for _ in range(chosen.rounds):
            for name in names:
                rounds[name].append(measure(name, files, chosen.seconds))
    ours = summary(rounds[OURS])
    result = {**ours, "peers": {name: summary(rounds[name]) for name in names[1:]}, "rounds": chosen.rounds}
    if chosen.json:
        print(json.dumps(result))
        return
    for name in names:
        print(name, json.dumps(summary(rounds[name])))


if __name__ == "__main__":
    main()
