"""Whether anybody has changed the records.

Receives a database. Gives a number that changes with every change, whichever process made it, at the cost of reading a
number. Never waits for a server: where there is one, a thread of its own listens to what it tells.
"""

import os
import select
import sqlite3
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from tocsin.app.storage.address import ANSWER_S, Address
from tocsin.app.storage.lines import Lines
from tocsin.app.storage.reach import Reach

CHANNEL = "tocsin_records"
POLL_S = 1.0
"""How often the listener asks as well: a pooler between it and the server may keep back what the server tells."""
RETRY_S = 0.25


class Watch(Protocol):
    """Where to begin: `version` is asked on every request, on the loop's thread."""

    @property
    def fault(self) -> str:
        """Why the database is known not to answer; empty while it does."""
        ...

    def version(self) -> int:
        """A number that differs from every earlier one after a change."""
        ...

    def own_change(self) -> None:
        """A change of this process has been committed."""
        ...

    def close(self) -> None:
        """Ends the watch."""
        ...


class FileWatch:
    """SQLite counts the changes of others itself."""

    fault = ""

    def __init__(self, file: Path) -> None:
        self._base = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        self._last = 0

    def version(self) -> int:
        """SQLite's count, which the changes of this process's other connections move as well."""
        try:
            self._last = int(self._base.execute("pragma data_version").fetchone()[0])
        except sqlite3.OperationalError:
            return self._last  # locked for a moment by one who repairs it; the next request asks again
        return self._last

    def own_change(self) -> None:
        """Counted by SQLite."""

    def close(self) -> None:
        """Closes the connection."""
        self._base.close()


class ServerWatch:
    """A thread that listens to PostgreSQL; it begins when a version is first asked for."""

    def __init__(self, engine: Engine, address: Address) -> None:
        self._engine = engine
        self._address = address
        self._reach = Reach(address.shown)
        self._numbers = count(1)
        self._version = 0
        self._lines = Lines(engine)
        self._asked: float | None = None
        self._stopping = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        self._thread: threading.Thread | None = None

    @property
    def fault(self) -> str:
        """Why the listener has no connection."""
        return self._reach.fault

    def version(self) -> int:
        """The number of changes told until now."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="records", daemon=True)
            self._thread.start()
            threading.Thread(target=self._look_for_silence, name="records-silence", daemon=True).start()
        return self._version

    def own_change(self) -> None:
        """Counts it at once; that the server tells of it too does no harm."""
        self._version = next(self._numbers)

    def close(self) -> None:
        """Ends the thread."""
        self._stopping.set()
        os.write(self._wake_write, b".")
        if self._thread is not None:
            self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._asked = time.monotonic()
            try:
                with self._engine.connect() as connection:
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                    connection.detach()  # it listens: nobody else shall have it afterwards
                    self._listen(connection)
            except Exception as error:  # noqa: BLE001 - were this thread to end, a revoked key would go on working
                self._asked = None
                self._reach.lose(self._address.hide(str(getattr(error, "orig", None) or error)))
                self._stopping.wait(RETRY_S)

    def _listen(self, connection: Connection) -> None:
        told: Any = connection.connection.dbapi_connection
        connection.exec_driver_sql(f"listen {CHANNEL}")
        known = None
        while not self._stopping.is_set():
            self._asked = time.monotonic()
            numbers = connection.exec_driver_sql("select name, number from revision order by name").all()
            self._asked = None
            if numbers != known:
                known = numbers
                self.own_change()
            self._reach.find()
            while select.select([told, self._wake_read], [], [], POLL_S)[0] and not self._stopping.is_set():
                if list(told.notifies(timeout=0)):
                    self.own_change()

    def _look_for_silence(self) -> None:
        """A server that takes a question and never answers, as a frozen machine does, is cut off: who waits goes on."""
        while not self._stopping.wait(POLL_S):
            asked = self._asked
            if asked is not None and time.monotonic() - asked > ANSWER_S:
                self._reach.lose("the server says nothing")
                self._lines.cut()
