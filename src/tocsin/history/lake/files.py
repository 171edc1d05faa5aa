"""The lake: sealed stretches of the history as Parquet, by day and event type.

Receives a stretch of entries. Gives files that any engine reads, written whole and then renamed, and the entries again.
Never holds a file that the journal's register does not name, nor the other way round.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from msgspec import Struct

from tocsin.history.chain import Seal
from tocsin.history.entry import Entry
from tocsin.history.journal import Batch, Journal
from tocsin.history.lake.columns import FRAME, typed_table
from tocsin.model.decision import RuleId
from tocsin.model.entity import EntityRef
from tocsin.model.errors import HistoryDamaged, StorageFull
from tocsin.model.event import EventId, Row
from tocsin.model.event_type import EventTypeName, EventTypes
from tocsin.model.outcome import Outcome
from tocsin.model.window import SECOND_US

FOLDER = "lake"
CHAIN = "chain"
ROW_GROUP = 20_000
ReadRow = Callable[[bytes], Row | None]
"""An event's bytes as a row of its type; None where no loaded pack can read them any more."""


class LakeFile(Struct, frozen=True):
    """One file as the register names it; `path` is relative to the lake's folder."""

    path: str
    first_seq: int
    last_seq: int
    type: str
    day: str
    entries: int
    bytes: int
    sha256: str


class Typing(Struct, frozen=True):
    """How events become typed columns."""

    types: EventTypes
    read_row: ReadRow


class Lake:
    """The files of one history, and their register in the journal's database."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self.folder = folder / FOLDER
        self._journal = journal

    def files(self, first: int = 0, last: int = 1 << 62) -> list[LakeFile]:
        """The files that may hold entries from `first` to `last`, oldest first."""
        rows = self._journal.reading().execute(
            "select path, first_seq, last_seq, type, day, entries, bytes, sha256 from lake_file"
            " where last_seq >= ? and first_seq <= ? order by first_seq, path",
            (first, last),
        )
        return [LakeFile(*row) for row in rows]

    def stretches(self) -> list[tuple[int, int]]:
        """First and last number of each sealed stretch, oldest first."""
        rows = self._journal.reading().execute("select first_seq, last_seq from stretch order by first_seq")
        return [(row[0], row[1]) for row in rows]

    def write(self, batches: Sequence[Batch], entries: Sequence[Entry], typing: Typing) -> list[LakeFile]:
        """Writes one stretch: a file for each day and type, and one for the chain. Nothing is registered yet.

        Raises:
            StorageFull: the disk is full or cannot be written.
        """
        span = f"{entries[0].seq:012d}-{entries[-1].seq:012d}"
        parts: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in entries:
            parts[day_of(entry.at), entry.type].append(entry)
        made = [self.write_part(f"{day}/{name}/{span}.parquet", part, typing) for (day, name), part in parts.items()]
        self._put(f"{CHAIN}/{span}.parquet", _chain_table(batches))
        return made

    def write_part(self, path: str, entries: Sequence[Entry], typing: Typing) -> LakeFile:
        """Writes one file of entries of one day and type.

        Raises:
            StorageFull: the disk is full or cannot be written.
        """
        name = entries[0].type
        rows = [None if entry.erased else typing.read_row(entry.event) for entry in entries]
        size, digest = self._put(path, typed_table(entries, rows, typing.types.get(name)))
        return LakeFile(path, entries[0].seq, entries[-1].seq, name, path[:10], len(entries), size, digest)

    def read_file(self, file: LakeFile, first: int = 0, last: int = 1 << 62) -> list[Entry]:
        """The entries of one file from `first` to `last`.

        Raises:
            HistoryDamaged: the file is gone or is no Parquet file.
        """
        wanted: Any = [("seq", ">=", first), ("seq", "<=", last)]
        try:
            path = self.folder / file.path
            table = pyarrow.parquet.read_table(path, columns=FRAME.names, filters=wanted, partitioning=None)
        except (OSError, pyarrow.ArrowException) as error:
            raise HistoryDamaged(f"{file.path}: {str(error)[:200]}") from None
        return entries_of(table)

    def read(self, after: int) -> Iterator[Entry]:
        """Every entry of the lake after `after`, in order."""
        for first, last in self.stretches():
            if last > after:
                files = self.files(first, last)
                yield from sorted(
                    (entry for file in files for entry in self.read_file(file, after + 1)),
                    key=lambda entry: entry.seq,
                )

    def read_chain(self, first: int, last: int) -> list[tuple[int, int, Seal, bytes]]:
        """The seals of one stretch: first and last number, seal, the hash before."""
        path = self.folder / CHAIN / f"{first:012d}-{last:012d}.parquet"
        try:
            rows = pyarrow.parquet.read_table(path).to_pylist()
        except (OSError, pyarrow.ArrowException) as error:
            raise HistoryDamaged(f"{path.name}: {str(error)[:200]}") from None
        return [(row["first_seq"], row["last_seq"], Seal(row["crc"], row["hash"]), row["previous"]) for row in rows]

    def sweep(self) -> int:
        """Removes files that no register names: a compaction that a crash cut short. Answers how many."""
        known = {file.path for file in self.files()}
        known |= {f"{CHAIN}/{first:012d}-{last:012d}.parquet" for first, last in self.stretches()}
        gone = 0
        for path in self.folder.rglob("*"):
            if path.is_file() and path.relative_to(self.folder).as_posix() not in known:
                path.unlink()
                gone += 1
        return gone

    def _put(self, path: str, table: pyarrow.Table) -> tuple[int, str]:
        target = self.folder / path
        fresh = target.with_suffix(".new")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            pyarrow.parquet.write_table(table, fresh, compression="zstd", row_group_size=ROW_GROUP)
            with fresh.open("rb+") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            size = fresh.stat().st_size
            fresh.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise StorageFull(f"{target}: {error.strerror or error}") from None
        return size, digest


def entries_of(table: pyarrow.Table) -> list[Entry]:
    """Entries from a table with the columns of FRAME."""
    columns = [table.column(name) for name in FRAME.names]
    for place in (3, 4):
        columns[place] = columns[place].cast(pyarrow.int64())
    return [
        Entry(
            seq,
            EventId(event_id),
            EventTypeName(name),
            at,
            received_at,
            Outcome(outcome),
            tuple(map(RuleId, rules)),
            tuple(map(EntityRef, entities)),
            event.encode(),
            decision.encode(),
        )
        for seq, event_id, name, at, received_at, outcome, rules, entities, event, decision in zip(
            *(column.to_pylist() for column in columns), strict=True
        )
    ]


def day_of(at: int) -> str:
    """The UTC day of a time in microseconds.

    >>> day_of(1_700_000_000_000_000)
    '2023-11-14'
    """
    return datetime.fromtimestamp(at // SECOND_US, UTC).strftime("%Y-%m-%d")


def sync_folder(folder: Path) -> None:
    """Makes a rename durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chain_table(batches: Sequence[Batch]) -> pyarrow.Table:
    return pyarrow.table(
        {
            "first_seq": pyarrow.array([batch.first_seq for batch in batches], pyarrow.int64()),
            "last_seq": pyarrow.array([batch.last_seq for batch in batches], pyarrow.int64()),
            "crc": pyarrow.array([batch.seal.crc for batch in batches], pyarrow.int64()),
            "hash": pyarrow.array([batch.seal.hash for batch in batches], pyarrow.binary(32)),
            "previous": pyarrow.array([batch.previous for batch in batches], pyarrow.binary(32)),
        }
    )
