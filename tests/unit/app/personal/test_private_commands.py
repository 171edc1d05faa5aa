"""`tocsin person`, `hold` and `seal`, as people and scripts use them, beside a history that a service has and without one."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from tests.reference.entries import START, make_entries
from tests.reference.loop import ANN, NOW, at, suspected
from tocsin.app.cli.main import app
from tocsin.app.storage.records import Records
from tocsin.cases.case import open_case, owe_answer
from tocsin.history.history import History
from tocsin.history.journal import Journal
from tocsin.history.retention import held_entities
from tocsin.model.errors import InputError
from tocsin.records.errors import PersonalWrong
from tocsin.records.tables import AuditEntry

pytestmark = pytest.mark.usefixtures("own_process")


class Tocsin:
    """Commands on one data folder."""

    def __init__(self, data: Path, database: str) -> None:
        self.data = data
        self.database = database

    def run(self, *words: str, lang: str = "en", answer: str | None = None) -> Result:
        environment = {"TOCSIN_LANG": lang, "TOCSIN_DATABASE": self.database, "COLUMNS": "200"}
        done = CliRunner().invoke(app, [*words, "--data", str(self.data)], input=answer, env=environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def acts(self) -> list[tuple[str, str, str]]:
        records = Records(self.data, self.database)
        with records.session() as session:
            found = [(each.by, each.act, each.record) for each in session.scalars(select(AuditEntry))]
        records.close()
        return found


@pytest.fixture
def tocsin(tmp_path: Path, database: str) -> Tocsin:
    data = tmp_path / "data"
    history = History(data)
    entries = make_entries(1, 30)
    history.journal.append(entries, START)
    history.index.add(entries)
    history.close()
    records = Records(data, database)
    with records.change() as session:
        case = open_case(session, suspected(), at(ANN))
        for to in ("13800138000", "wang@example.com"):
            owe_answer(session, case, to, "your report", NOW)
    records.close()
    return Tocsin(data, database)


ENTITY = make_entries(1, 1)[0].entities[0]


def test_a_person_is_shown_with_a_purpose_that_is_written_down(tocsin: Tocsin) -> None:
    shown = tocsin.json("person", "show", "account:m", "--why", "request 7", "--by", "officer-1")
    stays = {each["record"]: each["stays"] for each in shown["records"]}
    assert stays.keys() == {"message:1", "case:1"}
    assert stays["case:1"] == "open"
    assert tocsin.acts()[-1] == ("person:officer-1", "person.show", "person:account:m")
    told = tocsin.run("person", "show", ENTITY, "--why", "request 7").stdout
    assert "entries of the history" in told
    assert "未了结" in tocsin.run("person", "show", "phone:13800138000", "--why", "request 7", lang="zh").stdout
    with pytest.raises(PersonalWrong, match="what it is needed for"):
        tocsin.run("person", "show", "account:m", "--why", " ")


def test_what_is_sealed_is_opened_and_that_is_written_down(tocsin: Tocsin) -> None:
    assert tocsin.run("person", "view", "case_answer:1", "--why", "calling back").stdout == "to: 13800138000\n"
    shown = tocsin.json("person", "view", "case_answer:2", "--why", "calling back", "--by", "officer-1")
    assert shown["fields"] == [{"field": "to", "kind": "email", "text": "wang@example.com"}]
    assert tocsin.acts()[-1] == ("person:officer-1", "personal.view", "case_answer:2")


def test_a_removal_asks_first_erases_the_history_and_says_what_stays(tocsin: Tocsin) -> None:
    words = ("person", "remove", ENTITY, "--why", "request 8")
    assert tocsin.run(*words, answer="n\n").exit_code == 1
    done = tocsin.json(*words, "--yes")
    assert done["history"]["entries"] > 0
    assert tocsin.json(*words, "--yes")["history"] == {"entries": 0, "stays": ""}
    told = tocsin.run("person", "remove", "account:m", "--why", "request 8", answer="y\n").stdout
    assert "What stays, and why:" in told
    assert "case:1" in told


def test_a_service_that_has_the_history_is_asked_to_erase_it_itself(tocsin: Tocsin) -> None:
    history = History(tocsin.data)
    try:
        done = tocsin.json("person", "remove", ENTITY, "--why", "request 8", "--yes")
    finally:
        history.close()
    assert "over HTTP" in done["history"]["stays"]


def test_a_hold_is_on_records_and_history_until_it_is_lifted(tocsin: Tocsin) -> None:
    assert "hold 1 is in force" in tocsin.run("hold", "place", ENTITY, "--why", "court order 7").stdout
    assert "hold 2 is in force" in tocsin.run("hold", "place", "case:1", "--why", "court order 8").stdout
    journal = Journal(tocsin.data, read_only=True)
    assert held_entities(journal) == {ENTITY}
    assert tocsin.json("person", "remove", ENTITY, "--why", "request 8", "--yes")["history"]["entries"] == 0
    assert "hold 1 is lifted" in tocsin.run("hold", "lift", "1", "--why", "it has ended").stdout
    assert held_entities(journal) == set()
    journal.close()
    assert [(each["target"], each["lifted_at"] is None) for each in tocsin.json("hold", "list")] == [
        ("case:1", True), (ENTITY, False),
    ]  # fmt: skip
    assert "court order 8" in tocsin.run("hold", "list").stdout
    assert tocsin.json("person", "remove", ENTITY, "--why", "request 8", "--yes")["history"]["entries"] > 0


def test_a_rotation_seals_everything_anew_and_finishes_what_was_begun(tocsin: Tocsin) -> None:
    before = tocsin.json("seal", "status")
    assert before["values"] == {before["current"]: 2}
    done = tocsin.json("seal", "rotate", "--by", "officer-1")
    assert done["resealed"] == 2
    assert tocsin.json("seal", "status")["values"] == {done["key"]: 2, before["current"]: 0}
    assert tocsin.acts()[-1] == ("person:officer-1", "seal.rotate", f"key:{done['key']}")
    assert tocsin.run("person", "view", "case_answer:1", "--why", "calling back").stdout == "to: 13800138000\n"
    assert "2 values are sealed anew" in tocsin.run("seal", "rotate").stdout
    assert "seals now" in tocsin.run("seal", "status").stdout


def test_keys_of_the_environment_are_added_there(tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (tocsin.data / "seal.keys").read_text().splitlines()
    monkeypatch.setenv("TOCSIN_SEAL_KEYS", lines[-1])
    assert "add a key at its end" in tocsin.run("seal", "rotate").stderr
    tocsin.run("seal", "status")
    monkeypatch.setenv("TOCSIN_SEAL_KEYS", f"{lines[-1]} tocsin-seal-1.{'A' * 43}")
    assert tocsin.json("seal", "rotate")["resealed"] == 2


def test_without_records_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no records"):
        Tocsin(tmp_path, "").run("seal", "rotate")
    assert list(tmp_path.iterdir()) == []
