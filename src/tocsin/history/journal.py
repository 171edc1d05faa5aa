"""The journal: what was acknowledged, in arrival order, durable before anybody is answered.

Receives groups of entries. Gives them back after any crash. One SQLite file in WAL mode with synchronous=FULL; a group
is one row and one commit. Never acknowledges what is not on the disk.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from tocsin.history.chain import GENESIS, Batch, Seal, make_seal, open_batch
from tocsin.history.entry import Entry, pack_entries
from tocsin.history.tail import count_frames
from tocsin.model.errors import HistoryDamaged, InputError, StorageFull

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
create table if not exists rewriting (
    number integer primary key, first_seq integer not null, content blob not null, why text not null,
    at integer not null, hash blob not null
) strict;
create index if not exists rewriting_by_seq on rewriting (first_seq);
create table if not exists hold (
    number integer primary key, entity text not null, reason text not null, by text not null, at integer not null,
    lifted_at integer
) strict;
"""
FILE = "journal.db"
PRAGMAS = ("synchronous = full", "secure_delete = on", "cache_size = -16384", "wal_autocheckpoint = 2000")
FORGET_AT_ONCE = 5_000
FORMAT = 1
FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
FULL |= {sqlite3.SQLITE_BUSY}
EMPTYING_S = 5.0
TRY_MS = 20
WAIT_S = 30
BATCH = "select first_seq, last_seq, entries, crc, hash, previous from batch"
AFTER = """
where first_seq >= coalesce((select max(first_seq) from batch where first_seq <= ?1 + 1), 0) and last_seq > ?1
order by first_seq limit 1
"""


class Request(Struct, frozen=True):
    """An Idempotency-Key with the digest of what it came with."""

    key: str
    digest: bytes
    at: int


class Journal:
    """The journal in one folder. `append` is for one thread at a time; everything else may be called from any."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Opens or makes it; `read_only` never makes or changes anything.

        `torn_frames` are pages of a write that a crash cut short; SQLite has dropped them, and none was acknowledged.

        Raises:
            StorageFull: the folder cannot be written.
            HistoryDamaged: the file is no journal, or a newer Tocsin's.
            InputError: there is no journal, and none may be made.
        """
        self.folder = folder
        self.path = folder / FILE
        self._read_only = read_only
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.torn_frames = 0
        if read_only and not self.path.is_file():
            raise InputError(f"{folder}: there is no history here")
        expected = count_frames(self.path)
        try:
            found = self.reading().execute("pragma user_version").fetchone()[0]
            if found > FORMAT:
                raise HistoryDamaged(f"{self.path}: of a newer Tocsin (format {found}, this one knows {FORMAT})")
            if not read_only:
                self.torn_frames = self._set_up(expected)
        except sqlite3.DatabaseError as error:
            raise _translate(error, self.path) from None
        self.last_seq, self.last_hash = self.head()

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
        while (batch := self._batch(AFTER, after)) is not None:
            yield batch
            after = batch.last_seq

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
        """One entry, if the journal still holds it.

        Raises:
            HistoryDamaged: its group is not what was committed.
        """
        batch = self._batch("where first_seq <= ? order by first_seq desc limit 1", seq)
        return open_batch(batch)[seq - batch.first_seq] if batch and seq <= batch.last_seq else None

    def batch_below(self, seq: int) -> tuple[Entry, ...] | None:
        """The newest group that begins below a number.

        Raises:
            HistoryDamaged: it is not what was committed.
        """
        batch = self._batch("where first_seq < ? order by first_seq desc limit 1", seq)
        return open_batch(batch) if batch else None

    def find_request(self, key: str) -> bytes | None:
        """The digest of what came with this Idempotency-Key, if it was seen."""
        found = self.rows("select digest from request where key = ?", key)
        return bytes(found[0][0]) if found else None

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
        found = self.rows("select min(first_seq) from batch")[0][0]
        return int(found) if found is not None else self.last_seq + 1

    def head(self) -> tuple[int, bytes]:
        """The number of the last entry that is committed, and the last seal."""
        found = self.rows("select last_seq, hash from batch order by first_seq desc limit 1")
        found = found or self.rows("select last_seq, hash from stretch order by first_seq desc limit 1")
        return (int(found[0][0]), bytes(found[0][1])) if found else (0, GENESIS)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The answer to a question in SQL.

        Raises:
            StorageFull: the file cannot be read now.
            HistoryDamaged: the file is no whole journal any more.
        """
        try:
            return self.reading().execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _translate(error, self.path) from None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Whatever this thread reads inside is of one moment. Nothing may be changed inside."""
        self.rows("begin")
        try:
            yield
        finally:
            self.rows("rollback")

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

    def empty_log(self) -> bool:
        """Writes the log back and cuts it, so that nothing that was erased stays in it; False while somebody reads in it.

        Whoever commits waits meanwhile, so each try is short.
        """
        deadline = time.monotonic() + EMPTYING_S
        self.rows(f"pragma busy_timeout = {TRY_MS}")
        try:
            while self.rows("pragma wal_checkpoint(truncate)")[0][0]:
                if time.monotonic() > deadline:
                    return False
                time.sleep(4 * TRY_MS / 1_000)
            return True
        finally:
            self.rows(f"pragma busy_timeout = {WAIT_S * 1_000}")

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

    def _set_up(self, expected: int) -> int:
        """Makes what is not there; answers how many frames of a torn write were dropped."""
        frames = self.reading().execute("pragma wal_checkpoint(passive)").fetchone()[1]
        with self._writing() as base:
            for statement in filter(None, map(str.strip, SCHEMA.split(";"))):
                base.execute(statement)
            base.execute(f"pragma user_version = {FORMAT}")
        return max(0, expected - max(0, int(frames)))

    def _connect(self) -> sqlite3.Connection:
        target = f"{self.path.resolve().as_uri()}?mode={'ro' if self._read_only else 'rwc'}"
        base = sqlite3.connect(target, timeout=WAIT_S, isolation_level=None, check_same_thread=False, uri=True)
        for pragma in PRAGMAS if self._read_only else ("journal_mode = wal", *PRAGMAS):
            base.execute(f"pragma {pragma}")
        with self._lock:
            self._open.append(base)
        return base

    def _batch(self, which: str, seq: int) -> Batch | None:
        found = self.rows(f"{BATCH} {which}", seq)
        if not found:
            return None
        first, last, entries, crc, seal, previous = found[0]
        return Batch(first, last, entries, Seal(crc, seal), previous)


def _translate(error: sqlite3.DatabaseError, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in FULL:
        return StorageFull(f"{path}: cannot be written: {error}")
    return HistoryDamaged(f"{path}: {error}")
