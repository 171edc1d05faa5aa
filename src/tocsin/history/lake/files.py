"""The lake: sealed stretches of the history as Parquet, by day and event type.

Receives a stretch of entries. Gives files that any engine reads, written whole and then renamed, and the entries again.
Never holds a file that the journal's register does not name, nor the other way round.
"""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet
from msgspec import Struct

from tocsin.history.chain import Batch, Seal
from tocsin.history.entry import Entry, Place
from tocsin.history.journal import Journal
from tocsin.history.lake.columns import typed_table
from tocsin.history.lake.pages import chain_table, read_chain, read_entries, read_over
from tocsin.model.errors import HistoryDamaged, StorageFull
from tocsin.model.event import Row
from tocsin.model.event_type import EventTypes
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
        rows = self._journal.rows(
            "select path, first_seq, last_seq, type, day, entries, bytes, sha256 from lake_file"
            " where last_seq >= ? and first_seq <= ? order by first_seq, path",
            first,
            last,
        )
        return [LakeFile(*row) for row in rows]

    def stretches(self) -> list[tuple[int, int]]:
        """First and last number of each sealed stretch, oldest first."""
        rows = self._journal.rows("select first_seq, last_seq from stretch order by first_seq")
        return [(row[0], row[1]) for row in rows]

    def stretch_from(self, seq: int) -> tuple[int, int, bytes] | None:
        """First and last number and last seal of the first stretch that ends at a number or later."""
        rows = self._journal.rows(
            "select first_seq, last_seq, hash from stretch where last_seq >= ? order by first_seq limit 1", seq
        )
        return (rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else None

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
        self._put(f"{CHAIN}/{span}.parquet", chain_table(batches))
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
            HistoryDamaged: the file is gone, is no Parquet file, or a page of it is not what was written.
        """
        return read_entries(self.folder, file.path, first, last)

    def entries(self, first: int, last: int, wanted: Callable[[LakeFile], bool] = lambda _: True) -> list[Entry]:
        """What the lake holds from `first` to `last`, in order, of the files that are wanted.

        A file that is replaced while it is read, because something in it is erased, is read again as it is then.

        Raises:
            HistoryDamaged: a file that the register names cannot be read.
        """
        files = self.files(first, last)
        while True:
            try:
                found = [entry for file in files if wanted(file) for entry in self.read_file(file, first, last)]
                return sorted(found, key=lambda entry: entry.seq)
            except HistoryDamaged:
                before, files = files, self.files(first, last)
                if files == before:
                    raise

    def read(self, after: int) -> Iterator[Entry]:
        """Every entry of the lake after `after`, in order.

        Raises:
            HistoryDamaged: a file cannot be read, or an entry of a stretch is missing.
        """
        for first, last in self.stretches():
            if last > after:
                expected = max(first, after + 1)
                for entry in self.entries(expected, last):
                    if entry.seq != expected:
                        break
                    yield entry
                    expected += 1
                if expected <= last:
                    raise HistoryDamaged(f"entry {expected} is missing")

    def over(self, file: LakeFile, before_us: int) -> list[Place]:
        """Where the entries of a file stand that happened before a time and still have their content.

        Raises:
            HistoryDamaged: as `read_file`.
        """
        return read_over(self.folder, file.path, before_us)

    def read_chain(self, first: int, last: int) -> list[tuple[int, int, Seal, bytes]]:
        """The seals of one stretch: first and last number, seal, the hash before.

        Raises:
            HistoryDamaged: as `read_file`.
        """
        return read_chain(self.folder, f"{CHAIN}/{first:012d}-{last:012d}.parquet")

    def sweep(self) -> int:
        """Removes files that no register names: of a compaction or an erasure that a crash cut short. Answers how many.

        Only for who has the sole right to change the lake.
        """
        known = {file.path for file in self.files()}
        known |= {f"{CHAIN}/{first:012d}-{last:012d}.parquet" for first, last in self.stretches()}
        gone = 0
        for path in self.folder.rglob("*"):
            if path.is_file() and path.relative_to(self.folder).as_posix() not in known:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _put(self, path: str, table: pyarrow.Table) -> tuple[int, str]:
        target = self.folder / path
        fresh = target.with_suffix(".new")
        try:
            self._make_folder(target.parent)
            pyarrow.parquet.write_table(
                table, fresh, compression="zstd", row_group_size=ROW_GROUP, write_page_checksum=True
            )
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

    def _make_folder(self, folder: Path) -> None:
        """Makes a folder and lets its name reach the disk: the journal forgets what lies in it."""
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for each in reversed(missing):
            sync_folder(each.parent)


def day_of(at: int) -> str:
    """The UTC day of a time in microseconds.

    >>> day_of(1_700_000_000_000_000)
    '2023-11-14'
    """
    return datetime.fromtimestamp(at // SECOND_US, UTC).date().isoformat()


def next_version(path: str) -> str:
    """Another name for the same stretch: a file is never written over.

    >>> next_version("d/t/1-2.parquet"), next_version("d/t/1-2.v2.parquet")
    ('d/t/1-2.v2.parquet', 'd/t/1-2.v3.parquet')
    """
    version = re.search(r"\.v(\d+)\.parquet$", path)
    number = int(version[1]) + 1 if version else 2
    return re.sub(r"(\.v\d+)?\.parquet$", f".v{number}.parquet", path)


def sync_folder(folder: Path) -> None:
    """Makes a rename durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
