"""Where events are read from: files and standard input.

Receives a path and, for tables, a mapping. Gives numbered items, each bytes (one JSON event) or an object (one mapped
row), or the error that this place of the input deserves. Never decodes an event.
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
import pyarrow
import pyarrow.parquet
from msgspec import Struct

from tocsin.ingest.mapping import TableMap
from tocsin.ingest.reader import SIZE_LIMIT
from tocsin.model.errors import EventError, EventTooLarge, InputError, MalformedEvent

Payload = bytes | dict[str, object] | EventError

JSON_LIMIT = 1 << 30
"""Bytes that one JSON document (an array of events) may have; JSON Lines have no limit."""


class Item(Struct, frozen=True):
    """One place of the input. `line` counts lines or rows from 1; `raw` is what to keep if it is rejected."""

    line: int
    payload: Payload
    raw: bytes


class Source:
    """An input opened for reading. Iterate it once; `done` and `total` (bytes, 0 unknown) tell the progress."""

    def __init__(self, path: str, mapping: TableMap | None = None, form: str | None = None) -> None:
        self.mapping = mapping
        self.form = form or _format_of(path)
        self.total = 0 if path == "-" else _size(path)
        self._path = path
        self._counted: BinaryIO | None = None
        self._rows_done = 0
        if self.form in {"csv", "parquet"} and mapping is None:
            raise InputError(f"{path}: a {self.form} input needs a mapping file (--map)")

    @property
    def done(self) -> int:
        """Bytes of the file that have been read (rows for Parquet)."""
        if self._counted is None or self._path == "-":
            return self._rows_done
        return self.total if self._counted.closed else self._counted.tell()

    def __iter__(self) -> Iterator[Item]:
        match self.form:
            case "csv":
                return self._csv()
            case "parquet":
                return self._parquet()
            case _:
                return self._json()

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        """The bytes of the input, unpacked; standard input is left open."""
        try:
            raw: BinaryIO = sys.stdin.buffer if self._path == "-" else Path(self._path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise InputError(f"{self._path}: {error.strerror}") from None
        self._counted = raw
        try:
            if self._path.endswith(".gz"):
                with gzip.open(raw) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield raw
        finally:
            if self._path != "-":
                raw.close()

    def _json(self) -> Iterator[Item]:
        with self._open() as stream:
            buffered = cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", stream), 1 << 18))
            try:
                if cast("io.BufferedReader[io.RawIOBase]", buffered).peek(64).lstrip()[:1] == b"[":
                    yield from self._document(buffered)
                else:
                    yield from self._lines(buffered)
            except (OSError, EOFError) as error:
                raise InputError(f"{self._path}: damaged: {str(error)[:120]}") from None

    def _document(self, stream: BinaryIO) -> Iterator[Item]:
        """A JSON array: a batch of plain events or of CloudEvents."""
        text = stream.read(JSON_LIMIT + 1)
        if len(text) > JSON_LIMIT:
            raise InputError(f"{self._path}: a JSON array of more than 1 GiB; use JSON Lines")
        try:
            events = msgspec.json.decode(text, type=list[msgspec.Raw])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"{self._path}: not a JSON array of events: {str(error)[:120]}") from None
        for number, event in enumerate(events, 1):
            yield self._item(number, bytes(event))

    def _lines(self, stream: BinaryIO) -> Iterator[Item]:
        number = 0
        while line := stream.readline(SIZE_LIMIT + 2):
            number += 1
            if len(line) > SIZE_LIMIT + 1 and not line.endswith(b"\n"):
                yield Item(number, EventTooLarge("", f"more than {SIZE_LIMIT} bytes in one line"), line[:1024])
                while (rest := stream.readline(1 << 16)) and not rest.endswith(b"\n"):
                    pass
                continue
            line = line.strip()
            if line:
                yield self._item(number, line)

    def _item(self, number: int, line: bytes) -> Item:
        if self.mapping is None:
            return Item(number, line, line)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return Item(number, MalformedEvent("", "not JSON"), line)
        if not isinstance(row, dict):
            return Item(number, MalformedEvent("", "an event is a JSON object"), line)
        return self._mapped(number, row, line)

    def _mapped(self, number: int, row: dict[str, object], raw: bytes) -> Item:
        assert self.mapping is not None
        try:
            return Item(number, self.mapping.object_of(row, number), raw)
        except EventError as error:
            return Item(number, error, raw)

    def _csv(self) -> Iterator[Item]:
        with self._open() as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
            table = csv.DictReader(text, strict=True)
            try:
                self._check(list(table.fieldnames or []))
                for number, row in enumerate(table, 1):
                    yield self._csv_row(number, row)
            except (csv.Error, OSError, EOFError) as error:
                raise InputError(f"{self._path}: damaged after line {table.line_num}: {str(error)[:120]}") from None

    def _csv_row(self, number: int, row: dict[str, object]) -> Item:
        raw = json.dumps(row, ensure_ascii=False, default=str).encode(errors="backslashreplace")
        if None in row or None in row.values():
            return Item(number, MalformedEvent("", "the row has more or fewer columns than the header"), raw)
        if len(raw) > SIZE_LIMIT:
            return Item(number, EventTooLarge("", f"more than {SIZE_LIMIT} bytes in one row"), raw[:1024])
        if any(isinstance(value, str) and not _is_utf8(value) for value in row.values()):
            return Item(number, MalformedEvent("", "the bytes are not UTF-8"), raw)
        return self._mapped(number, row, raw)

    def _parquet(self) -> Iterator[Item]:
        assert self.mapping is not None
        try:
            table = pyarrow.parquet.ParquetFile(self._path)
            self.total = table.metadata.num_rows
            names = table.schema_arrow.names
            self._check(names)
            wanted = [
                c
                for c in names
                if c in {column.partition(".")[0] for column in self.mapping.columns()} or c in self.mapping.columns()
            ]
            for batch in table.iter_batches(batch_size=4096, columns=wanted):
                for row in batch.to_pylist():
                    self._rows_done += 1
                    yield self._mapped(self._rows_done, row, json.dumps(row, ensure_ascii=False, default=str).encode())
        except (OSError, pyarrow.ArrowException) as error:
            raise InputError(f"{self._path}: {str(error)[:160]}") from None

    def _check(self, columns: list[str]) -> None:
        if self.mapping is not None:
            self.mapping.check(columns)


def _format_of(path: str) -> str:
    name = path.removesuffix(".gz").lower()
    suffix = Path(name).suffix
    formats = {".csv": "csv", ".parquet": "parquet", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
    return formats.get(suffix, "json")


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
