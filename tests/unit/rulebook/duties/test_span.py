"""Spans as laws write them: what is read, and what an author is told of what is not."""

import pytest

from tocsin.model.errors import ClockError
from tocsin.model.problem import Problem
from tocsin.rulebook.duties.span import Span, Unit, parse_span_text, read_span, stated_span, until_of


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("at once", Span(unit=Unit.AT_ONCE)),
        ("By the end of the  day", Span(unit=Unit.END_OF_DAY)),
        ("as stated", Span(unit=Unit.STATED)),
        ("1 hour", Span(unit=Unit.HOURS, count=1)),
        ("28 days", Span(unit=Unit.DAYS, count=28)),
        ("10 Working Days", Span(unit=Unit.WORKING_DAYS, count=10)),
        ("at least 6 months", Span(unit=Unit.MONTHS, count=6, at_least=True)),
        ("until 2026-03-01", Span(unit=Unit.UNTIL, until="2026-03-01")),
        ("until 2026-03-01T18:00+08:00", Span(unit=Unit.UNTIL, until="2026-03-01T18:00:00+08:00")),
    ],
)
def test_a_span_is_read(text: str, span: Span) -> None:
    assert read_span(text) == span
    assert read_span(str(span)) == span


@pytest.mark.parametrize(
    ("text", "underlined", "hint"),
    [
        ("3 workin days", "workin days", "did you mean `working days`?"),
        ("0 days", "0", "write `at once`"),
        ("999999 hours", "999999", ""),
        ("soon", "soon", "write `at once`, `24 hours`"),
        ("three days", "three days", "write `at once`, `24 hours`"),
        ("until 2026-02-30", "2026-02-30", "until 2026-03-01"),
        ("until 2026-03-01T18:00", "2026-03-01T18:00", "until 2026-03-01"),
        ("until 9999-12-31", "9999-12-31", "until 2026-03-01"),
        ("٣ days", "٣ days", "write"),
        ("-3 days", "-3 days", "write"),
    ],
)
def test_what_is_no_span_is_underlined_with_a_hint(text: str, underlined: str, hint: str) -> None:
    found = parse_span_text(text)
    assert isinstance(found, Problem)
    assert found.source[found.start : found.end] == underlined
    assert hint in found.hint
    with pytest.raises(ClockError):
        read_span(text)


def test_a_stated_date_or_moment_becomes_a_span_until_it() -> None:
    assert until_of(stated_span("2026-03-01")).isoformat() == "2026-03-01"
    assert until_of(stated_span("2026-03-01T18:00:00+08:00")).isoformat() == "2026-03-01T18:00:00+08:00"
    with pytest.raises(ClockError):
        stated_span("2026-03-01 or so")
