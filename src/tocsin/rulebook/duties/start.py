"""Which clocks an event starts.

Receives duties, an event of the loop and what is known of its subject. Gives what is to run: statutory spans where a
clause that may be shown as law gives a number, internal ones for everything else. The two are different types, so that
one can never stand for the other. Never knows the time.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from tocsin.rulebook.duties.duty import (
    Deadline,
    Duty,
    DutyId,
    Purpose,
    Status,
    Trigger,
    deadline_shown_as_law,
    shown_as_law,
)
from tocsin.rulebook.duties.span import Span

PolicyId = NewType("PolicyId", str)
EVERYBODY = ("everyone", "any_person")
"""Actors that everybody is."""


class Ground(StrEnum):
    """Why the platform sets itself a span."""

    WORD = "word"
    """The law gives a word, or says nothing of the time."""
    STRICTER = "stricter"
    """The law gives a number, the platform wants to be done sooner."""
    PLEDGE = "pledge"
    NOT_IN_FORCE = "not_in_force"
    UNVERIFIED = "unverified"
    POLICY = "policy"
    """No duty: the platform's own wish."""


class StatutorySpec(Struct, frozen=True, kw_only=True, tag="statutory"):
    """A clock that the law starts. `name` tells the deadlines of one duty apart."""

    duty: DutyId
    name: str
    span: Span
    purpose: Purpose = Purpose.ACT
    pausable: bool = False


class InternalSpec(Struct, frozen=True, kw_only=True, tag="internal"):
    """A clock that the platform sets itself, for a duty (`serves`) or on its own."""

    policy: PolicyId
    span: Span
    ground: Ground = Ground.POLICY
    serves: DutyId | None = None
    purpose: Purpose = Purpose.ACT
    pausable: bool = True


ClockSpec = StatutorySpec | InternalSpec


def binding(duties: Iterable[Duty], actors: Collection[str]) -> list[Duty]:
    """The duties that bind one who is any of these actors, such as `isp` and `marketplace`; some bind everybody."""
    return [duty for duty in duties if not {*actors, *EVERYBODY}.isdisjoint(duty.actors)]


def clocks_started_by(
    duties: Iterable[Duty], event: str, facts: Mapping[str, str], own: Mapping[str, Span] | None = None
) -> list[ClockSpec]:
    """The clocks that an event of the loop starts, in the order of the duties.

    Args:
        duties: Those that bind the platform; a pledge, a draft or an unverified clause among them gives internal
            clocks only.
        event: Its name, such as `notice.received`.
        facts: What is known of it, such as `{"subject": "advert"}`. In doubt a clock starts: a fact that is not told
            rules no duty out.
        own: The platform's own spans by policy (`CN-24/accept`), in place of those that the packs suggest.
    """
    return [
        spec
        for duty in duties
        for deadline in duty.deadlines
        if deadline.purpose is not Purpose.LOOK_BACK and any(_fits(each, event, facts) for each in deadline.on)
        for spec in specs_of(duty, deadline, own or {})
    ]


def specs_of(duty: Duty, deadline: Deadline, own: Mapping[str, Span]) -> list[ClockSpec]:
    """The clocks of one deadline: the law's where it gives a number, and the platform's own."""
    specs: list[ClockSpec] = []
    lawful = deadline_shown_as_law(duty, deadline)
    policy = policy_of(duty, deadline)
    if deadline.span and lawful:
        specs.append(
            StatutorySpec(
                duty=duty.id,
                name=deadline.name,
                span=deadline.span,
                purpose=deadline.purpose,
                pausable=deadline.pausable,
            )
        )
    span = own.get(policy) or deadline.internal or (None if lawful else deadline.span)
    if span and not deadline.before:
        ground = _ground(duty, deadline)
        specs.append(InternalSpec(policy=policy, span=span, ground=ground, serves=duty.id, purpose=deadline.purpose))
    return specs


def policy_of(duty: Duty, deadline: Deadline) -> PolicyId:
    """The name under which a platform sets its own span for a deadline: `CN-08`, or `CN-24/accept`."""
    return PolicyId(f"{duty.id}/{deadline.name}" if deadline.name else duty.id)


def _ground(duty: Duty, deadline: Deadline) -> Ground:
    if deadline_shown_as_law(duty, deadline):
        return Ground.STRICTER if deadline.span else Ground.WORD
    clause = deadline if shown_as_law(duty) else duty
    if clause.status is Status.VOLUNTARY:
        return Ground.PLEDGE
    if clause.status is not Status.IN_FORCE:
        return Ground.NOT_IN_FORCE
    return Ground.UNVERIFIED


def _fits(trigger: Trigger, event: str, facts: Mapping[str, str]) -> bool:
    return trigger.event == event and all(
        name not in facts or facts[name] in values for name, values in trigger.when.items()
    )
