"""Where events are read from: files and standard input.

Receives a path and, for tables, a mapping. Gives numbered items, each bytes (one JSON event) or an object (one mapped
row), or the error that this place of the input deserves. Never decodes an event.
"""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
from msgspec import Struct

from tocsin.ingest.mapping import TableMap
from tocsin.ingest.reader import SIZE_LIMIT, not_json, text_of_large
from tocsin.ingest.splitting import Piece, split_json
from tocsin.ingest.table import ParquetTable, TableRow, read_csv
from tocsin.model.errors import EventError, EventTooLarge, InputError, MalformedEvent

Payload = bytes | dict[str, object] | EventError

FORMATS = ("json", "csv", "parquet")
GZIP_MARK = b"\x1f\x8b"


class Item(Struct, frozen=True):
    """One place of the input. `line` counts lines, events of a document, or rows from 1."""

    line: int
    payload: Payload
    origin: Piece | TableRow

    @property
    def raw(self) -> bytes:
        """What to keep if it is rejected."""
        return self.origin.raw if isinstance(self.origin, Piece) else self.origin.show()


class Source:
    """An input opened for reading. Iterate it once; `done` and `total` (bytes, 0 unknown) tell the progress."""

    def __init__(self, path: str, mapping: TableMap | None = None, form: str | None = None) -> None:
        """Looks at the path.

        Raises:
            InputError: no such file, an unknown format, or a table without a mapping.
        """
        if form is not None and form not in FORMATS:
            raise InputError(f"the format is {', '.join(FORMATS)}, not {form[:20]!r}")
        self.mapping = mapping
        self.form = form or _format_of(path)
        self.total = 0 if path == "-" else _size(path)
        self._path = path
        self._counted: BinaryIO | None = None
        self._rows_done = 0
        self._decode: Any = msgspec.json.Decoder(float_hook=text_of_large).decode
        if self.form in {"csv", "parquet"} and mapping is None:
            raise InputError(f"{path}: a {self.form} input needs a mapping file (--map)")

    @property
    def done(self) -> int:
        """Bytes of the file that have been read (rows for Parquet, 0 where it cannot be told)."""
        if self._counted is None or not self.total:
            return self._rows_done
        return self.total if self._counted.closed else self._counted.tell()

    def __iter__(self) -> Iterator[Item]:
        try:
            match self.form:
                case "csv":
                    yield from self._csv()
                case "parquet":
                    yield from self._parquet()
                case _:
                    yield from self._json()
        except InputError as error:
            raise InputError(f"{self._path}: {error}") from None

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        """The bytes of the input, unpacked where they are packed; standard input is left open."""
        try:
            raw = sys.stdin.buffer if self._path == "-" else Path(self._path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise InputError(error.strerror or str(error)) from None
        self._counted = raw
        try:
            if cast("io.BufferedReader", raw).peek(2).startswith(GZIP_MARK):
                with gzip.open(raw) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield raw
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"damaged: {str(error)[:120]}") from None
        finally:
            if self._path != "-":
                raw.close()

    def _json(self) -> Iterator[Item]:
        with self._open() as stream:
            for piece in split_json(stream):
                if piece.cut:
                    yield Item(piece.number, EventTooLarge("", f"more than {SIZE_LIMIT} bytes"), piece)
                else:
                    yield Item(piece.number, self._payload(piece) if self.mapping else piece.raw, piece)

    def _payload(self, piece: Piece) -> Payload:
        """A JSON event under a mapping."""
        try:
            row = self._decode(piece.raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return not_json(str(error), piece.raw)
        if not isinstance(row, dict):
            return MalformedEvent("", "an event is a JSON object")
        return self._mapped(row, piece.number)

    def _mapped(self, row: Any, number: int) -> Payload:
        assert self.mapping is not None
        try:
            return self.mapping.object_of(row, number)
        except EventError as error:
            return error

    def _csv(self) -> Iterator[Item]:
        assert self.mapping is not None
        with self._open() as stream:
            for row in read_csv(stream, self.mapping.check):
                yield self._row(row)

    def _parquet(self) -> Iterator[Item]:
        assert self.mapping is not None
        table = ParquetTable(self._path, self.mapping.check, self.mapping.wanted)
        self.total = table.rows
        for row in table:
            self._rows_done = row.number
            yield self._row(row)

    def _row(self, row: TableRow) -> Item:
        cells = row.cells
        return Item(row.number, cells if isinstance(cells, EventError) else self._mapped(cells, row.number), row)


def _format_of(path: str) -> str:
    suffix = Path(path.lower().removesuffix(".gz")).suffix.removeprefix(".")
    return suffix if suffix in FORMATS else "json"


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
