"""Records lie in a file or on a server, say when they change, and keep their secrets and their temper when it goes wrong."""

import json
import math
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy import event, text

from tests.servers.postgres import PostgresServer, free_port
from tocsin.app.access.key import NewKey, Scope, list_keys, make_key
from tocsin.app.access.ring import KeyRing
from tocsin.app.settings import Settings, read_settings
from tocsin.app.storage import address as address_module
from tocsin.app.storage.address import find_address
from tocsin.app.storage.records import Records
from tocsin.model.errors import HistoryDamaged, InputError, StorageFull

NOW = 1_700_000_000_000_000
SECRET = "s3cr3t%2Fx"  # as written in an address; s3cr3t/x in clear
DEADLINE_S = 10.0


def add_key(records: Records, name: str) -> None:
    with records.session() as session:
        make_key(session, NewKey(name=name, scopes=(Scope.READ,)), NOW)


def names(records: Records) -> list[str]:
    with records.session() as session:
        return [key.name for key in list_keys(session)]


def until(so: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not so():
        assert time.monotonic() - began < DEADLINE_S, "it never was"
        time.sleep(0.001)
    return time.monotonic() - began


def settled(records: Records) -> int:
    """The version once the listener has its connection."""
    records.version()
    until(lambda: not records.address.is_server or records.version() > 0)
    return records.version()


def test_a_session_keeps_all_or_nothing(records: Records) -> None:
    add_key(records, "kept")

    def fail() -> None:
        with records.session() as session:
            make_key(session, NewKey(name="undone", scopes=(Scope.READ,)), NOW)
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(records) == ["kept"]


def test_the_version_moves_with_every_change_and_only_then(records: Records, tmp_path: Path, database: str) -> None:
    other = Records(tmp_path, database)
    before = settled(records)
    names(records)
    names(other)
    assert records.version() == before
    add_key(records, "own")
    assert records.version() != before, "its own changes count at once"
    for number in range(3):
        seen = {records.version()}
        add_key(other, f"key {number}")
        assert until(lambda seen=seen: records.version() not in seen) < 0.5
    other.close()


def test_asking_for_the_version_costs_next_to_nothing(records: Records) -> None:
    settled(records)
    began = time.perf_counter()
    for _ in range(1_000):
        records.version()
    assert time.perf_counter() - began < 0.1


def test_what_a_person_changes_by_hand_on_the_server_is_told_too(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.make_database()
    records = Records(tmp_path, url)
    add_key(records, "app")
    before = settled(records)
    postgres.execute("update api_key set revoked_at = 1", url.rpartition("/")[2])
    assert until(lambda: records.version() != before) < 0.5
    records.close()


def test_where_a_pooler_keeps_back_what_the_server_tells_changes_are_found_by_asking(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.make_database()
    records, other = Records(tmp_path, url), Records(tmp_path, url)
    for table in ("api_key", "list_entry"):
        postgres.execute(f"drop trigger tell on {table}", url.rpartition("/")[2])
    before = settled(records)
    add_key(other, "app")
    assert until(lambda: records.version() != before) < 3
    records.close()
    other.close()


def test_a_listener_that_is_cut_off_listens_again_and_misses_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.make_database()
    records, other = Records(tmp_path, url), Records(tmp_path, url)
    before = settled(records)
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}' and query like 'select name%'"
    assert len(postgres.execute(cut.format(url.rpartition("/")[2]))) == 1
    add_key(other, "while it was away")
    until(lambda: records.version() != before)
    until(lambda: not records.fault)
    before = records.version()
    add_key(other, "afterwards")
    assert until(lambda: records.version() != before) < 2
    records.close()
    other.close()


@pytest.fixture
def mortal() -> Iterator[PostgresServer]:
    """A server that a test may kill."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


def test_a_server_that_dies_costs_no_key_and_no_time_and_is_told_once(mortal: PostgresServer, tmp_path: Path) -> None:
    records = Records(tmp_path, mortal.url())
    with records.session() as session:
        key = make_key(session, NewKey(name="app", scopes=(Scope.DECIDE,)), NOW)[1]
    keys = KeyRing(records, lambda: NOW)
    settled(records)
    assert keys.find(key) is not None
    with structlog.testing.capture_logs() as logs:
        mortal.kill()
        until(lambda: records.fault != "")
        began = time.perf_counter()
        for _ in range(500):
            assert keys.find(key) is not None
            with pytest.raises(StorageFull, match="try again"), records.session():
                raise AssertionError("there is no session")
        assert time.perf_counter() - began < 1
        mortal.start()
        until(lambda: not records.fault)
        add_key(records, "after")
    told = [(line["log_level"], line["event"]) for line in logs]
    assert told == [
        ("error", "the records cannot be reached; what was read last goes on"),
        ("info", "the records can be reached again"),
    ]
    assert keys.find(key) is not None
    assert set(names(records)) == {"app", "after"}
    records.close()


def test_a_session_on_a_dead_server_fails_quickly_also_where_nobody_listens(
    mortal: PostgresServer, tmp_path: Path
) -> None:
    records = Records(tmp_path, mortal.url())
    assert names(records) == []
    mortal.kill()
    began = time.perf_counter()
    for _ in range(3):
        with pytest.raises(StorageFull, match="try again"):
            names(records)
    assert time.perf_counter() - began < 2
    assert records.fault
    mortal.start()
    assert names(records) == []
    assert not records.fault
    records.close()


def test_a_statement_that_never_ends_is_ended(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_module, "ANSWER_S", 0.2)
    records = Records(tmp_path, postgres.make_database())
    began = time.perf_counter()
    with pytest.raises(StorageFull), records.session() as session:
        session.execute(text("select pg_sleep(30)"))
    assert time.perf_counter() - began < 3
    assert names(records) == []
    records.close()


def test_a_server_that_accepts_and_never_answers_does_not_hold_up_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_module, "CONNECT_S", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.perf_counter()
        with pytest.raises(InputError, match="timeout"):
            Records(tmp_path, f"postgresql://u:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/db")
        assert time.perf_counter() - began < 5


def bad_addresses(server: PostgresServer) -> dict[str, str]:
    here, nobody = f"127.0.0.1:{server.port}", f"127.0.0.1:{free_port()}"
    return {
        f"postgresql://careful:{SECRET}@{here}/postgres": "password authentication failed",
        f"postgresql://careful@{here}/postgres?password={SECRET}": "password authentication failed",
        f"postgresql://u:{SECRET}@{nobody}/db": "refused",
        f"postgresql://u:{SECRET}@{here}/no_such_base": "no_such_base",
        f"postgresql://u:{SECRET}@no.such.host.invalid/db": "no.such.host.invalid",
        f"postgresql://u:{SECRET}@{here}/postgres?wrong={SECRET}": "wrong",
        f"postgresql://u:{SECRET}@{here}/postgres?sslmode={SECRET}": "sslmode",
        f"postgresql://u:{SECRET}@x@{here}/db": "%40",
        f"postgresql://u:x@{SECRET}@{here}/db": "%40",
        f"postgresql://u:{SECRET}@{here}x/db": "must read postgresql://",
        f"mysql://u:{SECRET}@{here}/db": "must read postgresql://",
        f"sqlite:///{SECRET}": "must read postgresql://",
        SECRET: "must read postgresql://",
    }


def test_an_address_that_cannot_be_used_is_told_without_its_secrets(postgres: PostgresServer, tmp_path: Path) -> None:
    postgres.execute("drop role if exists careful")
    postgres.execute("create role careful login password 'right'")
    for url, reason in bad_addresses(postgres).items():
        with structlog.testing.capture_logs() as logs, pytest.raises(InputError) as caught:
            Records(tmp_path, url)
        assert reason in str(caught.value), f"{url}: {caught.value}"
        for told in (str(caught.value), repr(logs)):
            assert "s3cr3t" not in told, told
        assert caught.value.__cause__ is None


def test_a_right_password_with_signs_of_its_own_opens(postgres: PostgresServer, tmp_path: Path) -> None:
    postgres.execute("drop role if exists careful")
    postgres.execute("create role careful login superuser password 's3cr3t/x@%'")
    name = postgres.make_database().rpartition("/")[2]
    records = Records(tmp_path, f"postgres://careful:s3cr3t%2Fx%40%25@127.0.0.1:{postgres.port}/{name}")
    add_key(records, "app")
    assert records.address.shown == f"postgresql://careful:***@127.0.0.1:{postgres.port}/{name}"
    records.close()


def test_settings_show_no_password(tmp_path: Path) -> None:
    settings = read_settings(None, database=f"postgresql://u:{SECRET}@h/db")
    assert settings.database.endswith("@h/db")
    assert "s3cr3t" not in repr(settings) + str(settings)
    assert Settings().database == ""
    assert "s3cr3t" not in find_address(tmp_path, settings.database).shown


def test_without_the_extra_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"tocsin\[postgres\]"):
        Records(tmp_path, "postgresql://u@127.0.0.1/db")


def test_a_file_that_is_no_database_and_a_folder_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_bytes(b"no database at all, but long enough to be looked at" * 50)
    with pytest.raises(HistoryDamaged, match=r"records\.db: file is not a database"):
        Records(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull, match="file"):
        Records(tmp_path / "file" / "folder")


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    records = Records(tmp_path)
    add_key(records, "kept")
    records.engine.dispose()
    event.listen(records.engine, "connect", lambda connection, _: connection.execute("pragma max_page_count = 1"))

    def fill() -> None:
        for _ in range(1_000):
            add_key(records, "x" * 128)

    with structlog.testing.capture_logs() as logs, pytest.raises(StorageFull, match="try again"):
        fill()
    assert records.fault == "database or disk is full"
    assert len(logs) == 1
    assert "kept" in names(records)
    assert not records.fault
    records.close()


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    records = Records(tmp_path)
    add_key(records, "app")
    writer = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
    writer.execute("begin immediate")
    writer.execute("update api_key set name = 'other'")
    began = time.perf_counter()
    assert names(records) == ["app"]
    records.version()
    assert time.perf_counter() - began < 1
    writer.execute("rollback")
    writer.close()
    records.close()


START = """
import sys
from pathlib import Path
from tocsin.app.logs import set_up_logs
from tocsin.app.storage.records import Records
set_up_logs(sys.stderr)
Records(Path(sys.argv[1]), sys.argv[2]).close()
"""


def test_bringing_the_tables_up_to_date_is_one_line_of_our_own_in_the_log(tmp_path: Path, database: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path), database], capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["the records' tables are up to date"]


PARTED = """select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and query not ilike 'listen%'"""


@pytest.mark.parametrize("idle_s", [0.0, math.inf])
def test_a_connection_that_lay_idle_is_asked_whether_it_still_stands(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, idle_s: float
) -> None:
    monkeypatch.setattr("tocsin.app.storage.lines.IDLE_S", idle_s)
    url = postgres.make_database()
    records = Records(tmp_path, url)
    with records.session() as session:
        session.execute(text("select 1"))
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(PARTED)
    refused = nullcontext() if idle_s == 0 else pytest.raises(StorageFull)
    with refused, records.session() as session:
        session.execute(text("select 1"))
    with records.session() as session:
        session.execute(text("select 1"))
    records.close()
    postgres.drop_database(url)
