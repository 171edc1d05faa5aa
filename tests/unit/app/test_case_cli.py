"""A case from its opening to its end at the command line, as two reviewers work on it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.app.cli.main import app
from tocsin.app.storage.records import Records
from tocsin.model.errors import InputError, TocsinError
from tocsin.records.errors import CaseWrong, MeasureWrong


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Records(tmp_path).close()
    return tmp_path


def ask(data: Path, *told: str) -> str:
    done = CliRunner().invoke(app, [*told, "--data", str(data), "--lang", "en"])
    if isinstance(done.exception, TocsinError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def machine(data: Path, *told: str) -> Any:
    return json.loads(ask(data, *told, "--json"))


def test_a_case_is_opened_worked_on_and_closed(data: Path) -> None:
    opened = machine(data, "case", "open", "account:9", "--queue", "mules", "--typology", "AIDING", "--by", "ann")
    assert (opened["number"], opened["state"], opened["subject"]) == (1, "open", "account:9")
    measure = machine(
        data, "measure", "propose", "account:9", "limit:receive_payment", "--basis", "Terms 4", "--why", "strangers pay",
        "--case", "1", "--by", "ann",
    )["measures"][0]  # fmt: skip
    assert (measure["kind"], measure["scope"], measure["state"]) == ("limit", "receive_payment", "proposed")
    assert machine(data, "case", "claim", "--queue", "mules", "--by", "ann")["holder"] == "person:ann"
    with pytest.raises(CaseWrong, match="is held by person:ann"):
        ask(data, "case", "claim", "1", "--by", "ben")
    with pytest.raises(CaseWrong, match="cannot close"):
        ask(data, "case", "close", "1", "--by", "ann")
    ask(data, "case", "find", "1", "account:9", "good", "--why", "a shop", "--by", "ann")
    ask(data, "measure", "decline", "1", "--why", "a shop", "--by", "ann")
    ask(data, "case", "comment", "1", "She has shown her licence.", "--by", "ann")
    ask(data, "case", "learn", "1", "none", "a single case", "--by", "ann")
    ask(data, "case", "close", "1", "--by", "ann")
    shown = machine(data, "case", "show", "1")
    assert (shown["case"]["state"], shown["open"]) == ("closed", [])
    assert any("She has shown her licence." in line for line in shown["timeline"])
    assert machine(data, "case", "list")["cases"] == []
    ask(data, "case", "reopen", "1", "--why", "a new report", "--by", "ben")
    assert [each["number"] for each in machine(data, "case", "list", "--queue", "mules")["cases"]] == [1]
    assert "account:9" in ask(data, "case", "show", "1")


def test_closing_an_account_takes_two_people_here_too(data: Path) -> None:
    wanted = ("measure", "propose", "account:9", "close", "--basis", "Terms 7", "--why", "a mule", "--by", "ann")
    ask(data, *wanted)
    ask(data, "measure", "order", "1", "--by", "ann")
    with pytest.raises(MeasureWrong, match="second person"):
        ask(data, "measure", "order", "1", "--by", "ann")
    assert "ordered" in ask(data, "measure", "order", "1", "--by", "ben")
    assert machine(data, "measure", "list", "--subject", "account:9")["measures"][0]["state"] == "ordered"
    assert "Terms 7: a mule" in ask(data, "measure", "show", "1")
    ask(data, "measure", "lift", "1", "--why", "it was not her", "--by", "ben")


def test_what_is_not_there_is_one_clear_line(data: Path) -> None:
    for told in (("case", "show", "7"), ("measure", "show", "7"), ("appeal", "decide", "7", "--why", "w", "--upheld")):
        with pytest.raises(InputError, match="7"):
            ask(data, *told)
    with pytest.raises(InputError, match="name a case"):
        ask(data, "case", "claim")
    assert CliRunner().invoke(app, ["case", "claim", "--queue", "q", "--data", str(data)]).exit_code == 1
    assert machine(data, "appeal", "list") == {"appeals": []}
