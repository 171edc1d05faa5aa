"""The database of records: whether it answers, and whether its tables are of this version.

Opens it for reading only. Never migrates: the service does that when it starts.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tocsin.app.configuration.mask import mask
from tocsin.app.doctor.finding import Finding, Subject, fault, ok, warning
from tocsin.app.settings import Settings
from tocsin.app.storage.address import FILE
from tocsin.app.storage.reading import open_for_reading
from tocsin.app.storage.upgrade import MIGRATIONS

WAIT_S = 5
DRIVER = "postgresql+psycopg"


def check_records(subject: Subject) -> Iterator[Finding]:
    """Whether keys and lists can be read, and whether their tables are of this version."""
    say = subject.wording.say
    if not is_there(subject.settings):
        yield ok(say("No key and no list is kept yet"))
        return
    try:
        with open_engine(subject.settings) as engine, engine.connect() as base:
            damage = _damage(base)
            revision = _revision(base)
    except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
        yield fault(say("The database cannot be reached: {reason}", reason=_reason(error)), _mend(subject))
        return
    if damage:
        yield fault(say("The database is damaged: {reason}", reason=damage[:200]), _mend(subject))
        return
    known = known_revisions()
    if revision == known[0]:
        yield ok(say("The database answers; its tables are of this version ({revision})", revision=revision))
    elif revision is None or revision in known:
        yield warning(
            say("The database's tables are of an earlier version ({revision})", revision=revision or "-"),
            say("Make a backup; the next start of the service brings them up by itself."),
        )
    else:
        yield fault(
            say("The database's tables are of a later version of Tocsin ({revision})", revision=revision),
            say("Install that version again, or restore the backup that was made before the upgrade."),
        )


def is_there(settings: Settings) -> bool:
    """Whether there can be records: a database that is named, or a file."""
    return bool(settings.database) or (settings.data / FILE).exists()


@contextmanager
def open_engine(settings: Settings) -> Iterator[Engine]:
    """The database, for reading only.

    Raises:
        SQLAlchemyError: its address is none.
        ImportError: its driver is not installed.
    """
    if settings.database:
        kind, mark, rest = settings.database.partition("://")
        is_server = kind in {"postgres", "postgresql", DRIVER}
        address = f"{DRIVER}{mark}{rest}" if is_server else settings.database
        engine = create_engine(address, connect_args={"connect_timeout": WAIT_S} if is_server else {})
    else:
        path = settings.data / FILE
        engine = create_engine("sqlite://", creator=lambda: open_for_reading(path))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def open_session(settings: Settings) -> Iterator[Session | None]:
    """A session on the records; None where there are none yet or they cannot be read, which `check_records` tells."""
    if not is_there(settings):
        yield None
        return
    try:
        with open_engine(settings) as engine, Session(engine) as session:
            tables = inspect(engine).get_table_names()
            yield session if {"api_key", "list_entry", "revision"} <= set(tables) else None
    except (SQLAlchemyError, sqlite3.Error, ImportError):
        yield None


def known_revisions(folder: Path = MIGRATIONS) -> list[str]:
    """Every revision that this version knows, newest first."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]


def _damage(base: Connection) -> str:
    if base.dialect.name != "sqlite":
        return ""
    told = str(base.execute(text("pragma quick_check(1)")).scalar())
    return "" if told == "ok" else told


def _revision(base: Connection) -> str | None:
    if "alembic_version" not in inspect(base).get_table_names():
        return None
    found = base.execute(text("select version_num from alembic_version")).scalar()
    return None if found is None else str(found)


def _reason(error: Exception) -> str:
    told = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    return str(mask("", told[0][:200]))


def _mend(subject: Subject) -> str:
    say = subject.wording.say
    if subject.settings.database:
        return say("Check `database`, whether its server runs, and whether the extra `postgres` is installed.")
    return say(
        "Stop the service, keep the folder aside, and restore the last backup: tocsin restore BACKUP --data FOLDER."
    )
