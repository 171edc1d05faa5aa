"""Who did what, at the command line: shown, exported, and proved with the key that was known before."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.reference.loop import ANN, BEN, NOW, at
from tocsin.app.bootstrap import now_us
from tocsin.app.cli.main import app
from tocsin.app.loop.auditor import FOLDER, PUBLIC, Auditor
from tocsin.app.storage.records import Records
from tocsin.model.errors import ClockError, InputError, TocsinError
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act

DAY = "2026-01-15.json"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    records = Records(folder)
    with records.change() as session:
        for number in range(4):
            who = at(ANN if number % 2 else BEN)
            write_act(session, Act(stamp=who, act="case.close", record=f"case:{number}", why="all is done"))
    Auditor(records, folder).advance(NOW)
    records.close()
    return folder


def ask(*told: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["audit", *map(str, told), "--lang", "en"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_acts_are_shown_newest_first_and_by_what_is_asked(data: Path) -> None:
    _, told = ask("show", "--data", data, "--by", str(ANN), "--act", "case.", "--json")
    assert [each["record"] for each in json.loads(told)["acts"]] == ["case:3", "case:1"]
    _, told = ask("show", "--data", data, "--record", "case:2")
    assert "all is done" in told


def test_acts_of_a_time_are_shown_from_a_moment_on_and_before_another(data: Path) -> None:
    _, told = ask(
        "show", "--data", data, "--from", "2026-01-15T20:00:00+08:00", "--to", "2026-01-15T12:00:00.000001Z", "--json"
    )
    assert [each["record"] for each in json.loads(told)["acts"]] == ["case:3", "case:2", "case:1", "case:0"]
    for times in (
        ("--to", "2026-01-15T12:00:00Z"),
        ("--from", "2026-01-15T12:00:00.000001Z", "--to", "2026-01-16T12:00Z"),
    ):
        assert json.loads(ask("show", "--data", data, *times, "--json")[1]) == {"acts": []}
    for text, why in (("2026-01-15T12:00:00", "no time zone"), ("2026-01-15", "no time zone"), ("noon", "is no time")):
        with pytest.raises(ClockError, match=why):
            CliRunner().invoke(app, ["audit", "show", "--data", str(data), "--from", text], catch_exceptions=False)


def test_who_reads_the_log_at_the_command_line_stands_in_it(data: Path) -> None:
    ask("show", "--data", data, "--record", "case:2", "--from", "2026-01-15T12:00Z", "--reader", "auditor-1")
    _, told = ask("show", "--data", data, "--act", "audit.view", "--reader", "auditor-2", "--json")
    (look,) = json.loads(told)["acts"]
    assert (look["by"], look["record"]) == ("person:auditor-1", "audit")
    assert json.loads(look["after"]) == {"record": "case:2", "since": "2026-01-15T12:00:00+00:00", "shown": 1}
    _, told = ask("show", "--data", data, "--act", "audit.", "--limit", "1", "--json")
    assert [each["by"] for each in json.loads(told)["acts"]] == ["person:auditor-2"]


def test_todays_anchor_is_made_once_and_its_file_is_named(tmp_path: Path, database: str) -> None:
    environment = {"TOCSIN_DATABASE": database, "TOCSIN_LANG": "en"}
    records = Records(tmp_path, database)

    def anchor() -> Any:
        done = CliRunner().invoke(app, ["audit", "anchor", "--data", str(tmp_path), "--json"], env=environment)
        if isinstance(done.exception, TocsinError):
            raise done.exception
        return json.loads(done.stdout)

    with pytest.raises(InputError, match="nothing to anchor yet"):
        anchor()
    with records.change() as session:
        for number in range(3):
            write_act(session, Act(stamp=Stamp(ANN, now_us()), act="case.close", record=f"case:{number}", why="w"))
    made = anchor()
    file = Path(made["file"])
    assert (made["made"], made["position"], file.parent, file.name) == (
        True,
        3,
        tmp_path / FOLDER,
        f"{made['day']}.json",
    )
    kept = file.read_bytes()
    with records.change() as session:
        write_act(session, Act(stamp=Stamp(ANN, now_us()), act="case.close", record="case:9", why="w"))
    file.unlink()
    assert anchor() == made | {"made": False}
    assert file.read_bytes() == kept, "a file that is missing is written again"
    told = CliRunner().invoke(app, ["audit", "anchor", "--data", str(tmp_path)], env=environment).stdout
    assert told.splitlines()[0] == str(file)
    assert "anchored before" in told
    Auditor(records, tmp_path).advance(now_us())
    assert CliRunner().invoke(app, ["audit", "verify", "--data", str(tmp_path)], env=environment).exit_code == 0
    records.close()


def test_the_log_is_proved_where_it_lies(data: Path) -> None:
    code, told = ask("verify", "--data", data)
    assert (code, told.splitlines()) == (
        0,
        ["4 acts are as they were written and in their order", "1 anchors vouch for the first 4"],
    )


def test_an_exported_log_proves_itself_and_says_that_it_was_exported(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert ask("export", out, "--data", data, "--by", "auditor-1")[0] == 0
    code, told = ask("verify", out, "--key", data / PUBLIC, "--json")
    proof = json.loads(told)
    assert (code, proof["holds"], proof["links"], proof["anchored"]) == (0, True, 5, 4)
    last = json.loads((out / "audit.jsonl").read_bytes().splitlines()[-1])["act"]
    assert (last["act"], last["by"]) == ("audit.export", "person:auditor-1")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: [lines[0].replace(b"all is done", b"all is well"), *lines[1:]], "an act was changed"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "twice"),
        (lambda lines: lines[1:], "links are gone"),
        (lambda lines: lines[:2], "the end of the chain was cut off"),
    ],
    ids=["changed", "reordered", "removed", "cut"],
)
def test_what_is_done_to_an_exported_log_is_found(data: Path, tmp_path: Path, change: object, told: str) -> None:
    out = tmp_path / "out"
    ask("export", out, "--data", data, "--by", "auditor-1")
    lines = (out / "audit.jsonl").read_bytes().splitlines(keepends=True)
    assert callable(change)
    (out / "audit.jsonl").write_bytes(b"".join(change(lines)))
    code, shown = ask("verify", out, "--anchor", data / FOLDER / DAY)
    assert code == 1
    assert told in shown
