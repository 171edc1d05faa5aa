"""Whatever revision a database has, and however many begin at once, it comes to the newest one with its data."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, Table, insert, inspect, select

from tests.reference.tables import TABLES
from tocsin.app.access.key import Scope, digest_of, list_keys
from tocsin.app.access.ring import KeyRing
from tocsin.app.access.tables import ApiKey
from tocsin.app.storage.address import find_address, make_engine
from tocsin.app.storage.records import Records
from tocsin.app.storage.upgrade import revision_of, revisions, upgrade, upgrade_to
from tocsin.model.errors import InputError
from tocsin.records.table import Record, begin_change
from tocsin.rulebook.lists import read_standing
from tocsin.rulebook.tables import ListEntry

NOW = 1_700_000_000_000_000
OURS = {"alembic_version", "revision"}


@pytest.fixture
def engine(tmp_path: Path, database: str) -> Iterator[Engine]:
    made = make_engine(find_address(tmp_path, database))
    yield made
    made.dispose()


def bring_to(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        upgrade_to(connection, revision)


def tables_of(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in OURS]


def value_for(column: Any, row: int) -> Any:
    """A value that the column takes, another one for each row; the same for columns of the same kind that refer to each other."""
    kind = column.type.python_type
    room = (getattr(column.type, "length", None) or 12) - 2
    text = f"{column.name[: min(10, room)]} {row}"
    values = {int: row, float: row / 2, bytes: bytes([row]) * 32, bool: row % 2 == 0, str: text}
    return values[kind]


def fill(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Three rows in every table; what was put in."""
    put: dict[str, list[dict[str, Any]]] = {}
    for table in tables_of(connection):
        rows = [{column.name: value_for(column, row) for column in table.columns} for row in (1, 2, 3)]
        connection.execute(insert(table), rows)
        put[table.name] = rows
    return put


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in tables_of(connection)
    }


@pytest.mark.parametrize("start", [*revisions()])
def test_every_earlier_revision_comes_to_the_newest_with_its_data(
    engine: Engine, tmp_path: Path, database: str, start: str
) -> None:
    bring_to(engine, start)
    with engine.begin() as connection:
        put = fill(connection)
        assert len(put) >= 2
    records = Records(tmp_path, database)
    with records.engine.connect() as connection:
        kept = contents(connection)
        assert revision_of(connection) == revisions()[-1]
    for table, rows in put.items():
        for before, after in zip(rows, kept[table], strict=True):
            assert {name: after[name] for name in before} == before
    with records.session() as session:
        assert len(list_keys(session)) == 3
    records.close()


def test_a_key_and_a_list_entry_of_the_first_revision_work_on(engine: Engine, tmp_path: Path, database: str) -> None:
    bring_to(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into list_entry (list, value, note, added_by, added_at) values ('payees', 'account:1', '', 'a', 1)"
        )
        table = Table("api_key", MetaData(), autoload_with=connection)
        digest = digest_of("secret")
        row = {"id": "01", "name": "n", "scopes": "read", "digest": digest, "made_at": 1}
        connection.execute(insert(table), [row])
    records = Records(tmp_path, database)
    caller = KeyRing(records, lambda: NOW).find("tocsin_01_secret")
    assert caller is not None
    assert caller.may(Scope.READ)
    with records.session() as session:
        assert [change.value for change in read_standing(session, {}, NOW)[1]] == ["account:1"]
    records.close()


def test_models_and_migrations_say_the_same(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, Record.metadata) == []
        assert set(inspect(connection).get_table_names()) == set(TABLES) | {"alembic_version"}


def test_every_table_that_changes_has_its_number(records: Records) -> None:
    for table in (ApiKey, ListEntry):
        with records.session() as session:
            assert begin_change(session, table) == 1


def test_a_new_database_is_told_from_an_up_to_date_one(engine: Engine) -> None:
    with engine.connect() as connection:
        assert revision_of(connection) is None
    upgrade(engine)
    upgrade(engine)
    with engine.connect() as connection:
        assert revision_of(connection) == revisions()[-1]


def test_a_step_that_fails_leaves_the_database_as_it_was(engine: Engine) -> None:
    bring_to(engine, "0001")
    with engine.connect() as connection:
        before = sorted(inspect(connection).get_table_names())

    def fail() -> None:
        with engine.connect().execution_options(immediate=True) as connection, connection.begin():
            upgrade_to(connection, "head")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with engine.connect() as connection:
        assert sorted(inspect(connection).get_table_names()) == before
        assert revision_of(connection) == "0001"


def test_a_database_of_a_newer_tocsin_is_left_alone(engine: Engine, tmp_path: Path, database: str) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(InputError, match=r"newer Tocsin \(revision 9999"):
        Records(tmp_path, database)
    with engine.connect() as connection:
        assert revision_of(connection) == "9999"


RACE = """
import sys
from pathlib import Path
from tocsin.app.storage.records import Records
print("loaded", flush=True)
sys.stdin.readline()
Records(Path(sys.argv[1]), sys.argv[2]).close()
"""


@pytest.mark.parametrize("start", [None, "0001"])
def test_processes_that_start_at_once_do_not_break_the_migration(
    engine: Engine, tmp_path: Path, database: str, start: str | None
) -> None:
    if start is not None:
        bring_to(engine, start)
        with engine.begin() as connection:
            fill(connection)
    engine.dispose()
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path), database],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout
        assert racer.stdout.readline() == "loaded\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("\n")
        racer.stdin.flush()
    for racer in racers:
        _, errors = racer.communicate(timeout=60)
        assert racer.returncode == 0, errors
    with engine.connect() as connection:
        assert revision_of(connection) == revisions()[-1]
        assert [row[0] for row in connection.exec_driver_sql("select number from revision")] == [0, 0]
