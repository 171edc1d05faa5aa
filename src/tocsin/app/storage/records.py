"""The database of records, opened and brought up to date.

Receives a folder. Gives sessions. Writes are rare and small; SQLite in WAL mode with synchronous=FULL keeps them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tocsin.model.errors import StorageFull

FILE = "records.db"
MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"


class Records:
    """One database of records."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes it and brings its tables up to date.

        Raises:
            StorageFull: it cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageFull(f"{folder}: {error.strerror}") from None
        path = folder / FILE
        self.engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(self.engine, "connect", _set_up)
        self._upgrade()
        self._watch = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, undone where an error ends it.

        Raises:
            StorageFull: the disk is full; nothing was changed.
        """
        try:
            with Session(self.engine) as session, session.begin():
                yield session
        except OperationalError as error:
            raise StorageFull(f"records cannot be written: {error.orig}") from None

    def version(self) -> int:
        """A number that changes whenever any other connection has changed anything."""
        return int(self._watch.execute("pragma data_version").fetchone()[0])

    def close(self) -> None:
        """Closes every connection."""
        self._watch.close()
        self.engine.dispose()

    def _upgrade(self) -> None:
        with self.engine.begin() as connection:
            if self._revision(connection.exec_driver_sql) == HEAD:
                return
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _revision(self, run: object) -> str | None:
        assert callable(run)
        known = run("select name from sqlite_master where name = 'alembic_version'").fetchone()
        return str(run("select version_num from alembic_version").scalar()) if known else None


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")
