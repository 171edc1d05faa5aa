"""`tocsin clock due`: when a span runs out, and which days counted."""

from datetime import date, datetime, time
from itertools import groupby

from babel.dates import format_date
from msgspec import Struct
from msgspec.structs import replace

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.duty_wording import say_day_kind, say_span
from tocsin.app.wording import Wording
from tocsin.cases.clocks.calendar import Calendar, Hours, named_calendar
from tocsin.cases.clocks.moment import local_time, moment_us, read_moment
from tocsin.cases.clocks.reckoning import DayCounted, Reckoning, days_between, reckon
from tocsin.model.errors import ClockError
from tocsin.rulebook.duties.span import Span, Unit, read_span

COUNTING = frozenset({Unit.WORKING_DAYS, Unit.WORKING_HOURS})


class Asked(Struct, frozen=True):
    """What is to be reckoned, as it was written."""

    start: str
    span: str
    calendar: str
    zone: str
    closed: tuple[str, ...]
    hours: str


class Answer(Struct, frozen=True):
    """What was reckoned; `days` only where working days were counted."""

    calendar: Calendar
    span: Span
    start_us: int
    found: Reckoning
    days: list[DayCounted]


def show_due(asked: Asked, lang: str, *, as_json: bool) -> int:
    """Shows a due time and, for working days, what each day on the way was.

    Raises:
        ClockError: a start, a span or a calendar that cannot be.
    """
    wording = Wording(lang)
    start_us, span = moment_us(read_moment(asked.start)), read_span(asked.span)
    calendar = replace(
        named_calendar(asked.calendar, asked.zone),
        closed=frozenset(_day(text) for text in asked.closed),
        hours=_hours(asked.hours),
    )
    found = reckon(calendar, start_us, span)
    days = days_between(calendar, start_us, found.due_us) if span.unit in COUNTING else []
    answer = Answer(calendar, span, start_us, found, days)
    print(to_json(_as_object(answer)) if as_json else "\n".join(_lines(wording, answer)))
    return 0


def _lines(wording: Wording, answer: Answer) -> list[str]:
    say, zone, found = wording.say, answer.calendar.zone, answer.found
    due, start = local_time(found.due_us, zone), local_time(answer.start_us, zone)
    lines = [
        say("due: {due} {weekday} ({zone})", due=_show(due), weekday=_weekday(due.date(), wording.lang), zone=zone),
        say(
            "{span} from {start}, calendar {calendar}",
            span=say_span(say, answer.span),
            start=_show(start),
            calendar=answer.calendar.name,
        ),
    ]
    for kind, group in groupby(answer.days, key=lambda each: each.kind):
        block = [each.day for each in group]
        first, last = (f"{day} {_weekday(day, wording.lang)}" for day in (block[0], block[-1]))
        lines.append(f"  {first if first == last else f'{first} – {last}'}  {say_day_kind(say, kind)}")
    if found.provisional:
        lines.append(say("provisional: the official working days of one of these years are not known yet"))
    return lines


def _as_object(answer: Answer) -> dict[str, object]:
    zone = answer.calendar.zone
    return {
        "due": local_time(answer.found.due_us, zone).isoformat(),
        "due_us": answer.found.due_us,
        "start": local_time(answer.start_us, zone).isoformat(),
        "span": str(answer.span),
        "calendar": answer.calendar.name,
        "zone": zone,
        "provisional": answer.found.provisional,
        "days": answer.days,
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ClockError(f"`{text[:40]}` is no date; write 2026-05-04") from None


def _hours(text: str) -> Hours | None:
    opens, _, closes = text.partition("-")
    try:
        return Hours(time.fromisoformat(opens), time.fromisoformat(closes)) if text else None
    except ValueError:
        raise ClockError(f"`{text[:40]}` are no hours; write 09:00-18:00") from None


def _show(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def _weekday(day: date, lang: str) -> str:
    return format_date(day, "EEE", locale=lang)
