"""Which detectors run on which event type.

Receives the event types, the detectors and the names that rules and features read. Gives, per event type, the row's
layout with signals appended and the work to fill it. Never runs a detector whose signals nobody reads.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from tocsin.model.decision import Unavailable
from tocsin.model.event import Event, Row
from tocsin.model.event_type import Column, EventType, EventTypeName, EventTypes
from tocsin.model.value import Value
from tocsin.signals.detector import Detector, SignalUnavailable


class Step(Struct, frozen=True):
    """One detector on one event type: where its needs lie in the row."""

    detector: Detector
    places: tuple[int, ...]


def columns_with_signals(event_type: EventType, detectors: Iterable[Detector]) -> tuple[Column, ...]:
    """The layout of a row with every signal that could be had on this event type; a declared field keeps its name."""
    columns = list(event_type.columns)
    for detector in detectors:
        columns += gives_on(event_type, detector)
    return tuple(columns)


def gives_on(event_type: EventType, detector: Detector) -> tuple[Column, ...]:
    """What a detector adds on this event type: nothing where a need is absent or the names are declared already."""
    declared = {column.name: column.type for column in event_type.columns}
    fits = all(declared.get(name) is kind for name, kind in detector.needs)
    return detector.gives if fits and not any(column.name in declared for column in detector.gives) else ()


class SignalPlan:
    """Appends signals to rows."""

    def __init__(
        self, types: EventTypes, detectors: Sequence[Detector], read: Mapping[EventTypeName, frozenset[str]]
    ) -> None:
        self.layouts: dict[EventTypeName, tuple[Column, ...]] = {}
        self._steps: dict[EventTypeName, tuple[Step, ...]] = {}
        for name, event_type in types.items():
            wanted = read.get(name, frozenset())
            running = [d for d in detectors if any(column.name in wanted for column in gives_on(event_type, d))]
            self.layouts[name] = columns_with_signals(event_type, running)
            index = {column.name: place for place, column in enumerate(event_type.columns)}
            self._steps[name] = tuple(Step(d, tuple(index[need] for need, _ in d.needs)) for d in running)

    def extend(self, event: Event) -> tuple[Row, tuple[Unavailable, ...]]:
        """The row with its signals, and the signals that could not be had (null in the row)."""
        steps = self._steps[event.type]
        if not steps:
            return event.row, ()
        row: list[Value] = list(event.row)
        lost: list[Unavailable] = []
        for step in steps:
            try:
                row += step.detector.detect(tuple(event.row[place] for place in step.places))
            except SignalUnavailable as cause:
                row += [None] * len(step.detector.gives)
                lost += [Unavailable(column.name, str(cause)[:200]) for column in step.detector.gives]
        return tuple(row), tuple(lost)
