"""The journal: what was acknowledged, in arrival order, durable before anybody is answered.

Receives groups of entries. Gives them back after any crash. One SQLite file in WAL mode with synchronous=FULL; a group
is one row and one commit. Never acknowledges what is not on the disk.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from tocsin.history.chain import GENESIS, Seal, make_seal
from tocsin.history.entry import Entry, pack_entries, unpack_entries
from tocsin.history.tail import count_frames
from tocsin.model.errors import HistoryDamaged, StorageFull

SCHEMA = """
create table if not exists batch (
    first_seq integer primary key, last_seq integer not null, entries blob not null, crc integer not null,
    previous blob not null, hash blob not null, committed_at integer not null
) strict;
create table if not exists stretch (
    first_seq integer primary key, last_seq integer not null, hash blob not null, sealed_at integer not null
) strict;
create table if not exists lake_file (
    path text primary key, first_seq integer not null, last_seq integer not null, type text not null,
    day text not null, entries integer not null, bytes integer not null, sha256 text not null
) strict;
create index if not exists lake_file_by_seq on lake_file (first_seq, last_seq);
create table if not exists request (key text primary key, digest blob not null, at integer not null) strict;
create index if not exists request_by_time on request (at);
create table if not exists erasure (
    number integer primary key, entity text not null, reason text not null, by text not null, at integer not null,
    entries integer not null
) strict;
create table if not exists rewritten (first_seq integer primary key, hash blob not null) strict;
create table if not exists hold (
    number integer primary key, entity text not null, reason text not null, by text not null, at integer not null,
    lifted_at integer
) strict;
"""
FILE = "journal.db"
CACHE_KIB = 16_384
FORGET_AT_ONCE = 5_000
FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


class Request(Struct, frozen=True):
    """An Idempotency-Key with the digest of what it came with."""

    key: str
    digest: bytes
    at: int


class Batch(Struct, frozen=True):
    """One committed group."""

    first_seq: int
    last_seq: int
    entries: bytes
    seal: Seal
    previous: bytes


class Journal:
    """The journal in one folder. `append` is for one thread at a time; everything else may be called from any."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes it.

        `torn_frames` are pages of a write that a crash cut short; SQLite has dropped them, and none was acknowledged.

        Raises:
            StorageFull: the folder cannot be written.
            HistoryDamaged: the file is no journal.
        """
        self.path = folder / FILE
        expected = count_frames(self.path)
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        try:
            frames = self.reading().execute("pragma wal_checkpoint(passive)").fetchone()[1]
            with self._writing() as base:
                for statement in filter(None, map(str.strip, SCHEMA.split(";"))):
                    base.execute(statement)
        except sqlite3.DatabaseError as error:
            raise _translate(error, self.path) from None
        self.torn_frames = max(0, expected - max(0, frames))
        self.last_seq, self.last_hash = self._head()

    def append(self, entries: tuple[Entry, ...], now_us: int, requests: Sequence[Request] = ()) -> None:
        """Commits one group. When this returns, it is on the disk.

        Raises:
            StorageFull: nothing of the group was kept; it may be tried again.
        """
        packed = pack_entries(entries)
        seal = make_seal(self.last_hash, packed)
        first, last = entries[0].seq, entries[-1].seq
        row = (first, last, packed, seal.crc, self.last_hash, seal.hash, now_us)
        try:
            with self._writing() as base:
                base.execute("insert into batch values (?, ?, ?, ?, ?, ?, ?)", row)
                for each in requests:
                    known = (each.key, each.digest, each.at)
                    base.execute("insert or ignore into request values (?, ?, ?)", known)
        except sqlite3.DatabaseError as error:
            raise _translate(error, self.path) from None
        self.last_seq, self.last_hash = last, seal.hash

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The groups that hold anything after `after`, in order; each is read when it is asked for."""
        place = after
        while True:
            row = self.reading().execute(
                "select first_seq, last_seq, entries, crc, hash, previous from batch"
                " where last_seq > ? order by first_seq limit 1",
                (place,),
            )
            found = row.fetchone()
            if found is None:
                return
            yield Batch(found[0], found[1], found[2], Seal(found[3], found[4]), found[5])
            place = found[1]

    def read(self, after: int = 0) -> Iterator[Entry]:
        """The journal's entries after `after`, in order.

        Raises:
            HistoryDamaged: a group is not what was committed.
        """
        for batch in self.batches(after):
            for entry in open_batch(batch):
                if entry.seq > after:
                    yield entry

    def find(self, seq: int) -> Entry | None:
        """One entry, if the journal still holds it."""
        row = self.reading().execute(
            "select first_seq, entries from batch where first_seq <= ? and last_seq >= ? order by first_seq desc limit 1",
            (seq, seq),
        )
        found = row.fetchone()
        return unpack_entries(found[1])[seq - found[0]] if found else None

    def batch_below(self, seq: int) -> tuple[Entry, ...] | None:
        """The newest group that begins below a number."""
        row = self.reading().execute(
            "select entries from batch where first_seq < ? order by first_seq desc limit 1", (seq,)
        )
        found = row.fetchone()
        return unpack_entries(found[0]) if found else None

    def find_request(self, key: str) -> bytes | None:
        """The digest of what came with this Idempotency-Key, if it was seen."""
        found = self.reading().execute("select digest from request where key = ?", (key,)).fetchone()
        return bytes(found[0]) if found else None

    def forget_requests(self, before_us: int) -> int:
        """Forgets the Idempotency-Keys that came before a time, some at a time; answers how many."""
        gone = 0
        while True:
            with self.change() as base:
                dropped = base.execute(
                    "delete from request where rowid in (select rowid from request where at < ? limit ?)",
                    (before_us, FORGET_AT_ONCE),
                )
            gone += dropped.rowcount
            if dropped.rowcount < FORGET_AT_ONCE:
                return gone

    def first_seq(self) -> int:
        """The number of the first entry that is in the journal (the next one's where it is empty)."""
        found = self.reading().execute("select min(first_seq) from batch").fetchone()[0]
        return int(found) if found is not None else self.last_seq + 1

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction on everything but the groups' order: stretches, erasures, holds.

        Raises:
            StorageFull: nothing was changed.
        """
        try:
            with self._writing() as base:
                yield base
        except sqlite3.DatabaseError as error:
            raise _translate(error, self.path) from None

    def reading(self) -> sqlite3.Connection:
        """This thread's own connection for reading."""
        base: sqlite3.Connection | None = getattr(self._local, "base", None)
        if base is None:
            base = self._local.base = self._connect()
        return base

    def empty_log(self) -> None:
        """Writes the log back and cuts it, so that nothing that was erased stays in it."""
        self.reading().execute("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        """Closes every connection."""
        with self._lock:
            for base in self._open:
                base.close()
            self._open.clear()
            self._local = threading.local()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        base = self.reading()
        base.execute("begin immediate")
        try:
            yield base
            base.execute("commit")
        finally:
            if base.in_transaction:
                base.execute("rollback")

    def _connect(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = full")
        base.execute("pragma secure_delete = on")
        base.execute(f"pragma cache_size = -{CACHE_KIB}")
        base.execute("pragma wal_autocheckpoint = 2000")
        with self._lock:
            self._open.append(base)
        return base

    def _head(self) -> tuple[int, bytes]:
        base = self.reading()
        found = base.execute("select last_seq, hash from batch order by first_seq desc limit 1").fetchone()
        found = found or base.execute("select last_seq, hash from stretch order by first_seq desc limit 1").fetchone()
        return (int(found[0]), bytes(found[1])) if found else (0, GENESIS)


def open_batch(batch: Batch) -> tuple[Entry, ...]:
    """The entries of a group, its checksum proved.

    Raises:
        HistoryDamaged: the bytes are not what was committed.
    """
    try:
        entries = unpack_entries(batch.entries)
    except msgspec.MsgspecError:
        entries = ()
    if make_seal(batch.previous, batch.entries).crc != batch.seal.crc or not entries:
        raise HistoryDamaged(f"entries {batch.first_seq} to {batch.last_seq} are not what was committed")
    return entries


def _translate(error: sqlite3.DatabaseError, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in FULL:
        return StorageFull(f"{path}: cannot be written: {error}")
    return HistoryDamaged(f"{path}: {error}")
