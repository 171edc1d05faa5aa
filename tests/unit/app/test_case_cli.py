"""A case from its opening to its end at the command line, as two reviewers work on it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.app.cli.main import app
from tocsin.app.storage.records import Records
from tocsin.model.errors import EvidenceDamaged, InputError, OutputError, TocsinError
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


def test_evidence_is_added_looked_at_and_handed_over_as_a_bundle_that_verifies(data: Path, tmp_path: Path) -> None:
    ask(data, "case", "open", "listing:7", "--queue", "goods", "--typology", "CARDS", "--by", "ann")
    ask(data, "measure", "propose", "listing:7", "take_down", "--basis", "Terms 3", "--why", "cards", "--case", "1",
        "--by", "ann")  # fmt: skip
    with pytest.raises(CaseWrong, match="holds no evidence"):
        ask(data, "measure", "order", "1", "--by", "ann")
    page = tmp_path / "page.html"
    page.write_text("<p>实名卡 ￥50</p>", encoding="utf-8")
    told = ("evidence", "add", "1", str(page), "--label", "The page", "--source", "https://shop.example/7")
    (added,) = machine(data, *told, "--by", "ann")["files"]
    assert (added["media_type"], added["taken_by"]) == ("text/plain", "person:ann")
    assert added["sha256"] in ask(data, "evidence", "show", "1").splitlines()
    ask(data, "measure", "order", "1", "--by", "ann")

    copy = tmp_path / "copy.html"
    ask(data, "evidence", "show", "1", added["sha256"], "--out", str(copy), "--why", "to decide", "--by", "ben")
    assert copy.read_bytes() == page.read_bytes()
    with pytest.raises(OutputError, match="is there already"):
        ask(data, "evidence", "show", "1", added["sha256"], "--out", str(copy), "--by", "ben")
    with pytest.raises(InputError, match="no such file"):
        ask(data, "evidence", "show", "1", "0" * 64, "--out", str(tmp_path / "x"), "--by", "ben")

    bundle, paper, text = tmp_path / "case.zip", tmp_path / "case.pdf", tmp_path / "case.json"
    assert machine(data, "case", "export", "1", "--out", str(bundle), "--by", "ben")["files"] == 1
    ask(data, "case", "export", "1", "--out", str(paper), "--format", "pdf", "--by", "ben")
    ask(data, "case", "export", "1", "--out", str(text), "--format", "json", "--by", "ben")
    assert paper.read_bytes().startswith(b"%PDF-")
    assert json.loads(text.read_text())["case"]["evidence"][0]["sha256"] == added["sha256"]
    proved = json.loads(
        CliRunner()
        .invoke(app, ["evidence", "verify", str(bundle), "--key", str(data / "evidence.pub"), "--json"])
        .output
    )
    assert (proved["holds"], proved["trusted"], proved["files"]) == (True, True, 1)
    acts = ask(data, "audit", "show", "--record", "case:1", "--json")
    assert [acts.count(f'"{act}"') for act in ("evidence.view", "case.export")] == [2, 3]


def test_a_case_that_cannot_be_handed_over_leaves_no_file(data: Path, tmp_path: Path) -> None:
    ask(data, "case", "open", "listing:7", "--queue", "goods", "--by", "ann")
    page = tmp_path / "page.txt"
    page.write_text("a page")
    (added,) = machine(data, "evidence", "add", "1", str(page), "--label", "p", "--source", "s", "--by", "ann")["files"]
    kept = data / "evidence" / added["sha256"][:2] / added["sha256"]
    kept.chmod(0o600)
    kept.write_text("another page")
    out = tmp_path / "case.zip"
    with pytest.raises(EvidenceDamaged):
        ask(data, "case", "export", "1", "--out", str(out), "--by", "ben")
    assert not out.exists()
    with pytest.raises(InputError, match="no form"):
        ask(data, "case", "export", "1", "--out", str(out), "--format", "docx", "--by", "ben")
    assert '"case.export"' not in ask(data, "audit", "show", "--record", "case:1", "--json")
