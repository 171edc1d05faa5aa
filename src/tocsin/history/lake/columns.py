"""Entries as columns.

Receives entries and the rows that their events make. Gives an Arrow table with one typed column for each attribute.
Never decides where a table is put.
"""

from collections.abc import Sequence
from typing import Any

import numpy
import pyarrow

from tocsin.history.entry import Entry
from tocsin.model.event import Row
from tocsin.model.event_type import COMMON, EventType
from tocsin.model.value import Value, ValueType

TIME: Any = pyarrow.timestamp("us", tz="UTC")
DECIMAL = pyarrow.decimal128(18, 4)
_NAMES: list[tuple[str, Any]] = [
    ("seq", pyarrow.int64()),
    ("id", pyarrow.string()),
    ("type", pyarrow.string()),
    ("event_at", TIME),
    ("received_at", TIME),
    ("outcome", pyarrow.string()),
    ("rules", pyarrow.list_(pyarrow.string())),
    ("entities", pyarrow.list_(pyarrow.string())),
    ("event", pyarrow.string()),
    ("decision", pyarrow.string()),
]
FRAME = pyarrow.schema(_NAMES)
"""The columns that every event type has; an attribute of the same name becomes `event_NAME`."""

_ARROW: dict[ValueType, Any] = {
    ValueType.BOOL: pyarrow.bool_(),
    ValueType.INT: pyarrow.int64(),
    ValueType.STRING: pyarrow.string(),
    ValueType.TIMESTAMP: TIME,
    ValueType.DURATION: pyarrow.duration("us"),
    ValueType.STRINGS: pyarrow.list_(pyarrow.string()),
}


def frame_table(entries: Sequence[Entry]) -> pyarrow.Table:
    """The columns that do not depend on the event type."""
    columns: list[Sequence[object]] = [
        [entry.seq for entry in entries],
        [entry.id for entry in entries],
        [entry.type for entry in entries],
        [entry.at for entry in entries],
        [entry.received_at for entry in entries],
        [entry.outcome.value for entry in entries],
        [entry.rules for entry in entries],
        [entry.entities for entry in entries],
        [entry.event.decode() for entry in entries],
        [entry.decision.decode() for entry in entries],
    ]
    arrays: list[Any] = [_plain(column, field.type) for column, field in zip(columns, FRAME, strict=True)]
    return pyarrow.Table.from_arrays(arrays, schema=FRAME)


def typed_table(entries: Sequence[Entry], rows: Sequence[Row | None], event_type: EventType | None) -> pyarrow.Table:
    """All columns of entries of one event type. A row is None where the event can no longer be read; its columns are null."""
    table = frame_table(entries)
    if event_type is None:
        return table
    for place, column in enumerate(event_type.columns):
        if place < len(COMMON) and column.name != "source":
            continue
        values = [None if row is None else row[place] for row in rows]
        name = f"event_{column.name}" if column.name in FRAME.names else column.name
        table = table.append_column(name, _array(values, column.type))
    return table


def _plain(values: Sequence[object], kind: Any) -> Any:
    return pyarrow.array(values, kind)


def _array(values: list[Value], kind: ValueType) -> Any:
    if kind is ValueType.DECIMAL:
        return _decimals(values)
    return _plain(values, _ARROW[kind])


def _decimals(units: list[Value]) -> Any:
    """Fixed-point units as decimals with four places: 128-bit numbers are two words, the upper one the sign."""
    known = numpy.array([value is not None for value in units], numpy.bool_)
    low = numpy.array([0 if value is None else value for value in units], numpy.int64)
    words = numpy.stack([low, low >> 63], axis=1).tobytes()
    valid = pyarrow.py_buffer(numpy.packbits(known, bitorder="little").tobytes())
    return pyarrow.Array.from_buffers(DECIMAL, len(units), [valid, pyarrow.py_buffer(words)])
