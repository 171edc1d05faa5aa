"""What authors are told of notices and warnings, what people are told, and what the Transparency Database is sent."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from tests.unit.measures.samples import STATEMENT_FACTS, TEMPLATES, facts
from tocsin.app.bootstrap import load_content
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.notice import as_html, render_notice
from tocsin.measures.statements.batch import write_batches
from tocsin.measures.statements.making import make_statement, puid_of
from tocsin.measures.text.subject import Decided, Source
from tocsin.measures.warnings.grade import Grade
from tocsin.measures.warnings.template import render_warning
from tocsin.model.errors import PackError

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def expected(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def test_all_problems_of_notices_and_warnings_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(PackError) as caught:
        load_content([HERE / "broken"])
    assert str(caught.value) + "\n" == expected("errors.txt")


def notices(lang: str) -> str:
    wanted = [
        (NoticeEvent.TAKEN, facts()),
        (NoticeEvent.TAKEN, facts(measure="limit", function="livestream", typology="INVEST", ends_at=None)),
        (NoticeEvent.TAKEN, facts(measure="take_down", subject="listing:20260208371", typology="CARDS")),
        (NoticeEvent.LIFTED, facts(measure="hold_payment", subject="payment:88003321", also=())),
        (NoticeEvent.APPEAL_RECEIVED, facts()),
        (NoticeEvent.APPEAL_UPHELD, facts()),
        (NoticeEvent.APPEAL_REFUSED, facts(measure="close", ends_at=None)),
    ]
    told = [render_notice(TEMPLATES.notice(event, given.measure), given, lang) for event, given in wanted]
    return "\n".join(f"== {each.title}\n\n{each.body}" for each in told) + "\n== HTML\n\n" + as_html(told[1])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_notices_read_as_they_did(lang: str) -> None:
    assert notices(lang) == expected(f"notices.{lang}.txt")


def warnings(lang: str) -> str:
    wanted = [
        ("lure-police", Grade.HINT, ""),
        ("stranger-moves-you-away", Grade.ALERT, ""),
        ("payer-mule-warning", Grade.ALARM, "account:620000115678"),
        ("invest-obstruction", Grade.ALARM, ""),
    ]
    made = [render_warning(TEMPLATES.warning(name), grade, lang, suspect) for name, grade, suspect in wanted]
    return "\n".join(f"{each.heading} | {each.title} | {' + '.join(each.channels)}\n{each.text}\n" for each in made)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_warnings_read_as_they_did(lang: str) -> None:
    assert warnings(lang) == expected(f"warnings.{lang}.txt")


def statements() -> str:
    wanted = [
        replace(STATEMENT_FACTS, puid=puid_of("shop", 1)),
        replace(
            STATEMENT_FACTS,
            puid=puid_of("shop", 2),
            measure="suspend",
            subject_kind="account",
            typology="POLICE",
            is_law=True,
            ground="Section 263 of the German Criminal Code",
            source=Source.OWN,
            detected_automatically=True,
            decided=Decided.ASSISTED,
            ends_on=date(2026, 3, 15),
            is_business=False,
            content_language="DE",
        ),
        replace(
            STATEMENT_FACTS,
            puid=puid_of("shop", 3),
            measure="bar",
            subject_kind="account",
            typology="AIDING",
            source=Source.AUTHORITY,
            territories=("FR", "DE"),
        ),
    ]
    (body,) = write_batches([make_statement(each, TEMPLATES.vocabulary) for each in wanted])
    return msgspec.json.format(body, indent=2).decode() + "\n"


def test_statements_are_written_as_the_database_takes_them() -> None:
    assert statements() == expected("statements.json")
