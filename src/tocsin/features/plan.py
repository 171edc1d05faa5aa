"""What the kernel is to do for each event type, as words.

Receives features, the layouts of rows and what each event type reads. Gives one array of words: the groups (features
that share a log, because the same events feed them under the same key) and, for each event type, a program of steps.
Never touches the state.
"""

from collections.abc import Mapping, Sequence

import numpy
from msgspec import Struct

from tocsin.features.feature import Feature
from tocsin.features.kernel import accumulate, log
from tocsin.features.kernel.memory import CELL_FEATURES, Words, size_class
from tocsin.language.aggregate import AggregateKind
from tocsin.language.condition import Condition
from tocsin.model.decision import FeatureName
from tocsin.model.event_type import Column, EventTypeName
from tocsin.model.value import ValueType

KINDS = {
    AggregateKind.COUNT: accumulate.COUNT,
    AggregateKind.DISTINCT: accumulate.DISTINCT,
    AggregateKind.SUM: accumulate.SUM,
    AggregateKind.AVG: accumulate.AVG,
    AggregateKind.MIN: accumulate.MIN,
    AggregateKind.MAX: accumulate.MAX,
    AggregateKind.STDDEV: accumulate.STDDEV,
    AggregateKind.LAST: accumulate.LAST,
    AggregateKind.AGE: accumulate.AGE,
}
STATE_WORDS = {
    AggregateKind.COUNT: 2,
    AggregateKind.DISTINCT: 3,
    AggregateKind.SUM: 4,
    AggregateKind.AVG: 4,
    AggregateKind.MIN: 3,
    AggregateKind.MAX: 3,
    AggregateKind.STDDEV: 7,
    AggregateKind.LAST: 2,
    AggregateKind.AGE: 2,
}
STDDEV_WORDS = 6
NEVER = 0
ALWAYS = 1
"""Places of the feed word: the first stands for no, the event's time (never 0) for yes."""

Layouts = Mapping[EventTypeName, Sequence[Column]]
Reads = Mapping[EventTypeName, Sequence[FeatureName]]


class Group(Struct):
    """Features that share a log. `place` is the group's place in the plan; columns hold argument values from 1."""

    kind: int
    by: Mapping[EventTypeName, tuple[str, ...]]
    on: tuple[EventTypeName, ...]
    where: Condition | None
    features: list[Feature] = []
    columns: dict[str, Condition] = {}
    place: int = 0

    def words(self) -> list[int]:
        """The group as the kernel reads it."""
        state = CELL_FEATURES
        records: list[int] = []
        for number, feature in enumerate(self.features):
            aggregate = feature.aggregate
            column = list(self.columns).index(aggregate.argument.text) + 1 if aggregate.argument else 0
            whole = int(aggregate.argument is not None and aggregate.argument.root.type is ValueType.INT)
            records += [KINDS[aggregate.kind], feature.window_us or 0, column, state, number, whole]
            state += STATE_WORDS[aggregate.kind]
        longest = max(feature.window_us or 0 for feature in self.features)
        return [self.kind, len(self.columns), longest, int(size_class(state)), len(self.features), *records]


class Slot(Struct, frozen=True):
    """One input word that is to be computed from a row.

    Either the hash of some fields (`fields`; also the argument where it is a plain text), or the value of `argument` where
    `tests` is false, or whether `where` holds and `argument` is there where it is true.
    """

    fields: tuple[str, ...] = ()
    argument: str = ""
    where: str = ""
    tests: bool = False


class Step(Struct, frozen=True):
    """One group's part in an event type's program: the places of its key, of whether it feeds, and of its arguments."""

    group: Group
    key: int
    feed: int
    arguments: tuple[int, ...]


class Output(Struct, frozen=True):
    """Where a feature's value stands in the output."""

    feature: Feature
    place: int


class Program(Struct, frozen=True):
    """What one event type does: its place in the plan, its steps, what to compute, and its outputs as they are read.

    Input words are the program's place, the event's time, and one for each slot.
    """

    place: int
    steps: tuple[Step, ...]
    slots: tuple[Slot, ...]
    outputs: tuple[Output, ...]
    output_words: int

    @property
    def input_words(self) -> int:
        """How many words an event of this type takes."""
        return 2 + len(self.slots)

    @property
    def in_order(self) -> bool:
        """Whether the outputs stand just as they are read."""
        return [output.place for output in self.outputs] == list(range(self.output_words))


class Plan(Struct, frozen=True):
    """The words for the kernel, and what they mean."""

    words: Words
    groups: tuple[Group, ...]
    programs: dict[EventTypeName, Program]


def make_plan(features: Sequence[Feature], event_types: Sequence[EventTypeName], reads: Reads) -> Plan:
    """Lays out groups and programs."""
    groups: dict[object, Group] = {}
    for feature in features:
        group = groups.setdefault(_identity(feature), Group(_kind(feature), feature.by, feature.on, feature.where))
        group.features.append(feature)
        if feature.aggregate.argument and group.kind != log.SINCE:
            group.columns.setdefault(feature.aggregate.argument.text, feature.aggregate.argument)
    words: list[int] = []
    for group in groups.values():
        group.place = len(words)
        words += group.words()
    programs = {}
    for name in event_types:
        programs[name], more = _program(name, tuple(groups.values()), reads.get(name, ()), len(words))
        words += more
    return Plan(numpy.array(words or [0], numpy.int64), tuple(groups.values()), programs)


def _program(
    name: EventTypeName, groups: Sequence[Group], reads: Sequence[FeatureName], place: int
) -> tuple[Program, list[int]]:
    steps: list[Step] = []
    words: list[int] = []
    slots: dict[Slot, int] = {}
    outputs: dict[FeatureName, Output] = {}
    output_words = 0
    for group in groups:
        read = [number for number, feature in enumerate(group.features) if feature.name in reads]
        feeds = name in group.on
        if name not in group.by or not (read or feeds):
            continue
        step = _step(group, name, slots, feeds=feeds)
        steps.append(step)
        words += [group.place, step.key, step.feed, len(read), len(step.arguments), *step.arguments]
        for number in read:
            feature = group.features[number]
            words += [number, output_words]
            outputs[feature.name] = Output(feature, output_words)
            output_words += STDDEV_WORDS if feature.aggregate.kind is AggregateKind.STDDEV else 1
    ordered = tuple(outputs[each] for each in reads)
    return Program(place, tuple(steps), tuple(slots), ordered, output_words), [len(steps), *words]


def _step(group: Group, name: EventTypeName, slots: dict[Slot, int], *, feeds: bool) -> Step:
    def place(slot: Slot) -> int:
        return slots.setdefault(slot, 2 + len(slots))

    key = place(Slot(fields=group.by[name]))
    if not feeds:
        return Step(group, key, NEVER, tuple(NEVER for _ in group.columns))
    arguments = tuple(place(_argument_slot(argument)) for argument in group.columns.values())
    nullable = next((text for text, argument in group.columns.items() if argument.root.nullable), "")
    where = group.where.text if group.where else ""
    feed = place(Slot(argument=nullable, where=where, tests=True)) if nullable or where else ALWAYS
    return Step(group, key, feed, arguments)


def _argument_slot(argument: Condition) -> Slot:
    """A plain text field is hashed as a key is; everything else is a value of its own."""
    if argument.root.type is ValueType.STRING and argument.reads == (argument.text,):
        return Slot(fields=(argument.text,))
    return Slot(argument=argument.text)


def _kind(feature: Feature) -> int:
    if feature.window_us is not None:
        return log.WINDOWED
    return log.SINCE if feature.aggregate.kind is AggregateKind.AGE else log.LATEST


def _identity(feature: Feature) -> tuple[object, ...]:
    """What two features must have in common to share a log. An argument that may be null decides which events feed it."""
    argument = feature.aggregate.argument
    key = tuple(sorted(feature.by.items()))
    where = feature.where.text if feature.where else ""
    return (_kind(feature), key, feature.on, where, argument.text if argument and argument.root.nullable else "")
