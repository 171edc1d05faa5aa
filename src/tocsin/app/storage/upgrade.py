"""The tables brought up to date.

Receives an engine. Gives a database at the newest revision that this Tocsin knows. Of processes that begin at once, one
does the work and the others wait for it. Never touches a database that a newer Tocsin has changed.
"""

import logging
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from tocsin.model.errors import InputError

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_810_226_541
"""The number under which PostgreSQL knows who migrates."""
LOCK_S = 120

log = structlog.get_logger("tocsin.records")


def upgrade(engine: Engine) -> None:
    """Brings the tables to the newest revision, all steps or none.

    Raises:
        InputError: the database is of a newer Tocsin.
    """
    config = _config()
    known = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        if revision_of(connection) == known.get_current_head():
            return
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        _wait_for_turn(connection)
        before = revision_of(connection)
        if before is not None and before not in {each.revision for each in known.walk_revisions()}:
            raise InputError(
                f"the records are of a newer Tocsin (revision {before}, this one knows "
                f"{known.get_current_head()}); run that one, or restore a copy from before"
            )
        upgrade_to(connection, "head")
    log.info("the records' tables are up to date", before=before or "", now=known.get_current_head())


def upgrade_to(connection: Connection, revision: str) -> None:
    """Runs every step up to a revision, in the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """Every revision, oldest first."""
    return [each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def _wait_for_turn(connection: Connection) -> None:
    """SQLite has given the turn already: the transaction began as the only one that writes."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("set local statement_timeout = 0")
        connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_S}s'")
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK})")


def _config() -> Config:
    logging.getLogger("alembic").setLevel(
        logging.WARNING
    )  # it tells each step, which says nothing to who starts a service
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
