"""`tocsin duties` and `tocsin clock` as people and scripts use them."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from tests.unit.app import test_cli
from tocsin.app.cli.main import app
from tocsin.model.errors import TocsinError

PACK = 'id = "mine"\ntitle = {en = "Mine", zh = "自有"}\nversion = "1"\nrequires = ["duties-core", "core"]\n'
DUTY = """regimes:
  HOUSE:
    title: {en: Our own promise, zh: 本平台承诺}
    jurisdiction: HOUSE
    calendar: SG
    zone: Asia/Singapore
duties:
  HOUSE-01:
    regime: HOUSE
    article: {en: Item 1, zh: 第一项}
    title: {en: Answer every report, zh: 答复每一份举报}
    asks: {en: Answer every report., zh: 答复每一份举报。}
    actors: isp
    triggers: report.received
    deadlines: [{span: 2 working days}]
    evidence: report
    proof: {en: The answer., zh: 答复记录。}
    status: voluntary
    provenance: primary
    stage: reports
"""


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def tocsin(*arguments: str | Path) -> Done:
    """A command in this process, so that many run quickly; what `run` says of a typed error is its text."""
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(done.exception, TocsinError):
        return Done(1, done.stdout, str(done.exception))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def test_a_wrong_span_is_underlined_and_exit_code_1_in_a_process_of_its_own() -> None:
    done = test_cli.tocsin("clock", "due", "--start", "2026-02-13T09:00Z", "--span", "3 workin days")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:3] == ["    3 workin days", "      ^^^^^^^^^^^"]


def test_the_calculator_shows_the_due_time_and_every_day_that_counted() -> None:
    done = tocsin(
        "clock",
        "due",
        "--start",
        "2026-02-13T09:00+08:00",
        "--span",
        "3 working days",
        "--calendar",
        "CN",
        "--lang",
        "en",
    )
    assert done.stdout.splitlines() == [
        "due: 2026-02-25 23:59:59+08:00 Wed (Asia/Shanghai)",
        "3 working days from 2026-02-13 09:00:00+08:00, calendar CN",
        "  2026-02-14 Sat  adjusted working day",
        "  2026-02-15 Sun  weekend",
        "  2026-02-16 Mon – 2026-02-20 Fri  public holiday",
        "  2026-02-21 Sat – 2026-02-22 Sun  weekend",
        "  2026-02-23 Mon  public holiday",
        "  2026-02-24 Tue – 2026-02-25 Wed  working day",
    ]


def test_the_calculator_speaks_chinese_and_to_machines() -> None:
    asked = ["clock", "due", "--start", "2027-02-03T09:00+08:00", "--span", "3 working days", "--calendar", "CN"]
    chinese = tocsin(*asked, "--closed", "2027-02-04", "--hours", "09:00-18:00", "--lang", "zh").stdout
    assert chinese.startswith("到期：2027-02-15 18:00:00+08:00 周一（Asia/Shanghai）")
    assert "平台自行休息日" in chinese
    assert "暂定" in chinese
    found = json.loads(tocsin(*asked, "--json").stdout)
    assert (found["due"], found["provisional"]) == ("2027-02-12T23:59:59.999999+08:00", True)
    assert found["days"][0] == {"day": "2027-02-04", "kind": "working"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--start", "2026-02-13T09:00", "--span", "1 day"], "has no time zone"),
        (["--start", "soon", "--span", "1 day"], "is no time"),
        (["--start", "2026-02-13T09:00Z", "--span", "3 workin days"], "did you mean `working days`?"),
        (["--start", "2026-02-13T09:00Z", "--span", "1 day", "--calendar", "XX"], "no calendar is known"),
        (["--start", "2026-02-13T09:00Z", "--span", "1 day", "--calendar", "DE"], "no time zone that is known"),
        (["--start", "2026-02-13T09:00Z", "--span", "1 day", "--zone", "Mars/Base"], "is no time zone"),
        (["--start", "2026-02-13T09:00Z", "--span", "1 day", "--closed", "never"], "is no date"),
        (["--start", "2026-02-13T09:00Z", "--span", "1 day", "--hours", "9 to 5"], "are no hours"),
        (["--start", "2026-02-13T09:00Z", "--span", "as stated"], "give its date"),
    ],
)
def test_what_cannot_be_reckoned_is_said_in_one_place_and_exit_code_1(arguments: list[str], words: str) -> None:
    done = tocsin("clock", "due", *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_duty_is_shown_with_law_and_policy_apart() -> None:
    shown = tocsin("duties", "show", "CN-24", "--lang", "en").stdout
    assert "law in force" in shown
    lines = {line[:24].strip(): line[24:].strip() for line in shown.splitlines()}
    assert lines["by law"] == "check: “in time”; lift: at once"
    assert lines["own policy (suggested)"] == "CN-24/check: 3 working days"
    unverified = tocsin("duties", "show", "EU-12", "--lang", "en").stdout
    assert "not verified; do not rely on it as law" in unverified
    assert "by law" not in unverified
    assert "says, but not shown as law" in unverified


def test_machines_get_statutory_and_internal_spans_under_different_keys() -> None:
    duty = json.loads(tocsin("duties", "show", "TW-06", "--json").stdout)
    assert duty["shown_as_law"]
    assert (duty["deadlines"][0]["clause"]["span"], duty["deadlines"][0]["internal"]) == ("24 hours", "12 hours")
    listed = json.loads(tocsin("duties", "list", "--regime", "EU", "--in-force", "--json").stdout)
    assert {each["regime"] for each in listed} == {"EU-DSA"}
    assert all(each["shown_as_law"] for each in listed)
    ours = json.loads(tocsin("duties", "list", "--regime", "SG", "--actor", "designated_service", "--json").stdout)
    assert "SG-09" not in {each["id"] for each in ours}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "CN-80"], "no duty `CN-80`; did you mean"),
        (["list", "--regime", "US"], "known are AU, AU-SPF, CN"),
        (["list", "--actor", "ips"], "did you mean `isp`?"),
        (["check", "nowhere"], "no pack here"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(arguments: list[str], words: str) -> None:
    done = tocsin("duties", *arguments)
    assert done.returncode == 1
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_platforms_own_duties_stand_beside_the_shipped_ones_and_its_rules_may_name_them(tmp_path: Path) -> None:
    assert tocsin("packs", "new", tmp_path / "mine").returncode == 0
    (tmp_path / "mine/pack.toml").write_text(PACK, encoding="utf-8")
    (tmp_path / "mine/duties.yaml").write_text(DUTY, encoding="utf-8")
    rules = tmp_path / "mine/rules.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("    cases:", "    duties: [HOUSE-01, CN-08]\n    cases:"), encoding="utf-8")
    assert tocsin("packs", "check", tmp_path / "mine").returncode == 0
    assert tocsin("duties", "check", tmp_path / "mine", "--lang", "en").stdout == "9 regimes, 97 duties: no problems\n"
    shown = tocsin("duties", "list", "--packs", tmp_path / "mine", "--regime", "HOUSE", "--lang", "zh").stdout
    assert "承诺，不是法律" in shown
    rules.write_text(text.replace("    cases:", "    duties: [HOUSE-02]\n    cases:"), encoding="utf-8")
    for command in ("packs", "duties"):
        wrong = tocsin(command, "check", tmp_path / "mine", "--json")
        problems = json.loads(wrong.stdout)["problems"]
        assert (wrong.returncode, [each["code"] for each in problems]) == (1, ["unknown-duty"])
        assert problems[0]["line"] > 1
