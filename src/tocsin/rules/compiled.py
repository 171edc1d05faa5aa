"""All rules of one event type as one function.

Receives the rules, the row's layout and the order of the features. Gives a function from a row and its features to the
rules that fired, each with the values it read. Never knows what firing leads to.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from tocsin.language.writers.python import PythonWriter
from tocsin.model.decision import FeatureName, Shown
from tocsin.model.event import Row
from tocsin.model.event_type import Column, EventTypeName
from tocsin.model.fixed import SCALE, SURE, fixed_to_number
from tocsin.model.value import Value, ValueType
from tocsin.rules.pack import Rule
from tocsin.rules.value_list import ValueList

FiredValues = list[tuple[int, dict[str, Shown]]]
Evaluate = Callable[[Row, Sequence[Value]], FiredValues]
"""(row with signals, features in the order given) -> (index of the rule, values it read) for each rule that fired."""


class Names(Struct, frozen=True):
    """Where the values of one event type lie."""

    event_type: EventTypeName
    columns: Sequence[Column]
    features: Mapping[FeatureName, ValueType]
    """In the order in which their values come."""


def compile_rules(rules: Sequence[Rule], names: Names, lists: Mapping[str, ValueList]) -> Evaluate:
    """One straight function over all rules; a rule that cannot be true on this event type leaves no trace in it."""
    writing = _Writing(names, lists)
    body = [line for index, rule in enumerate(rules) for line in writing.rule(index, rule)]
    source = ["def evaluate(row, features):", *writing.loads(), "    fired = []", *body, "    return fired"]
    scope: dict[str, Any] = {**writing.writer.constants, **SHOWS}
    exec(compile("\n".join(source), f"<rules of {names.event_type}>", "exec"), scope)  # noqa: S102 - written from checked rules
    evaluate: Evaluate = scope["evaluate"]
    return evaluate


ShowFeatures = Callable[[Sequence[Value]], dict[str, Shown]]


def compile_shown(features: Mapping[FeatureName, ValueType]) -> ShowFeatures:
    """One function that shows all features of an event type by name."""
    parts = []
    for place, (name, kind) in enumerate(features.items()):
        show = _SHOW_BY_TYPE.get(kind)
        parts.append(f"{str(name)!r}: {show}(f[{place}])" if show else f"{str(name)!r}: f[{place}]")
    shown: ShowFeatures = eval(f"lambda f: {{{', '.join(parts)}}}", dict(SHOWS))  # noqa: S307 - names are checked
    return shown


class _Writing:
    """Names locals for what the rules read, and writes each rule over them."""

    def __init__(self, names: Names, lists: Mapping[str, ValueList]) -> None:
        self.types: dict[str, ValueType] = {column.name: column.type for column in names.columns}
        self.types |= {str(name): kind for name, kind in names.features.items()}
        self.reads: dict[str, str] = {column.name: f"row[{index}]" for index, column in enumerate(names.columns)}
        self.reads |= {str(name): f"features[{index}]" for index, name in enumerate(names.features)}
        self.locals = {name: f"v{index}" for index, name in enumerate(self.reads)}
        self.used: dict[str, None] = {}
        self.writer = PythonWriter(self.locals, known={"type": names.event_type}, lists=lists)

    def rule(self, index: int, rule: Rule) -> list[str]:
        condition = self.writer.is_true(rule.condition.root)
        if condition == "False":
            return []
        reads = [name for name in rule.condition.reads if name in self.reads]
        self.used |= dict.fromkeys([*reads, "at"])
        values = ", ".join(f"{name!r}: {self.show(name)}" for name in reads)
        return [f"    if {condition}: fired.append(({index}, {{{values}}}))"]

    def show(self, name: str) -> str:
        show = _SHOW_BY_TYPE.get(self.types[name])
        return f"{show}({self.locals[name]})" if show else self.locals[name]

    def loads(self) -> list[str]:
        return [f"    {self.locals[name]} = {self.reads[name]}" for name in self.used]


def _decimal(units: int | None) -> Shown:
    if units is None:
        return None
    return units / SCALE if -SURE < units < SURE else fixed_to_number(units)


def _duration(span_us: int | None) -> float | None:
    return None if span_us is None else span_us / 1_000_000


def _timestamp(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def _strings(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


SHOWS: dict[str, Callable[..., Shown]] = {
    "show_decimal": _decimal,
    "show_duration": _duration,
    "show_timestamp": _timestamp,
    "show_strings": _strings,
}
_SHOW_BY_TYPE = {ValueType(re.sub("^show_", "", name)): name for name in SHOWS}
