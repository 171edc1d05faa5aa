"""The database of records, opened and brought up to date.

Receives a folder, and a server's address where the records shall not lie in a file there. Gives sessions. Writes are rare
and small; SQLite in WAL mode with synchronous=FULL keeps them, or PostgreSQL.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tocsin.app.storage.address import find_address, make_engine
from tocsin.app.storage.reach import Reach
from tocsin.app.storage.upgrade import upgrade
from tocsin.app.storage.watch import FileWatch, ServerWatch, Watch
from tocsin.model.errors import HistoryDamaged, InputError, StorageFull, TocsinError
from tocsin.records.errors import ChangedMeanwhile, ValueWrong
from tocsin.records.fitting import FittingSession
from tocsin.records.sealing.field import KEYS
from tocsin.records.sealing.keys import SealKeys
from tocsin.records.table import was_changed

READ_ONLY = {"25006", "53100", "57P01", "57P02", "57P03"}
"""What a server says that may be written again soon: it only reads now, its disk is full, it stops, it starts."""

CHANGES = 4
"""Changes that a server is given at a time by one process: more would only wait for one another, there or here."""


class Records:
    """One database of records."""

    def __init__(self, folder: Path, database: str = "") -> None:
        """Opens or makes it and brings its tables up to date.

        Raises:
            InputError: the address is none, its server cannot be reached, or a newer Tocsin has changed the tables.
            StorageFull: it cannot be written.
            HistoryDamaged: the file is no database.
        """
        self.address = find_address(folder, database)
        if not self.address.is_server:
            _make_folder(folder)
        self.engine = make_engine(self.address)
        self._changing = self.engine.execution_options(immediate=True)
        self.seal_keys = SealKeys(folder, os.environ)
        self._reach = Reach(self.address.shown)
        try:
            upgrade(self.engine)
        except (DBAPIError, InputError) as error:
            self.engine.dispose()
            raise self._cannot_open(error) from None
        server = self.address.is_server
        self._turn = threading.Semaphore(CHANGES if server else 1)
        self._watch: Watch = ServerWatch(self.engine, self.address) if server else FileWatch(self.address.file)

    @property
    def fault(self) -> str:
        """Why the database does not answer; empty while it does. What was read of it before goes on being used."""
        return self._watch.fault or self._reach.fault

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, undone where an error ends it.

        Raises:
            StorageFull: the disk is full, or the server cannot be reached; the same may be tried again.
            ValueWrong: something does not fit its column; nothing was changed.
        """
        with self._session(self.engine) as session:
            yield session

    @contextmanager
    def change(self) -> Iterator[Session]:
        """The same for who reads and then writes: in a file as the only one who does, so that what was read still holds.

        Raises:
            StorageFull: as `session`.
            ChangedMeanwhile: somebody else has changed a record since it was read; nothing was changed.
        """
        try:
            with self._turn, self._session(self._changing) as session:
                yield session
        except (StaleDataError, IntegrityError):
            raise ChangedMeanwhile("somebody else has changed this meanwhile; look again and repeat") from None

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        if self._watch.fault:
            raise StorageFull("the records cannot be reached now; try again soon")
        try:
            with FittingSession(engine, info={KEYS: self.seal_keys}) as session:
                with session.begin():
                    yield session
                if was_changed(session):
                    self._watch.own_change()
        except DataError:
            raise ValueWrong("a value holds what no database can keep, such as U+0000") from None
        except SQLAlchemyError as error:
            if not _passes(error):
                raise
            self._reach.lose(self.address.hide(str(getattr(error, "orig", error))))
            raise StorageFull("the records cannot be read or written now; try again soon") from None
        self._reach.find()

    def version(self) -> int:
        """A number that changes whenever anybody has changed anything. Never waits."""
        return self._watch.version()

    def close(self) -> None:
        """Closes every connection."""
        self._watch.close()
        self.engine.dispose()

    def _cannot_open(self, error: DBAPIError | InputError) -> TocsinError:
        if isinstance(error, InputError):
            return error
        reason = self.address.hide(str(error.orig))
        if self.address.is_server:
            return InputError(f"the database {self.address.shown} cannot be used: {reason}")
        kind = StorageFull if isinstance(error, OperationalError) else HistoryDamaged
        return kind(f"{self.address.file}: {reason}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageFull(f"{folder}: {error.strerror}") from None


def _passes(error: Exception) -> bool:
    """Whether it is the database's state that may pass, and not what it was asked."""
    if isinstance(error, OperationalError | NoConnection):
        return True
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or (isinstance(error, DatabaseError) and state in READ_ONLY)
