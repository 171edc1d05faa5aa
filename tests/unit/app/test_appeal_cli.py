"""Appeals that staff take in, show and decide at the command line, as the service takes them over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.reference.loop import DAY, HOUR, tell_everybody, wanted
from tocsin.app.bootstrap import now_us
from tocsin.app.cli.main import app
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.tables import Appeal
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import order, propose
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.model.errors import InputError, TocsinError
from tocsin.records.actor import Actor, ActorKind, Stamp
from tocsin.records.errors import AppealWrong
from tocsin.records.tables import AuditEntry, Message

pytestmark = pytest.mark.usefixtures("own_process")

ANN = Actor(ActorKind.PERSON, "ann")
WORDS = "This is me, and this is my own shop: 13800138000."
Kept = tuple[Path, dict[str, str]]


@pytest.fixture
def kept(tmp_path: Path, database: str) -> Kept:
    """Records in which two measures were ordered and told, and a third was proposed only."""
    records = Records(tmp_path, database)
    stamp = Stamp(ANN, now_us())
    with records.change() as session:
        for kind in (MeasureKind.LIMIT, MeasureKind.REVERIFY, MeasureKind.SUSPEND):
            measure = propose(session, wanted(kind), stamp)
            if kind is not MeasureKind.SUSPEND:
                order(session, measure, stamp)
    records.close()
    return tmp_path, {"TOCSIN_LANG": "en", "TOCSIN_DATABASE": database, "COLUMNS": "200"}


def ask(kept: Kept, *words: str, given: str | None = None) -> str:
    data, environment = kept
    done = CliRunner().invoke(app, ["appeal", *words, "--data", str(data)], env=environment, input=given)
    if isinstance(done.exception, TocsinError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def told(kept: Kept, *words: str, given: str | None = None) -> Any:
    return json.loads(ask(kept, *words, "--json", given=given))


def receive(kept: Kept, *words: str, given: str | None = None) -> Any:
    return told(kept, "receive", *words, "--channel", "counter", "--by", "ben", given=given)


def test_staff_take_an_appeal_in_show_it_masked_and_decide_it(kept: Kept) -> None:
    taken = receive(kept, "1", "--text", WORDS, "--material", "a licence", "--material", "0" * 64)
    assert taken == told(kept, "show", "1")
    assert (taken["measure"], taken["subject"], taken["state"]) == (1, "account:m", "received")
    assert (taken["by"], taken["channel"], taken["text"]) == ("person:ben", "counter", "***")
    assert taken["materials"] == ["***", "0" * 64]
    shown = ask(kept, "show", "1")
    assert WORDS not in shown
    assert "tocsin person view appeal:1 --why" in shown
    assert "申诉内容已加密" in ask(kept, "show", "1", "--lang", "zh")
    again = receive(kept, "1", "--text", "Please hurry.")
    assert again == taken, "while one is undecided, that one is answered"
    data, environment = kept
    seen = CliRunner().invoke(
        app, ["person", "view", "appeal:1", "--why", "deciding on it", "--data", str(data)], env=environment
    )
    assert f"text: {WORDS}" in seen.stdout
    ask(kept, "decide", "1", "--upheld", "--why", "a shop", "--by", "cal")
    decided = told(kept, "show", "1")
    assert (decided["state"], decided["decided_by"], decided["why"]) == ("upheld", "person:cal", "a shop")
    assert decided["decided"].endswith("Z")


def test_an_appeal_has_the_windows_and_the_effects_of_the_route(kept: Kept) -> None:
    data, environment = kept
    (data / "own.toml").write_text('[clocks]\nown = {appeal = "5 hours"}\n\n[notices]\nobject_days = 1\n')
    environment["TOCSIN_CONFIG"] = str(data / "own.toml")
    receive(kept, "1", "--text", WORDS)
    records = Records(data, environment["TOCSIN_DATABASE"])
    with records.change() as session:
        taken = session.scalars(select(Appeal)).one()
        assert taken.due_at - taken.received_at == 5 * HOUR
        assert session.scalars(select(Message.type).where(Message.type.startswith("appeal."))).all() == [
            "appeal.received"
        ]
        events = session.scalars(select(NoticeRecord.event).where(NoticeRecord.appeal == taken.number)).all()
        assert events == ["appeal_received"]
        acts = session.scalars(select(AuditEntry).where(AuditEntry.act == "appeal.receive")).all()
        assert [(each.by, each.record) for each in acts] == [("person:ben", "appeal:1")]
        tell_everybody(session)
        for notice in session.scalars(select(NoticeRecord)):
            notice.delivered_at = now_us() - 2 * DAY
    records.close()
    with pytest.raises(AppealWrong, match="the time to object is over"):
        receive(kept, "2", "--text", WORDS)


def test_the_code_of_a_notice_stands_for_its_measure_and_a_wrong_one_for_none(kept: Kept) -> None:
    data, environment = kept
    records = Records(data, environment["TOCSIN_DATABASE"])
    with records.session() as session:
        code = session.scalars(select(NoticeRecord.code).where(NoticeRecord.measure == 2)).one()
    records.close()
    assert receive(kept, "--code", code.lower(), "--text", "-", given=WORDS)["measure"] == 2
    with pytest.raises(InputError, match="no notice has this code"):
        receive(kept, "--code", "7KQ3-MX9T-2HVA", "--text", WORDS)


def test_what_cannot_be_taken_in_is_one_clear_line(kept: Kept) -> None:
    for words in (("--text", WORDS), ("1", "--code", "7KQ3-MX9T-2HVA", "--text", WORDS)):
        with pytest.raises(InputError, match="say to what it objects"):
            receive(kept, *words)
    with pytest.raises(InputError, match="no measure 9"):
        receive(kept, "9", "--text", WORDS)
    with pytest.raises(AppealWrong, match="nothing has been done yet"):
        receive(kept, "3", "--text", WORDS)
    for text in ("", "x" * 10_001):
        with pytest.raises(AppealWrong, match="1 to 10000 characters"):
            receive(kept, "1", "--text", "-", given=text)
    with pytest.raises(InputError, match="no appeal 7"):
        ask(kept, "show", "7")
    assert told(kept, "list") == {"appeals": []}
