"""The command line as people and scripts use it."""

import gzip
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.decide_file import Job, run
from tocsin.model.errors import OutputError

TOCSIN = [str(Path(sys.executable).with_name("tocsin"))]
EVENT = {
    "id": "a",
    "type": "payment.transfer",
    "time": "2026-01-15T12:00:00Z",
    "sender": "account:1",
    "payee": "account:2",
    "amount": 5,
}


def tocsin(
    *arguments: str | Path, stdin: str | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TOCSIN, *map(str, arguments)], capture_output=True, text=True, input=stdin, cwd=cwd, check=False, timeout=120
    )


def lines(*events: Any) -> str:
    return "".join((event if isinstance(event, str) else json.dumps(event)) + "\n" for event in events)


def test_help_and_version_take_less_than_three_tenths_of_a_second() -> None:
    """Measured in the processor's time, which a busy machine does not stretch."""
    for arguments in (["--help"], ["--version"], ["packs", "--help"]):
        spent = []
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = tocsin(*arguments)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert done.returncode == 0
        assert min(spent) < 0.3, arguments
    assert "对文件中的每个事件作出决定" in tocsin("--help").stdout
    assert tocsin("--version").stdout.startswith("tocsin 0.")


def test_help_loads_no_heavy_library() -> None:
    code = "import sys, tocsin.app.cli.main as m\nheavy = {'numba','numpy','sqlglot','duckdb','pyarrow'} & set(sys.modules)\nsys.exit(bool(heavy))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_decide_writes_one_decision_a_line_and_rejects_beside(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        lines(EVENT, "nonsense", {**EVENT, "id": "b", "amount": "x"}, {**EVENT, "id": "c"}, EVENT)
    )
    done = tocsin("decide", tmp_path / "in.jsonl", "--out", tmp_path / "out.jsonl", "--features", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["events"], summary["duplicates"], summary["rejects"]) == (2, 1, {"malformed": 1, "out_of_range": 1})
    decisions = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [decision["event_id"] for decision in decisions] == ["a", "c"]
    assert set(decisions[0]) == {"event_id", "outcome", "score", "fired", "shadow", "features", "packs", "took_us"}
    assert decisions[1]["features"]["sender_sent_24h"] == 5.0
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [(reject["line"], reject["error"], reject["field"]) for reject in rejects] == [
        (2, "malformed", ""),
        (3, "out_of_range", "amount"),
    ]
    assert rejects[0]["input"] == "nonsense"


def test_decide_reads_standard_input_and_shows_a_table() -> None:
    done = tocsin("decide", "-", stdin=lines(EVENT))
    assert json.loads(done.stdout)["event_id"] == "a"
    assert "1 events decided" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_start_on_a_machine_says_why_it_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    decider = bootstrap.make_decider(bootstrap.load_packs([]))
    for compiled in (False, True):
        monkeypatch.setattr(bootstrap, "is_compiled", lambda compiled=compiled: compiled)
        bootstrap.warm(decider, lambda: told.append("once"))
    assert told == ["once"]


def test_an_empty_input_is_no_error() -> None:
    done = tocsin("decide", "-", "--json", stdin="")
    assert done.returncode == 0
    assert json.loads(done.stderr)["events"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["decide", "nowhere.jsonl"], "No such file"),
        (["decide", "-", "--packs", "nowhere"], "no pack here"),
        (["decide", "-", "--format", "csv"], "--map"),
        (["decide", "-", "--format", "xml"], "the format is json, csv, parquet"),
        (["decide", "-", "--map", "nowhere.yaml"], "cannot be read"),
        (["decide", "-", "--out", "nowhere/out.jsonl"], "No such file"),
        (["demo", "--lang", "fr"], "en or zh"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = tocsin(*arguments, stdin="", cwd=tmp_path)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage_is_exit_code_2() -> None:
    assert tocsin("decide").returncode == 2
    assert tocsin("nonsense").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    done = tocsin("decide", "-", "--out", tmp_path / "full", stdin=lines(EVENT))
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("output", ["in.jsonl", "link.jsonl", "hard.jsonl", "stem"])
def test_an_input_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    text = lines(EVENT)
    source = tmp_path / ("stem.rejects.jsonl" if output == "stem" else "in.jsonl")
    source.write_text(text)
    (tmp_path / "link.jsonl").symlink_to(source)
    os.link(source, tmp_path / "hard.jsonl")
    job = Job(str(source), (), None, tmp_path / output, False, None, True, "en")
    with pytest.raises(OutputError, match="is an input of this run"):
        run(job)
    with source.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with pytest.raises(OutputError, match="is an input of this run"):
            run(replace(job, input="-"))
    assert source.read_text() == text


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    events = lines(*({**EVENT, "id": f"e{number}"} for number in range(2_500)))
    done = tocsin("decide", "/dev/stdin", "--out", tmp_path / "out.jsonl", "--json", stdin=events)
    assert json.loads(done.stdout)["events"] == 2_500


def test_an_input_that_breaks_off_is_decided_so_far_counted_and_named(tmp_path: Path) -> None:
    draw = random.Random(1)
    packed = gzip.compress(lines(*({**EVENT, "id": f"e{draw.random()}"} for _ in range(2_000))).encode())
    (tmp_path / "in.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    done = tocsin("decide", tmp_path / "in.jsonl.gz", "--out", tmp_path / "out.jsonl", "--json")
    decided = len((tmp_path / "out.jsonl").read_text().splitlines())
    assert (done.returncode, json.loads(done.stdout)["events"]) == (1, decided)
    assert decided > 100
    assert "in.jsonl.gz: damaged" in done.stderr


@pytest.mark.parametrize("arguments", [["decide", "-"], ["packs", "show"], ["--version"]])
def test_a_full_or_closed_standard_output_is_no_traceback(arguments: list[str]) -> None:
    for target in ("/dev/full", "| head -c 1"):
        command = f"{TOCSIN[0]} {' '.join(arguments)} {'> ' + target if target.startswith('/') else target}"
        done = subprocess.run(command, shell=True, input=lines(EVENT), capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        assert "Exception ignored" not in done.stderr, done.stderr
        assert ("No space left" in done.stderr) is target.startswith("/")


def test_rejects_of_a_device_go_to_standard_error(tmp_path: Path) -> None:
    done = tocsin("decide", "-", "--out", "/dev/null", "--json", stdin="bad\n")
    assert json.loads(done.stderr)["input"] == "bad"
    assert not Path("/dev/null.rejects.jsonl").exists()


def test_a_terminal_of_another_encoding_gets_escapes() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([*TOCSIN, "packs", "check", "--lang", "zh"], capture_output=True, check=True, env=environment)
    assert b"\\u89c4\\u5219" in done.stdout


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_closes_the_output_cleanly(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        [*TOCSIN, "decide", "-", "--out", str(out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    for number in range(20_000):
        process.stdin.write(lines({**EVENT, "id": f"e{number}"}))
    process.stdin.flush()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not out.exists() or out.stat().st_size < 1 << 18):
        os.sched_yield()
    process.send_signal(sent)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "interrupted" in errors
    assert "Traceback" not in output + errors
    decisions = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(decisions) > 500
    assert [decision["event_id"] for decision in decisions] == [f"e{number}" for number in range(len(decisions))]


def test_a_new_pack_works_at_once(tmp_path: Path) -> None:
    assert tocsin("packs", "new", tmp_path / "my-bank").returncode == 0
    tested = tocsin("packs", "test", tmp_path / "my-bank")
    assert tested.stdout.startswith("2 cases passed, 0 failed")
    assert tocsin("packs", "check", tmp_path / "my-bank").returncode == 0
    assert "my-bank-many-strangers" in tocsin("packs", "show", tmp_path / "my-bank").stdout
    again = tocsin("packs", "new", tmp_path / "my-bank")
    assert (again.returncode, "exists" in again.stderr) == (1, True)


def test_packs_check_and_test_say_what_is_wrong(tmp_path: Path) -> None:
    tocsin("packs", "new", tmp_path / "my-bank")
    rules = tmp_path / "my-bank/rules.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("amount >= 1000", "amout >= 1000"), encoding="utf-8")
    wrong = tocsin("packs", "check", tmp_path / "my-bank", "--json")
    assert (wrong.returncode, json.loads(wrong.stdout)["problems"][0]["code"]) == (1, "unknown-name")
    rules.write_text(text.replace("senders_24h: 8}", "senders_24h: 7}"), encoding="utf-8")
    failed = tocsin("packs", "test", tmp_path / "my-bank")
    assert failed.returncode == 1
    assert "case `ninth stranger pays`: did not fire" in failed.stdout


def test_machines_get_json_everywhere() -> None:
    shown = json.loads(tocsin("packs", "show", "--json").stdout)
    assert len(shown["rules"]) >= 40
    assert len(shown["features"]) >= 25
    types = json.loads(tocsin("events", "types", "--json").stdout)
    assert {"account.register", "payment.transfer", "group.join"} <= {each["name"] for each in types}
    assert "payment.transfer" in tocsin("events", "types").stdout
