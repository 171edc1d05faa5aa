"""What the loop knows of the house: its duties, its words, its own spans.

Receives settings and the content of packs. Gives the terms by which clocks run, and the words of notices. What the settings
name in vain is an error at the start, not a clock that never runs.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from tocsin.app.settings import Settings
from tocsin.cases.clocks.calendar import Calendar, named_calendar
from tocsin.cases.clocks.running import ClockTerms
from tocsin.cases.telling import Library
from tocsin.measures.content import Templates
from tocsin.measures.statements.export import Publisher
from tocsin.measures.telling import House
from tocsin.model.errors import ClockError, InputError
from tocsin.model.event_type import Title
from tocsin.rulebook.duties.duty import Duty
from tocsin.rulebook.duties.register import Register
from tocsin.rulebook.duties.span import Span, read_span
from tocsin.rulebook.duties.start import binding, policy_of
from tocsin.rules.catalogue import Catalogue

DAY_US = 86_400_000_000
POLICIES = frozenset({"case", "appeal", "notice"})
DSA = "EU-DSA"


class Premises(Struct, frozen=True, kw_only=True):
    """Everything that settling needs. `publisher` is None where no statements of reasons are published."""

    clocks: ClockTerms
    house: House
    library: Library
    publisher: Publisher | None


def make_premises(settings: Settings, catalogue: Catalogue, templates: Templates, register: Register) -> Premises:
    """What holds in this house.

    Raises:
        InputError: a regime, an actor, a span, a calendar or a text that the settings name in vain.
    """
    duties = _duties(settings, register)
    notices = settings.notices
    house = House(
        templates=templates,
        lang=notices.lang,
        zone=_calendar("every day", notices.zone, "notices.zone").zone,
        where=_title(notices.where, "where"),
        materials=(_title(notices.materials, "materials"),),
        redress=_title(notices.redress, "redress"),
        why=_title(notices.why, "why"),
        object_us=notices.object_days * DAY_US,
    )
    is_published = any(duty.regime == DSA for duty in duties.values())
    return Premises(
        clocks=ClockTerms(
            duties=duties,
            regimes=register.regimes,
            own=_spans(settings, duties),
            calendar=_calendar(settings.clocks.calendar, settings.clocks.zone, "clocks.calendar"),
        ),
        house=house,
        library=Library(
            {name: rule.because for name, rule in catalogue.rules.items()}, register.duties, settings.measures_basis
        ),
        publisher=Publisher(notices.platform, notices.zone, templates.vocabulary) if is_published else None,
    )


def _duties(settings: Settings, register: Register) -> dict[str, Duty]:
    found: list[Duty] = []
    for name in settings.clocks.regimes:
        under = register.duties_under(name)
        if not under:
            raise InputError(
                f"clocks.regimes: no loaded pack has duties under `{name[:40]}`; `tocsin duties list` shows them"
            )
        found += under
    unknown = set(settings.clocks.actors) - set(register.words.actors)
    if unknown:
        raise InputError(
            f"clocks.actors: no duty binds `{min(unknown)[:40]}`; `tocsin duties list` shows whom they bind"
        )
    return {duty.id: duty for duty in binding(found, settings.clocks.actors)}


def _spans(settings: Settings, duties: Mapping[str, Duty]) -> dict[str, Span]:
    known = POLICIES | {policy_of(duty, each) for duty in duties.values() for each in duty.deadlines}
    spans = {}
    for name, text in settings.clocks.own.items():
        if name not in known:
            raise InputError(
                f"clocks.own: `{name[:40]}` is no policy; there are {', '.join(sorted(POLICIES))} and duties"
            )
        try:
            spans[name] = read_span(text)
        except ClockError as error:
            raise InputError(f"clocks.own: {name}: {error}") from None
    return spans


def _calendar(name: str, zone: str, setting: str) -> Calendar:
    try:
        return named_calendar(name, zone)
    except ClockError as error:
        raise InputError(f"{setting}: {error}") from None


def _title(texts: Mapping[Literal["en", "zh"], str], name: str) -> Title:
    made = Title(texts.get("en", "").strip(), texts.get("zh", "").strip())
    if not (made.en and made.zh):
        raise InputError(f"notices.{name}: the text is needed in both languages, as {{en = ..., zh = ...}}")
    return made
