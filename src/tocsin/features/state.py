"""The state of all features, and the two ways to ask it.

Receives events' rows in arrival order, one at a time or many. Gives the values of the features that each event type
reads, in that order. Never reads a clock; what is late is judged by the newest event time seen.
"""

import math
import struct
from collections.abc import Sequence

import numpy
from msgspec import Struct

from tocsin.features.extract import write_inputs
from tocsin.features.feature import Feature
from tocsin.features.kernel.advance import advance_many, advance_one, collect_latest, peek_one
from tocsin.features.kernel.memory import (
    CELLS,
    FOUND,
    GROW_CELLS,
    GROW_PAIRS,
    HEAP_TOP,
    INPUTS,
    LATE,
    LATENESS,
    LIVE,
    NEWEST,
    NULL,
    OK,
    OUTPUTS,
    OVERFLOW,
    PAIRS,
    TOO_LATE,
    State,
    Words,
)
from tocsin.features.kernel.table import copy_into
from tocsin.features.plan import Layouts, Output, Program, Reads, make_plan
from tocsin.language.aggregate import AggregateKind
from tocsin.model.event import Row
from tocsin.model.event_type import EventTypeName
from tocsin.model.fixed import LIMIT
from tocsin.model.value import Value, ValueType
from tocsin.model.window import format_span

Lost = tuple[tuple[str, str], ...]
"""Features that could not be had, each with its cause."""

DEFAULT_SEED = 0x70C51
SWEEP_FROM = 10_000


class StateOptions(Struct, frozen=True, kw_only=True):
    """What a state is made with.

    `seed` is of the hashes by which keys are known; `cells` and `pairs` are the tables' first capacities (powers of two),
    `heap` the first words of the heap.
    """

    allowed_lateness_us: int = 3_600_000_000
    seed: int = DEFAULT_SEED
    cells: int = 1 << 12
    pairs: int = 1 << 12
    heap: int = 1 << 15


USUAL = StateOptions()
Arrival = tuple[EventTypeName, int, Row]
"""An event as the windows see it: its type, its time in microseconds since 1970 UTC, and its row."""


class FeatureStats(Struct, frozen=True):
    """What the state holds now. `entries` are events in logs, each once for every group that it feeds.

    `bytes` are reserved; `used_bytes` leave out what the arrays keep free to grow into.
    """

    cells: int
    entries: int
    pairs: int
    bytes: int
    used_bytes: int


class FeatureState:
    """Every window of every key."""

    def __init__(
        self,
        features: Sequence[Feature],
        layouts: Layouts,
        reads: Reads,
        options: StateOptions = USUAL,
    ) -> None:
        self.features = tuple(features)
        self.seed = options.seed
        self.lost: Lost = ()
        self.texts: dict[int, str] = {}
        self.layouts = layouts
        self.plan = make_plan(features, list(layouts), reads)
        self._sweep_at = SWEEP_FROM
        self._inputs = write_inputs(self.plan.programs, layouts, options.seed, self.texts)
        programs = self.plan.programs.values()
        width = max([program.input_words for program in programs], default=2)
        self._inputs_at = FOUND + max([len(program.steps) for program in programs], default=0)
        self._outputs_at = self._inputs_at + width
        self._buffer = bytearray(8 * (self._outputs_at + max([p.output_words for p in programs], default=0) + 1))
        self.io: Words = numpy.frombuffer(self._buffer, numpy.int64)
        self.io[INPUTS], self.io[OUTPUTS] = self._inputs_at, self._outputs_at
        self.io[LATENESS] = options.allowed_lateness_us
        self.io[NEWEST] = NULL // 2
        self.io[HEAP_TOP] = 8
        self.cells: Words = numpy.zeros(2 * options.cells, numpy.int64)
        self.pairs: Words = numpy.zeros(2 * options.pairs, numpy.int64)
        self.heap: Words = numpy.zeros(options.heap, numpy.int64)
        self._ways = {
            name: (
                self._inputs[name],
                struct.Struct(f"{program.input_words}q").pack_into,
                struct.Struct(f"{program.output_words}q").unpack_from,
                program,
                program.in_order,
            )
            for name, program in self.plan.programs.items()
        }

    @property
    def newest(self) -> int | None:
        """The newest event time seen, in microseconds since 1970 UTC; None before the first event."""
        found = int(self.io[NEWEST])
        return found if found > NULL // 2 else None

    @property
    def late(self) -> int:
        """Events that were too late for every window."""
        return int(self.io[LATE])

    def step(self, event_type: EventTypeName, at: int, row: Row) -> Sequence[Value]:
        """The values that this event reads, in the order of `reads`; then lets it into the windows that it feeds.

        Decimals are in units of 1/10000, durations in microseconds; None where there is nothing. `lost` names the features
        that could not be had.
        """
        inputs, pack, unpack, program, in_order = self._ways[event_type]
        pack(self._buffer, 8 * self._inputs_at, *inputs(at, row))
        status = advance_one(self.io, self.plan.words, self.cells, self.pairs, self.heap)
        while status < 0:
            self.grow(status)
            status = advance_one(self.io, self.plan.words, self.cells, self.pairs, self.heap)
        if len(self.texts) > self._sweep_at:
            self._sweep()
        if status == OK:
            self.lost = ()
            found: tuple[int, ...] = unpack(self._buffer, 8 * self._outputs_at)
            return found if in_order else [found[output.place] for output in program.outputs]
        return self._finish(program, status, unpack(self._buffer, 8 * self._outputs_at))

    def peek(self, event_type: EventTypeName, at: int, row: Row) -> Sequence[Value]:
        """The values that such an event would read at this time, in the order of `reads`; lets nothing into any window."""
        inputs, pack, unpack, program, _ = self._ways[event_type]
        pack(self._buffer, 8 * self._inputs_at, *inputs(at, row))
        status = peek_one(self.io, self.plan.words, self.cells, self.pairs, self.heap)
        while status < 0:
            self.grow(status)
            status = peek_one(self.io, self.plan.words, self.cells, self.pairs, self.heap)
        return self._finish(program, status, unpack(self._buffer, 8 * self._outputs_at))

    def step_batch(self, events: Sequence[Arrival]) -> list[Sequence[Value]]:
        """The same for many events at once: equal to calling `step` for each in turn, bit for bit."""
        values, statuses = self.run(self._packed(events))
        return [
            self._finish(self.plan.programs[name], int(status), tuple(found))
            for (name, _, _), status, found in zip(events, statuses.tolist(), values.tolist(), strict=True)
        ]

    def feed(self, events: Sequence[Arrival]) -> None:
        """Lets many events into the windows whose values nobody asks for."""
        self.run(self._packed(events))
        if len(self.texts) > self._sweep_at:
            self._sweep()

    def _packed(self, events: Sequence[Arrival]) -> Words:
        """The kernel's input words of many events, of shape (n, width)."""
        width = max([self.plan.programs[name].input_words for name, _, _ in events], default=2)
        packed = bytearray(8 * width * len(events))
        for number, (name, at, row) in enumerate(events):
            inputs, pack, *_ = self._ways[name]
            pack(packed, 8 * width * number, *inputs(at, row))
        found: Words = numpy.frombuffer(packed, numpy.int64).reshape(len(events), width)
        return found

    def inputs_of(self, event_type: EventTypeName, at: int, row: Row) -> tuple[int, ...]:
        """The kernel's input words of one event: its program, its time, and what its steps point to."""
        return self._inputs[event_type](at, row)

    def run(self, inputs: Words) -> tuple[Words, Words]:
        """Arrays in, arrays out: input words of shape (n, width) to raw output words of shape (n, outputs) and n statuses."""
        outputs = max([program.output_words for program in self.plan.programs.values()], default=0)
        values: Words = numpy.zeros((len(inputs), max(1, outputs)), numpy.int64)
        statuses: Words = numpy.zeros(len(inputs), numpy.int64)
        done = 0
        while done < len(inputs):
            done = advance_many(self.arrays(), done, inputs, values, statuses)
            if done < len(inputs):
                self.grow(int(statuses[done]))
        return values, statuses

    def grow(self, wanted: int) -> None:
        """Doubles the array that the kernel asks for."""
        if wanted == GROW_CELLS:
            old, self.cells = self.cells, numpy.zeros(2 * len(self.cells), numpy.int64)
            copy_into(old, self.cells)
        elif wanted == GROW_PAIRS:
            old, self.pairs = self.pairs, numpy.zeros(2 * len(self.pairs), numpy.int64)
            copy_into(old, self.pairs)
        else:
            heap = numpy.zeros(2 * len(self.heap), numpy.int64)
            heap[: len(self.heap)] = self.heap
            self.heap = heap

    def stats(self) -> FeatureStats:
        """How much is held."""
        size = self.cells.nbytes + self.pairs.nbytes + self.heap.nbytes
        cells, pairs = int(self.io[CELLS]), int(self.io[PAIRS])
        used = 16 * (cells + pairs) + 8 * int(self.io[HEAP_TOP])
        return FeatureStats(cells, int(self.io[LIVE]), pairs, size, used)

    def warm(self) -> None:
        """Loads or compiles the kernel now, so that the first event does not wait for it."""
        arrays = State(*(numpy.zeros(len(each), numpy.int64) for each in self.arrays()))
        io: Words = numpy.zeros(len(self.io), numpy.int64)
        io[INPUTS], io[OUTPUTS] = FOUND, FOUND + 2
        io[FOUND + 1] = 1
        advance_one(io, numpy.zeros(2, numpy.int64), arrays.cells, arrays.pairs, arrays.heap)

    def arrays(self) -> State:
        """The arrays as the kernel takes them; none outlives the next growth."""
        return State(self.io[: self._inputs_at], self.plan.words, self.cells, self.pairs, self.heap)

    def _finish(self, program: Program, status: int, found: Sequence[int]) -> list[Value]:
        if status == TOO_LATE:
            cause = f"late: more than {format_span(int(self.io[LATENESS]))} behind the newest event"
            self.lost = tuple((output.feature.name, cause) for output in program.outputs)
            return [None] * len(program.outputs)
        lost: list[tuple[str, str]] = []
        values = [self._value(output, found, lost) for output in program.outputs]
        self.lost = tuple(lost)
        return values

    def _value(self, output: Output, found: Sequence[int], lost: list[tuple[str, str]]) -> Value:
        value: int | None = found[output.place]
        aggregate = output.feature.aggregate
        if value == NULL:
            return None
        if aggregate.kind is AggregateKind.STDDEV:
            whole = aggregate.argument is not None and aggregate.argument.root.type is ValueType.INT
            value = finish_stddev(found[output.place : output.place + 6], whole=whole)
        if value == OVERFLOW:
            lost.append((output.feature.name, "overflow: more than 14 digits before the point"))
            return None
        if aggregate.kind is AggregateKind.LAST and value is not None:
            if aggregate.type is ValueType.STRING:
                return self.texts[value]
            if aggregate.type is ValueType.BOOL:
                return bool(value)
        return value

    def _sweep(self) -> None:
        """Forgets the strings that no last() can give back any more."""
        kept: dict[int, str] = {}
        for group in self.plan.groups:
            for column, argument in enumerate(group.columns.values(), 1):
                if argument.root.type is ValueType.STRING:
                    found: Words = numpy.zeros(int(self.io[LIVE]), numpy.int64)
                    count = collect_latest(self.arrays(), group.place, column, found)
                    kept |= {each: self.texts[each] for each in found[:count].tolist() if each in self.texts}
        self.texts.clear()
        self.texts.update(kept)
        self._sweep_at = max(SWEEP_FROM, 2 * len(kept))


def finish_stddev(words: Sequence[int], *, whole: bool) -> int | None:
    """The sample standard deviation in units of 1/10000 from exact sums, rounded half up; None below two values.

    `words` are the count, the sum in two limbs (2**32) and the sum of squares in three (2**40).
    """
    count = words[0]
    if count < 2:
        return None
    total = (words[1] << 32) + words[2]
    squares = words[3] + (words[4] << 40) + (words[5] << 80)
    above, below = count * squares - total * total, count * (count - 1)
    if whole:
        above *= 100_000_000
    root = math.isqrt(above // below)
    if (2 * root + 1) ** 2 * below <= 4 * above:
        root += 1
    return root if root < LIMIT else OVERFLOW
