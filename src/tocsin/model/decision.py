"""The outcome of one event, with every reason.

Receives what the decide stage found. Gives the record that is answered, written and kept. Never changes afterwards.
"""

from decimal import Decimal
from typing import NewType

from msgspec import Struct

from tocsin.model.event import EventId
from tocsin.model.outcome import Outcome

RuleId = NewType("RuleId", str)
PackId = NewType("PackId", str)
FeatureName = NewType("FeatureName", str)
ContentHash = NewType("ContentHash", str)

Shown = bool | int | float | Decimal | str | list[str] | None
"""A value as people and JSON see it: decimals as numbers, durations as seconds, times as RFC 3339 texts."""


class FiredRule(Struct, frozen=True, omit_defaults=True, gc=False):
    """A rule whose condition was true, with each value that it read. `lane` is set for overrides and forced rules."""

    rule: RuleId
    values: dict[str, Shown]
    lane: str = ""


class Unavailable(Struct, frozen=True, gc=False):
    """A signal, feature or list that could not be had for this event; rules saw null."""

    name: str
    cause: str


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The outcome of one event.

    `fired` are the rules that counted; `shadow` those that would have fired and changed nothing (shadow and draft
    rules, and rollouts that did not take in this subject). `score` is 0..100. `took_us` is microseconds of work.
    """

    event_id: EventId
    outcome: Outcome
    score: float
    fired: tuple[FiredRule, ...]
    shadow: tuple[FiredRule, ...]
    features: dict[str, Shown] | None = None
    packs: dict[PackId, ContentHash]
    took_us: float
    unavailable: tuple[Unavailable, ...] = ()
