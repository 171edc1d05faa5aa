"""The benchmarks run, print what they promise, and their answers are equal. They are not timed here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.app.bootstrap import load_packs, make_detectors
from tocsin.decide.case_check import check_cases
from tocsin.ingest.mapping import read_mapping
from tocsin.ingest.reader import EventReader
from tocsin.ingest.source import Source

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["rules", "windows", "decide"])
def test_a_benchmark_prints_one_object_with_the_keys_that_are_named(name: str) -> None:
    command = [sys.executable, "-m", f"bench.{name}", "--json", "--count", "400", "--rounds", "1", "--no-peers"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert {"events_per_s", "p50_us", "p99_us", "peers", "equal", "events"} <= set(found)
    assert (found["equal"], found["events"]) == (True, 400)


def test_at_one_queue_nobody_gets_a_case_that_another_has_and_none_is_lost() -> None:
    command = [sys.executable, "-m", "bench.queue", "--json", "--cases", "300", "--workers", "12", "--seconds", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])["databases"]
    assert set(found) == {"sqlite", "postgresql"}
    for each in found.values():
        assert {"claims_per_s", "p95_ms", "double", "lost"} <= set(each)
        assert (each["double"], each["lost"]) == (0, 0)
        assert each["claims"] > 20


@pytest.mark.parametrize("pack", ["bench/pack", "bench/sffsd/pack"])
def test_the_packs_of_the_benchmarks_hold(pack: str) -> None:
    catalogue = load_packs([ROOT / pack])
    results = check_cases(catalogue, catalogue.rules.values(), make_detectors())
    assert results
    assert [each.fault for each in results if each.fault] == []


def test_the_transfers_of_s_ffsd_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "transfers.csv"
    file.write_text("Time,Source,Target,Amount,Location,Type,Labels\n5,S10000,T1000,13.74,L100,TP100,2\n")
    mapping = read_mapping((ROOT / "bench/sffsd/map.yaml").read_text(encoding="utf-8"), "map.yaml")
    (item,) = Source(str(file), mapping)
    assert isinstance(item.payload, dict)
    event = EventReader(load_packs([ROOT / "bench/sffsd/pack"]).types).read_object(item.payload)
    assert (event.id, event.row[3:6]) == ("sffsd-1", ("account:S10000", "account:T1000", 137_400))
