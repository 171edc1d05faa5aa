"""What a duty is.

Receives nothing. Gives the nouns Duty, Deadline, Trigger, Regime and their words, and says what may be shown as law.
"""

from datetime import date
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from tocsin.model.decision import PackId
from tocsin.model.event_type import Title
from tocsin.rulebook.duties.span import Span

DutyId = NewType("DutyId", str)
RegimeId = NewType("RegimeId", str)
STANDING = "standing"
"""The trigger of a duty that always holds; it starts no clock."""


class Status(StrEnum):
    """How far a clause has come."""

    IN_FORCE = "in_force"
    ADOPTED = "adopted_not_in_force"
    DRAFT = "draft"
    VOLUNTARY = "voluntary"


class Provenance(StrEnum):
    """What was read for a clause: its own text, a page about it, a newspaper's article, or nothing that proves it."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ARTICLE = "article"
    UNVERIFIED = "unverified"


class Purpose(StrEnum):
    """What a span is there for.

    `act` and `delete` must happen before it ends. `keep`, `open` and `hold` may not end before it: records are kept,
    a window stays open, a measure is held. `look_back` says how far back to look, and runs on no clock.
    """

    ACT = "act"
    DELETE = "delete"
    KEEP = "keep"
    OPEN = "open"
    HOLD = "hold"
    LOOK_BACK = "look_back"


MINIMUMS = frozenset({Purpose.KEEP, Purpose.OPEN, Purpose.HOLD})
"""Purposes whose span is a minimum."""


class Regime(Struct, frozen=True, kw_only=True):
    """A law, a code or a pledge, or a group of them, with the calendar by which its days are counted.

    `country` is empty where every day counts; `region` is a part of the country with holidays of its own.
    """

    id: RegimeId
    title: Title
    jurisdiction: str
    country: str
    region: str
    zone: str
    penalties: dict[str, Title]
    pack: PackId


class Trigger(Struct, frozen=True, kw_only=True):
    """An event of the loop that a duty answers to; `when` narrows it to some values of a fact."""

    event: str
    when: dict[str, tuple[str, ...]] = {}


class Deadline(Struct, frozen=True, kw_only=True):
    """By when one part of a duty is to be done.

    At most one of `span` (a number of the clause), `word` (the clause's own word, such as "timely") and `before` (done
    before the event is let through) is there; with none of them the clause is silent on the time. `internal` is what
    we suggest as the platform's own span; it is policy and never law.
    """

    name: str
    on: tuple[Trigger, ...]
    purpose: Purpose
    span: Span | None
    word: Title | None
    before: Title | None
    internal: Span | None
    pausable: bool
    provenance: Provenance
    status: Status


class Duty(Struct, frozen=True, kw_only=True):
    """One clause: what it asks of whom, from when, by when, and which records prove it.

    `doubt` names a part of the clause that nobody has verified, whatever `provenance` says of the rest.
    """

    id: DutyId
    regime: RegimeId
    pack: PackId
    version: int
    law: Title
    article: Title
    title: Title
    asks: Title
    actors: tuple[str, ...]
    triggers: tuple[Trigger, ...]
    deadlines: tuple[Deadline, ...]
    evidence: tuple[str, ...]
    proof: Title
    penalty: Title | None
    status: Status
    applies_on: date | None
    awaits: Title | None
    provenance: Provenance
    doubt: Title | None
    stages: tuple[str, ...]
    file: str
    line: int


def shown_as_law(clause: Duty | Deadline) -> bool:
    """Whether a duty, or one of its deadlines, may be shown to a user as law.

    Only what is in force and was read, in its own text or on a page about it. Pledges, drafts, laws that do not apply
    yet and whatever nobody verified are shown as what they are.
    """
    return clause.status is Status.IN_FORCE and clause.provenance in {Provenance.PRIMARY, Provenance.SECONDARY}


def deadline_shown_as_law(duty: Duty, deadline: Deadline) -> bool:
    """Whether a deadline's number or word may be shown as law: both it and its duty may."""
    return shown_as_law(duty) and shown_as_law(deadline)


def is_overdue_status(duty: Duty, on: date) -> bool:
    """Whether a clause said to apply from a day that has come, so that its pack should be looked at again."""
    return duty.status is not Status.IN_FORCE and duty.applies_on is not None and duty.applies_on <= on
