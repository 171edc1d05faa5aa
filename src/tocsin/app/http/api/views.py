"""What the service answers with, as structs.

Receives entries, rules and list entries. Gives their shapes on the wire; the OpenAPI document is made from them.
"""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from tocsin.app.http.api.time import moment
from tocsin.history.entry import Entry
from tocsin.model.event_type import Title
from tocsin.model.outcome import Outcome
from tocsin.rules.pack import Pack, Rule


class Kept(Struct, frozen=True):
    """One event with its decision, as kept. An erased one has neither."""

    seq: int
    id: str
    type: str
    at: datetime
    received_at: datetime
    outcome: Outcome
    erased: bool
    event: dict[str, Any] | None
    decision: dict[str, Any] | None


class KeptPage(Struct, frozen=True):
    """Kept events, newest first. `cursor` asks for the page after; it is null on the last one.

    A search that looks at very many entries answers with what it has, be it nothing, and a cursor to go on from.
    """

    decisions: list[Kept]
    cursor: str | None


class Standing(Struct, frozen=True):
    """An entity now: its features by the role in which they see it, its newest events, the lists on which it stands.

    `as_of` is the newest event time seen; features are as an event at that time would read them.
    """

    entity: str
    as_of: datetime | None
    features: dict[str, dict[str, Any]]
    lists: list[str]
    events: list[Kept]


class ListView(Struct, frozen=True):
    """A list: what its values are, and how many stand on it."""

    name: str
    title: Title
    of: str
    entries: int


class ListValue(Struct, frozen=True):
    """A value on a list, until when (null: for good), and whether the pack itself put it there."""

    value: str
    expires_at: datetime | None
    from_pack: bool


class ListPage(Struct, frozen=True):
    """Values of a list in order. `cursor` asks for the page after."""

    name: str
    values: list[ListValue]
    cursor: str | None


class WantedValue(Struct, frozen=True, forbid_unknown_fields=True):
    """A value to put on a list."""

    value: str
    expires_at: datetime | None = None
    note: str = ""


class WantedValues(Struct, frozen=True, forbid_unknown_fields=True):
    """Values to put on a list, at most 1,000."""

    entries: list[WantedValue]


class Changed(Struct, frozen=True):
    """How many values were put on a list or taken off."""

    changed: int


class PackView(Struct, frozen=True):
    """A pack that is loaded."""

    id: str
    version: str
    hash: str
    title: Title
    rules: int


class RuleView(Struct, frozen=True):
    """A rule as it runs."""

    id: str
    title: Title
    on: list[str]
    when: str
    outcome: Outcome
    score: float
    typology: str
    state: str
    because: Title


class PackDetail(Struct, frozen=True):
    """A pack with its rules."""

    pack: PackView
    rules: list[RuleView]


class Alive(Struct, frozen=True):
    """The process answers."""

    alive: bool


class Ready(Struct, frozen=True):
    """Whether decisions are taken; if not, how far the replay of the history has come. `fault` says what is wrong."""

    ready: bool
    replayed_to: int
    last_seq: int
    fault: str


def view_entry(entry: Entry) -> Kept:
    """An entry for the wire."""
    return Kept(
        entry.seq,
        entry.id,
        entry.type,
        moment(entry.at),
        moment(entry.received_at),
        entry.outcome,
        entry.erased,
        None if entry.erased else msgspec.json.decode(entry.event),
        None if entry.erased else msgspec.json.decode(entry.decision),
    )


def view_pack(pack: Pack, rules: int) -> PackView:
    """A pack for the wire."""
    return PackView(pack.id, pack.version, pack.hash, pack.title, rules)


def view_rule(rule: Rule) -> RuleView:
    """A rule for the wire."""
    return RuleView(
        rule.id,
        rule.title,
        list(rule.on),
        rule.condition.text,
        rule.outcome,
        rule.score,
        rule.typology,
        str(rule.state),
        rule.because,
    )
