"""Rows of tables: CSV and Parquet.

Receives a stream of text, or a path. Gives numbered rows as mappings from column to value, or what is wrong with one
row. Never lets a row that cannot be read take others with it, and never judges what a column means.
"""

import csv
import io
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow
import pyarrow.parquet
from msgspec import Struct

from tocsin.ingest.reader import SIZE_LIMIT
from tocsin.model.errors import EventError, EventTooLarge, InputError, MalformedEvent

LINE_LIMIT = 2 * SIZE_LIMIT
BATCH_ROWS = 4_096
Check = Callable[[list[str]], None]
"""Makes sure that the columns that will be read are there."""

Column = Any
"""A pyarrow.Array of any kind."""


class TableRow(Struct, frozen=True):
    """One row with its number from 1: its cells, or the error that it deserves; `raw` is what to keep if it is rejected."""

    number: int
    cells: Mapping[str, object] | EventError
    raw: bytes = b""

    def show(self) -> bytes:
        """The row as it is kept when it is rejected."""
        return self.raw or json.dumps(self.cells, ensure_ascii=False, default=str).encode(errors="backslashreplace")


class RowTooLarge(Exception):
    """More in one row than one event may have."""


class Lines:
    """The lines of a table, each given once, and once more where the row that it stood in could not be read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._size = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        if self._size > SIZE_LIMIT:
            while len(line) == LINE_LIMIT and not line.endswith(("\n", "\r")):
                line = self._text.readline(LINE_LIMIT)
            raise RowTooLarge
        return line

    def end(self) -> bytes:
        """Ends a row that was read; gives its bytes."""
        row = "".join(self._taken)
        self._begin()
        return row.rstrip("\r\n").encode(errors="surrogateescape")

    def give_up(self) -> bytes:
        """Ends a row that cannot be read: its first line is lost, the others come again. Gives the bytes of the first."""
        first, *rest = self._taken
        self._again.extendleft(reversed(rest))
        self._begin()
        return first[:1024].rstrip("\r\n").encode(errors="surrogateescape")

    def leave(self) -> None:
        """Lets go of the stream without closing it."""
        self._text.detach()

    def _begin(self) -> None:
        self._taken, self._size = [], 0


def read_csv(stream: BinaryIO, check: Check) -> Iterator[TableRow]:
    """The rows of a CSV file in UTF-8, with or without a byte order mark.

    Raises:
        InputError: no header, or one that is not UTF-8.
    """
    lines = Lines(stream)
    try:
        table = csv.reader(lines, strict=True)
        header = _read_header(table)
        check(header)
        lines.end()
        yield from _rows(lines, table, header)
    finally:
        lines.leave()


def _rows(lines: Lines, table: Iterator[list[str]], header: list[str]) -> Iterator[TableRow]:
    number = 0
    while True:
        try:
            values = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield TableRow(number, MalformedEvent("", f"not CSV: {error}"), lines.give_up())
        except RowTooLarge:
            number += 1
            yield TableRow(number, EventTooLarge("", f"more than {SIZE_LIMIT} bytes in one row"), lines.give_up())
        else:
            raw = lines.end()
            if values:
                number += 1
                yield _csv_row(number, header, values, raw)


def _read_header(table: Iterator[list[str]]) -> list[str]:
    try:
        header = next(table, [])
    except (csv.Error, RowTooLarge) as error:
        reason = "it is too long" if isinstance(error, RowTooLarge) else str(error)
        raise InputError(f"the first line must name the columns: {reason}") from None
    if not header:
        raise InputError("the table is empty; its first line must name the columns")
    if not all(_is_utf8(name) for name in header):
        raise InputError("the table is not UTF-8; convert it first, such as: iconv -f GB18030 -t UTF-8")
    return header


def _csv_row(number: int, header: list[str], values: list[str], raw: bytes) -> TableRow:
    if len(values) != len(header):
        return TableRow(number, MalformedEvent("", "the row has more or fewer columns than the header"), raw)
    if len(raw) > SIZE_LIMIT:
        return TableRow(number, EventTooLarge("", f"more than {SIZE_LIMIT} bytes in one row"), raw[:1024])
    if not raw.isascii() and not all(map(_is_utf8, values)):
        return TableRow(number, MalformedEvent("", "the bytes are not UTF-8"), raw)
    return TableRow(number, dict(zip(header, values, strict=True)), raw)


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


class ParquetTable:
    """A Parquet file. `rows` tells how many there are."""

    def __init__(self, path: str, check: Check, wanted: frozenset[str]) -> None:
        """Opens the file.

        Raises:
            InputError: no Parquet file, or a damaged one.
        """
        with _arrow_errors():
            self._file = pyarrow.parquet.ParquetFile(path)
            self.rows: int = self._file.metadata.num_rows
            names: list[str] = self._file.schema_arrow.names
        check(names)
        self._columns = [name for name in names if name in wanted]

    def __iter__(self) -> Iterator[TableRow]:
        with _arrow_errors():
            number = 0
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS, columns=self._columns):
                for cells in _cells_of(batch):
                    number += 1
                    yield TableRow(number, cells)


@contextmanager
def _arrow_errors() -> Iterator[None]:
    """What goes wrong in the Parquet library is an InputError."""
    try:
        yield
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(str(error)[:160]) from None


def _cells_of(batch: pyarrow.RecordBatch) -> Iterator[Mapping[str, object] | EventError]:
    """The rows of a batch; one by one where some value in it has no equal in Python."""
    columns = [_in_microseconds(column) for column in batch.columns]
    try:
        yield from pyarrow.RecordBatch.from_arrays(columns, batch.schema.names).to_pylist()
    except (ValueError, OverflowError, pyarrow.ArrowException):
        for place in range(batch.num_rows):
            yield _cells_one_by_one(batch.schema.names, columns, place)


def _in_microseconds(column: Column) -> Column:
    """Times in nanoseconds lose their last three digits; nothing here is finer than a microsecond."""
    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    return column


def _cells_one_by_one(names: list[str], columns: list[Column], place: int) -> Mapping[str, object] | EventError:
    cells: dict[str, object] = {}
    for name, column in zip(names, columns, strict=True):
        try:
            cells[name] = column[place].as_py()
        except (ValueError, OverflowError, pyarrow.ArrowException) as error:
            return MalformedEvent(name, f"cannot be read: {str(error)[:120]}")
    return cells
