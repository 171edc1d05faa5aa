"""What a pack holds, once it is read.

Receives nothing. Gives the nouns: Pack, Rule, RuleCase, the states of a rule. Never reads a file.
"""

from enum import StrEnum
from typing import NewType

from msgspec import Struct

from tocsin.language.condition import Condition
from tocsin.model.decision import ContentHash, PackId, RuleId
from tocsin.model.event_type import EventTypeName, Title
from tocsin.model.outcome import Outcome

ListName = NewType("ListName", str)


class RuleState(StrEnum):
    """The life of a rule; a rule whose file names no state is live."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    PAUSED = "paused"
    RETIRED = "retired"


EVALUATED = frozenset({RuleState.DRAFT, RuleState.SHADOW, RuleState.LIVE})
"""States in which a rule is evaluated at all."""


class RuleCase(Struct, frozen=True, kw_only=True):
    """An example that proves a rule: an event, what was before it, and whether the rule fires."""

    name: str
    fires: bool
    event: dict[str, object]
    features: dict[str, object]
    history: tuple[dict[str, object], ...]
    line: int


class Rule(Struct, frozen=True, kw_only=True):
    """A named condition with what to conclude, why, and cases that prove it.

    `score` is 0..100; `rollout` is the share of subjects in percent (None: all).
    """

    id: RuleId
    pack: PackId
    title: Title
    on: tuple[EventTypeName, ...]
    condition: Condition
    outcome: Outcome
    because: Title
    score: float = 0.0
    typology: str = ""
    warn: str = ""
    case: str = ""
    measures: tuple[str, ...] = ()
    subject: str = ""
    duties: tuple[str, ...] = ()
    state: RuleState = RuleState.LIVE
    rollout: float | None = None
    override: bool = False
    force: bool = False
    cases: tuple[RuleCase, ...] = ()
    file: str = ""
    line: int = 0


class Pack(Struct, frozen=True, kw_only=True):
    """A folder of content that belongs together. `hash` is over every file's path and bytes."""

    id: PackId
    title: Title
    version: str
    licence: str
    requires: tuple[PackId, ...]
    hash: ContentHash
    folder: str
