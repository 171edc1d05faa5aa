"""Duties, spans and clocks in words, in the language of who reads.

Receives a wording and a span, a clause or a clock's state. Gives a text. What may not be shown as law is never called
law here: every text about a clause's number comes from `say_standing` and the two columns it parts.
"""

from collections.abc import Callable

from tocsin.app.wording import Wording
from tocsin.cases.clocks.calendar import DayKind
from tocsin.cases.clocks.clock import State
from tocsin.model.event_type import Title
from tocsin.rulebook.duties.duty import Deadline, Duty, Provenance, Status, deadline_shown_as_law, shown_as_law
from tocsin.rulebook.duties.span import Span, Unit

Say = Callable[..., str]


def in_language(wording: Wording, title: Title) -> str:
    """A title in the language of who reads."""
    return title.zh if wording.lang == "zh" else title.en


def say_span(say: Say, span: Span) -> str:
    """A span in words."""
    count = span.count
    several = {
        Unit.AT_ONCE: lambda: say("at once"),
        Unit.END_OF_DAY: lambda: say("by the end of the day"),
        Unit.STATED: lambda: say("as the notice states"),
        Unit.UNTIL: lambda: say("until {until}", until=span.until),
        Unit.MINUTES: lambda: say("{count} minutes", count=count) if count > 1 else say("1 minute"),
        Unit.HOURS: lambda: say("{count} hours", count=count) if count > 1 else say("1 hour"),
        Unit.WORKING_HOURS: lambda: say("{count} working hours", count=count) if count > 1 else say("1 working hour"),
        Unit.DAYS: lambda: say("{count} days", count=count) if count > 1 else say("1 day"),
        Unit.WORKING_DAYS: lambda: say("{count} working days", count=count) if count > 1 else say("1 working day"),
        Unit.MONTHS: lambda: say("{count} months", count=count) if count > 1 else say("1 month"),
        Unit.YEARS: lambda: say("{count} years", count=count) if count > 1 else say("1 year"),
    }
    text = several[span.unit]()
    return say("at least {span}", span=text) if span.at_least else text


def say_standing(say: Say, clause: Duty | Deadline) -> str:
    """What a clause is: law, or what it is instead."""
    if shown_as_law(clause):
        return say("law in force")
    if clause.status is Status.VOLUNTARY:
        return say("a commitment, not law")
    if clause.status is Status.DRAFT:
        return say("a draft, not law")
    if clause.status is Status.ADOPTED:
        day = clause.applies_on if isinstance(clause, Duty) else None
        return say("not in force; announced for {day}", day=day) if day else say("not in force")
    return say("not verified; do not rely on it as law")


def say_provenance(say: Say, provenance: Provenance) -> str:
    """What was read for a clause."""
    return {
        Provenance.PRIMARY: say("its own text"),
        Provenance.SECONDARY: say("a page about it"),
        Provenance.ARTICLE: say("a press article"),
        Provenance.UNVERIFIED: say("nothing that proves it"),
    }[provenance]


def say_limit(wording: Wording, deadline: Deadline) -> str:
    """What a clause itself says of the time: a number, its own word, before what, or nothing."""
    if deadline.span:
        return say_span(wording.say, deadline.span)
    if deadline.word:
        return wording.say("“{word}”", word=in_language(wording, deadline.word))
    return in_language(wording, deadline.before) if deadline.before else wording.say("no time given")


def say_by_law(wording: Wording, duty: Duty, deadline: Deadline) -> str:
    """What the law says of the time; empty where nothing may be shown as law."""
    return say_limit(wording, deadline) if deadline_shown_as_law(duty, deadline) else ""


def say_day_kind(say: Say, kind: DayKind) -> str:
    """What a day is."""
    return {
        DayKind.WORKING: say("working day"),
        DayKind.ADJUSTED: say("adjusted working day"),
        DayKind.WEEKEND: say("weekend"),
        DayKind.HOLIDAY: say("public holiday"),
        DayKind.CLOSED: say("own closure"),
    }[kind]


def say_state(say: Say, state: State) -> str:
    """How a clock stands."""
    return {
        State.RUNNING: say("running"),
        State.PAUSED: say("paused"),
        State.MET: say("met"),
        State.MISSED: say("missed"),
        State.MET_LATE: say("missed, met late"),
    }[state]
