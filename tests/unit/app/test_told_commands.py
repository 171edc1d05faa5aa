"""`tocsin clock` and `tocsin notice` on the records of a folder, in both languages and for machines."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.reference.loop import ANN, HOUR, RULE, at, suspected, wanted
from tocsin.app.bootstrap import load_content, load_duties, now_us
from tocsin.app.cli.main import app
from tocsin.app.loop.house import make_premises
from tocsin.app.loop.settler import Settler
from tocsin.app.loop_settings import ClockSettings
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records
from tocsin.cases.case import open_case
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import order, propose
from tocsin.measures.warnings.giving import NewWarning, Step, give_warning, mark_warning
from tocsin.model.errors import ClockError, InputError
from tocsin.records.actor import Stamp

pytestmark = pytest.mark.usefixtures("own_process")

CATALOGUE, TEMPLATES = load_content([])
DSA = ClockSettings(regimes=["EU-DSA"], actors=["hosting_service", "online_platform"])


@pytest.fixture
def kept(tmp_path: Path, database: str) -> tuple[Path, dict[str, str]]:
    """Records in which a case is open, two measures were ordered and a warning was heeded."""
    records = Records(tmp_path, database)
    settings = Settings(data=tmp_path, database=database, clocks=DSA)
    premises = make_premises(settings, CATALOGUE, TEMPLATES, load_duties([]))
    now = now_us()
    with records.change() as session:
        open_case(session, suspected(due_at=now + 30 * HOUR), Stamp(RULE, now))
        for number in range(2):
            told = {"content_on": "2026-01-01"} if number else {}
            listing = wanted(MeasureKind.TAKE_DOWN, f"listing:{number}", typology="SHOP", **told)
            order(session, propose(session, listing, at(ANN)), at(ANN))
        warning = NewWarning(template=TEMPLATES.warning("lure-police"), event="e1", subject="account:7")
        mark_warning(session, give_warning(session, warning, at(RULE)), Step.HEEDED, at(RULE))
    settler = Settler(records, premises, now_us)
    while settler.advance():
        pass
    records.close()
    return tmp_path, {"TOCSIN_LANG": "en", "TOCSIN_DATABASE": database, "COLUMNS": "200"}


def run(kept: tuple[Path, dict[str, str]], *words: str) -> Result:
    data, environment = kept
    done = CliRunner().invoke(app, [*words, "--data", str(data)], env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def told(kept: tuple[Path, dict[str, str]], *words: str) -> Any:
    return json.loads(run(kept, *words, "--json").stdout)


def test_what_is_due_is_listed_with_law_and_policy_apart_and_paused(kept: tuple[Path, dict[str, str]]) -> None:
    found = {each["id"]: each for each in told(kept, "clock", "list")}
    assert found["measure:1#law:EU-03"]["state"] == "missed"
    case = found["case:1#own:case"]
    assert (case["law"], case["policy"], case["state"]) == (None, "case", "running")
    table = run(kept, "clock", "list", "--lang", "zh").stdout
    assert "平台自定" in table
    assert "已逾期" in table
    number = str(case["number"])
    assert "is paused" in run(kept, "clock", "pause", number, "--reason", "the bank answers", "--by", "ann").stdout
    shown = told(kept, "clock", "show", number)
    assert (shown["state"], shown["pauses"][0]["opened_by"]) == ("paused", "person:ann")
    assert "by person:ann: the bank answers" in run(kept, "clock", "show", number).stdout
    assert [each["id"] for each in told(kept, "clock", "list", "--state", "paused")] == ["case:1#own:case"]
    assert "runs; due" in run(kept, "clock", "resume", number, "--by", "ann").stdout
    assert [each["id"] for each in told(kept, "clock", "list", "--case", "1")] == ["case:1#own:case"]


def test_mistakes_are_told(kept: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no clock 99"):
        run(kept, "clock", "show", "99")
    with pytest.raises(InputError, match="no state"):
        run(kept, "clock", "list", "--state", "x")
    with pytest.raises(ClockError, match="only a clock that is paused"):
        run(kept, "clock", "resume", "1", "--by", "ann")
    with pytest.raises(InputError, match="no records yet"):
        run((tmp_path / "none", {"TOCSIN_DATABASE": ""}), "clock", "list")


def test_statements_and_the_effect_of_warnings_are_shown(kept: tuple[Path, dict[str, str]]) -> None:
    found = told(kept, "notice", "statements")
    assert (found["ready"], found["exported"], found["refused"]) == (1, 0, 1)
    assert found["refused_latest"][0]["faults"][0]["field"] == "content_date"
    assert "content_date" in run(kept, "notice", "statements").stdout
    batch = json.loads(run(kept, "notice", "statements", "--batch").stdout)
    assert [each["content_date"] for each in batch["statements"]] == ["2026-01-01"]
    assert told(kept, "notice", "effect")[0]["count"]["heeded"] == 1
    assert "lure-police" in run(kept, "notice", "effect", "--lang", "zh").stdout


@pytest.mark.parametrize(
    "given",
    [
        {"clocks": ClockSettings(regimes=["XX"])},
        {"clocks": ClockSettings(regimes=["CN"], actors=["nobody"])},
        {"clocks": ClockSettings(own={"lunch": "1 hour"})},
        {"clocks": ClockSettings(own={"case": "soon"})},
        {"clocks": ClockSettings(calendar="XX")},
    ],
)
def test_settings_that_name_what_is_not_there_are_refused_at_the_start(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"^clocks\."):
        make_premises(Settings(**given), CATALOGUE, TEMPLATES, load_duties([]))
