"""The point-in-time contract in plain Python, as literally as it can be said: lists, counted anew for every event."""

import math
from dataclasses import dataclass, field
from typing import Any

from tocsin.features.feature import Feature
from tocsin.features.state import Lost
from tocsin.language.aggregate import AggregateKind
from tocsin.language.writers.python import PythonWriter
from tocsin.model.event_type import Column, EventTypeName
from tocsin.model.value import ValueType

LIMIT = 10**18


def evaluate(node: Any, columns: tuple[Column, ...], row: tuple[Any, ...], event_type: str) -> Any:
    names = {column.name: f"row[{place}]" for place, column in enumerate(columns)}
    writer = PythonWriter(names, {"type": event_type}, {})
    return eval(writer.value(node), {**writer.constants, "row": row})


@dataclass
class Entry:
    at: int
    value: Any


@dataclass
class ReferenceWindows:
    features: list[Feature]
    layouts: dict[EventTypeName, tuple[Column, ...]]
    reads: dict[EventTypeName, tuple[str, ...]]
    lateness_us: int
    newest: int = -(2**62)
    late: int = 0
    lost: Lost = ()
    logs: dict[tuple[Any, ...], list[Entry]] = field(default_factory=dict)

    def key(self, feature: Feature, event_type: EventTypeName, row: tuple[Any, ...]) -> tuple[Any, ...] | None:
        if event_type not in feature.by:
            return None
        places = {column.name: place for place, column in enumerate(self.layouts[event_type])}
        parts = tuple(row[places[name]] for name in feature.by[event_type])
        return None if None in parts else (feature.name, *parts)

    def step(self, event_type: EventTypeName, at: int, row: tuple[Any, ...]) -> list[Any]:
        wanted = [next(f for f in self.features if f.name == name) for name in self.reads[event_type]]
        if at < self.newest - self.lateness_us:
            self.late += 1
            return [None] * len(wanted)
        values = [self.value(feature, self.key(feature, event_type, row), at) for feature in wanted]
        self.newest = max(self.newest, at)
        for feature in self.features:
            self.feed(feature, event_type, at, row)
        return values

    def feed(self, feature: Feature, event_type: EventTypeName, at: int, row: tuple[Any, ...]) -> None:
        key = self.key(feature, event_type, row)
        if key is None or event_type not in feature.on:
            return
        columns = self.layouts[event_type]
        if feature.where and evaluate(feature.where.root, columns, row, event_type) is not True:
            return
        argument = feature.aggregate.argument
        value = evaluate(argument.root, columns, row, event_type) if argument else 0
        if value is not None:
            self.logs.setdefault(key, []).append(Entry(at, value))

    def value(self, feature: Feature, key: tuple[Any, ...] | None, at: int) -> Any:
        if key is None:
            return None
        start = at - feature.window_us if feature.window_us else -(2**62)
        inside = [entry for entry in self.logs.get(key, []) if start < entry.at <= at]
        values = [entry.value for entry in inside]
        whole = feature.aggregate.argument is not None and feature.aggregate.argument.root.type is ValueType.INT
        match feature.aggregate.kind:
            case AggregateKind.COUNT:
                return len(inside)
            case AggregateKind.DISTINCT:
                return len(set(values))
            case AggregateKind.SUM:
                return within(sum(values))
            case _ if not inside:
                return None
            case AggregateKind.AVG:
                return mean(values, whole=whole)
            case AggregateKind.MIN:
                return min(values)
            case AggregateKind.MAX:
                return max(values)
            case AggregateKind.STDDEV:
                return deviation(values, whole=whole)
            case AggregateKind.LAST:
                return max(enumerate(inside), key=lambda pair: (pair[1].at, pair[0]))[1].value
            case AggregateKind.AGE:
                return at - min(entry.at for entry in inside)


def within(number: int) -> int | None:
    return number if -LIMIT < number < LIMIT else None


def mean(values: list[int], *, whole: bool) -> int | None:
    total = sum(values)
    if within(total) is None:
        return None
    above = abs(total) * (10_000 if whole else 1)
    rounded = (2 * above + len(values)) // (2 * len(values))
    return within(rounded if total >= 0 else -rounded)


def deviation(values: list[int], *, whole: bool) -> int | None:
    count = len(values)
    if count < 2:
        return None
    above = count * sum(value * value for value in values) - sum(values) ** 2
    above *= 100_000_000 if whole else 1
    below = count * (count - 1)
    root = math.isqrt(above // below)
    return within(root + 1 if (2 * root + 1) ** 2 * below <= 4 * above else root)
