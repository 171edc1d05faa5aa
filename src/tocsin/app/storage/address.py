"""Where the records lie.

Receives the setting `database` and the data folder. Gives an engine whose every wait has an end, and the address as it
may be shown. Never lets a password out, neither in an error nor in a log.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from tocsin.app.storage.lines import ping_idle
from tocsin.model.errors import InputError

FILE = "records.db"
SQLITE_WAIT_S = 30
AGAIN_S = 0.01
PRIMARY = 0xFF
"""The part of SQLite's codes that says what happened; the rest says how."""

CONNECT_S = 3
ANSWER_S = 5
POOL = 12
"""Connections that are kept: one more would be made and closed each time."""
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "postgresql+psycopg": None}
SECRETS = ("password", "sslpassword")
HIDDEN = "***"


class Address(Struct, frozen=True):
    """One database. `url` holds the password in clear; everything else is made to be shown."""

    url: URL
    folder: Path

    @property
    def is_server(self) -> bool:
        """Whether it is a server's and not a file of ours."""
        return self.url.get_backend_name() == "postgresql"

    @property
    def file(self) -> Path:
        """The file, where it is one."""
        return self.folder / FILE

    @property
    def shown(self) -> str:
        """The address without secrets, and without what may hold one."""
        if not self.is_server:
            return str(self.file)
        return self.url.set(query={}, drivername="postgresql").render_as_string(hide_password=True)

    def hide(self, text: str) -> str:
        """A text of the driver's on one line, every secret of the address taken out of it."""
        query = self.url.query
        secrets = [self.url.password, *(query.get(name) for name in SECRETS)]
        for secret in secrets:
            for each in (secret,) if isinstance(secret, str) else secret or ():
                text = text.replace(each, HIDDEN) if each else text
        return " ".join(text.split())[:300]


def find_address(folder: Path, database: str) -> Address:
    """The address of the records: a file in the folder where no database is named.

    Raises:
        InputError: the address is of no kind that can be used. Its text is not repeated.
    """
    if not database:
        return Address(URL.create("sqlite", database=str(folder / FILE)), folder)
    try:
        url = make_url(database)
        driver = DRIVERS[url.drivername]
    except (ArgumentError, ValueError, KeyError):
        raise InputError(
            "the database's address must read postgresql://USER:PASSWORD@HOST:PORT/NAME; "
            "leave it empty for a file in the data folder"
        ) from None
    if any("@" in part for part in (url.host or "", url.database or "")):
        raise InputError("the database's address has a sign too many: write `@` in a password as %40, `/` as %2F")
    return Address(url.set(drivername=driver) if driver else url, folder)


def make_engine(address: Address) -> Engine:
    """An engine; nothing is connected yet.

    Raises:
        InputError: the library that speaks to the server is not installed.
    """
    if address.is_server:
        return _make_server_engine(address)
    waiting = {"timeout": SQLITE_WAIT_S, "check_same_thread": False}
    engine = create_engine(address.url, connect_args=waiting, hide_parameters=True)
    event.listen(engine, "connect", _set_up_file)
    event.listen(engine, "begin", _begin)
    return engine


def _make_server_engine(address: Address) -> Engine:
    limits: dict[str, Any] = {
        "connect_timeout": CONNECT_S,
        "tcp_user_timeout": round(ANSWER_S * 1_000),
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "application_name": "tocsin",
    }
    connect_args = {name: value for name, value in limits.items() if name not in address.url.query}
    try:
        engine = create_engine(
            address.url,
            connect_args={
                **connect_args,
                "prepare_threshold": None,
            },  # a pooler in between knows no prepared statements
            pool_size=POOL,
            max_overflow=0,
            pool_use_lifo=True,
            pool_timeout=CONNECT_S,
            hide_parameters=True,
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise InputError(
            "PostgreSQL needs the extra `postgres`: install it with `pip install 'tocsin[postgres]'`"
        ) from None
    event.listen(engine, "connect", _set_up_session)
    ping_idle(engine)
    return engine


def _set_up_file(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says so
    for pragma in ("synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Where several open a new file at once, all but one are refused this at once, whatever their patience: it is asked again."""
    ends = time.monotonic() + SQLITE_WAIT_S
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
            time.sleep(AGAIN_S)
        else:
            return


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("begin immediate" if immediate else "begin")


def _set_up_session(connection: Any, _: object) -> None:
    wait_ms = round(ANSWER_S * 1_000)
    connection.autocommit = True
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(f"set {name} = {wait_ms}")
    connection.autocommit = False
