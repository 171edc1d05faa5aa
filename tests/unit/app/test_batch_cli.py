"""Many measures in one act at the command line, and the kinds that there are."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.app.cli.looped.subjects import read_subjects
from tocsin.app.cli.main import app
from tocsin.app.storage.records import Records
from tocsin.measures.kind import TERMS, MeasureKind
from tocsin.model.errors import InputError, TocsinError
from tocsin.records.errors import CaseWrong, MeasureWrong

pytestmark = pytest.mark.usefixtures("own_process")

Kept = tuple[Path, dict[str, str]]
LETTER = ("--basis", "CN-12", "--why", "letter 7 of the police")


@pytest.fixture
def kept(tmp_path: Path, database: str) -> Kept:
    Records(tmp_path, database).close()
    return tmp_path, {"TOCSIN_LANG": "en", "TOCSIN_DATABASE": database, "COLUMNS": "200"}


def ask(kept: Kept, *words: str, given: str | None = None) -> str:
    data, environment = kept
    done = CliRunner().invoke(app, [*words, "--data", str(data)], env=environment, input=given)
    if isinstance(done.exception, TocsinError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def batch(kept: Kept, *words: str, given: str | None = None) -> Any:
    return json.loads(ask(kept, "measure", "batch", *words, "--json", given=given))


def test_a_list_is_planned_shown_taken_and_undone_as_a_whole(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.measures.bulk.AT_ONCE", 3)
    data, _ = kept
    phones = [f"phone:+86138{number:08d}" for number in range(8)]
    listed = data / "list.txt"
    listed.write_text("\ufeff" + "\r\n".join([*phones, "", "listing:7", phones[0]]), encoding="utf-8")
    plan = batch(kept, "plan", str(listed), "block_indicator", *LETTER, "--by", "ann")
    assert (plan["number"], plan["new"], plan["known"]) == (1, 8, 1)
    assert [(each["place"], each["subject"]) for each in plan["refused"]] == [(8, "listing:7")]
    assert json.loads(ask(kept, "measure", "list", "--json"))["measures"] == [], "a plan touches nothing"
    before = batch(kept, "show", "1")
    assert (before["by"], before["wanted"], before["taken"], before["applied"]) == ("person:ann", 10, {}, None)
    assert before["plan"] == plan

    taken = batch(kept, "apply", "1", "--by", "ben")
    assert (taken["taken"], taken["plan"]["new"], taken["plan"]["known"]) == ({"ordered": 8}, 0, 9)
    assert batch(kept, "apply", "1", "--by", "ben")["taken"] == {"ordered": 8}, "twice is once"
    ask(kept, "measure", "lift", "8", "--why", "a shop", "--by", "ben")
    undone = batch(kept, "undo", "1", "--by", "ben")
    assert undone == {"lifted": 7, "kept": []}
    after = batch(kept, "show", "1")
    assert after["plan"] is None
    assert after["undone"] is not None
    assert sum(after["taken"].values()) == 8
    for verb, why in (("undo", "undone before"), ("apply", "was undone")):
        with pytest.raises(MeasureWrong, match=why):
            batch(kept, verb, "1", "--by", "ben")
    acts = json.loads(ask(kept, "audit", "show", "--record", "batch:1", "--json"))["acts"]
    assert [(each["act"], each["by"]) for each in acts] == [
        ("measure.batch.undo", "person:ben"),
        ("measure.batch.apply", "person:ben"),
        ("measure.batch.plan", "person:ann"),
    ]
    assert json.loads(acts[0]["after"]) == {"kept": 0, "lifted": 7}


def test_people_read_in_their_language_what_may_not_be_taken_or_undone(kept: Kept) -> None:
    told = ask(kept, "measure", "batch", "plan", "-", "warn", *LETTER, "--by", "ann", given="account:1\nlisting:1\n")
    assert "1 would be taken, 0 are there already, 1 may not be taken" in told
    assert "listing:1" in told
    assert "tocsin measure batch apply 1" in told
    assert "只适用于" in ask(kept, "measure", "batch", "show", "1", "--lang", "zh")
    assert "1 ordered" in ask(kept, "measure", "batch", "apply", "1", "--by", "ann")
    undone = ask(kept, "measure", "batch", "undo", "1", "--by", "ann", "--lang", "zh")
    assert "已解除 1 项措施" in undone
    assert "无法收回" in undone


def test_grave_kinds_are_not_taken_in_bulk_and_cases_are_looked_for(kept: Kept) -> None:
    plan = batch(kept, "plan", "-", "close", *LETTER, "--by", "ann", given="account:1\n")
    assert (plan["new"], [each["why"] for each in plan["refused"]]) == (
        0,
        ["`close` is decided one by one, by two people"],
    )
    assert batch(kept, "plan", "-", "suspend", *LETTER, "--by", "ann", given="account:1\n")["new"] == 1
    with pytest.raises(InputError, match="no case 9"):
        batch(kept, "plan", "-", "suspend", *LETTER, "--case", "9", given="account:1\n")
    with pytest.raises(MeasureWrong, match="no bulk act 9"):
        batch(kept, "show", "9")
    with pytest.raises(MeasureWrong, match="there is no measure"):
        batch(kept, "plan", "-", "scold", *LETTER, given="account:1\n")


def test_what_is_removed_in_bulk_without_a_copy_says_so_in_its_case(kept: Kept) -> None:
    ask(kept, "case", "open", "listing:7", "--queue", "goods", "--by", "ann")
    words = (*LETTER, "--reason", "on the list", "--case", "1", "--typology", "CARDS", "--by", "ann")
    batch(kept, "plan", "-", "take_down", *words, given="listing:7\n")
    ask(kept, "measure", "propose", "listing:7", "take_down", "--basis", "b", "--why", "w", "--by", "ann")
    with pytest.raises(CaseWrong, match="holds no evidence"):
        ask(kept, "measure", "order", "1", "--by", "ann")
    ask(kept, "measure", "decline", "1", "--why", "in bulk", "--by", "ann")
    assert batch(kept, "apply", "1", "--by", "ann")["taken"] == {"ordered": 1}
    assert "on the list" in ask(kept, "measure", "show", "2")
    assert "measure 2: on the list" in ask(kept, "case", "show", "1")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"account:1\nnobody\n", "list: line 2: `nobody` is no subject"),
        (b"account:1\n\n\x1b[2Jaccount:2\n", "list: line 3: "),
        (b"account:\xff\n", "list: line 1: it is not UTF-8"),
        (b"account:" + b"9" * 600 + b"\n", "list: line 1: a subject has at most 512 characters"),
        (b"account:" + b"9" * 5_000, "list: line 1: a subject has at most 512 characters"),
        (b"\n \n", "list: there is no subject in it"),
        (b"account:1\n" * 10_001, "list: a bulk act has at most 10000 subjects"),
    ],
    ids=["no-subject", "signs", "bytes", "long", "endless", "empty", "many"],
)
def test_a_line_that_is_no_subject_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_subjects("list")
    assert str(raised.value).startswith(told)
    with pytest.raises(InputError, match="none: No such file"):
        read_subjects("none")


def test_as_many_as_the_ledger_takes_are_read(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("\n".join(f"account:{number}" for number in range(10_000)), encoding="utf-8")
    assert len(read_subjects(str(tmp_path / "list"))) == 10_000


def test_every_kind_is_listed_with_the_terms_of_the_one_table() -> None:
    done = CliRunner().invoke(app, ["measure", "kinds", "--json"])
    found = {each["kind"]: each for each in json.loads(done.stdout)["kinds"]}
    assert set(found) == set(MeasureKind)
    for kind, terms in TERMS.items():
        shown = found[kind]
        assert (shown["level"], shown["people"]) == (terms.level, terms.people)
        assert set(shown["subjects"]) == terms.subjects
        assert bool(shown["scopes"]) is terms.scoped
        assert all(shown["name"].values()), kind
    assert found["take_down"]["name"] == {"en": "the removal", "zh": "下架"}
    assert (found["warn"]["inverse"], found["close"]["inverse"]) == (None, "lift")
    assert (found["warn"]["lasts_s"], found["close"]["lasts_s"]) == (86_400, None)
    table = CliRunner().invoke(app, ["measure", "kinds", "--lang", "zh"], env={"COLUMNS": "300"}).stdout
    for word in ("下架", "两人", "规则或一人", "12 小时", "直至解除", "receive_payment"):
        assert word in table
