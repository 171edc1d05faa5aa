"""Keys and lists that others change reach a service that runs; a database that dies stops no decision."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import PostgresServer
from tests.servers.tocsin import Running, transfer, wait_until
from tocsin.app.storage.records import Records
from tocsin.rulebook.lists import NewEntry, add_entries, end_entry

LIST = "confirmed-fraud-payees"
numbers = iter(range(1_000_000))


def outcome(running: Running, payee: str) -> str:
    answer = running.decide(transfer(next(numbers), payee=payee))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["outcome"])


def put(records: Records, running: Running, value: str) -> None:
    values = running.service.catalogue.lists[LIST]
    with records.session() as session:
        add_entries(session, values, [NewEntry(value=value)], "test", running.service.clock())


def reachable(running: Running) -> bool:
    text = running.client.get("/metrics").text
    return "\ntocsin_records_reachable 1.0" in text


def test_what_another_process_changes_reaches_the_service(tmp_path: Path, database: str) -> None:
    with Running(tmp_path, database=database) as running:
        other = Records(tmp_path, database)
        assert outcome(running, "account:x") != "block"
        put(other, running, "account:x")
        began = time.monotonic()
        wait_until(lambda: outcome(running, "account:x") == "block", "the list's change")
        assert time.monotonic() - began < 5
        with other.session() as session:
            assert end_entry(session, running.service.catalogue.lists[LIST], "account:x", "test", 1)
        wait_until(lambda: outcome(running, "account:x") != "block", "the list's change")
        listed = {"entries": [{"value": "account:y"}]}
        assert running.client.post(f"/v1/lists/{LIST}/entries", json=listed).status_code == 200
        assert outcome(running, "account:y") == "block"
        other.close()


def tocsin(data: Path, database: str, *words: str) -> str:
    environment = {**os.environ, "TOCSIN_DATABASE": database, "TOCSIN_LANG": "en"}
    command = [sys.executable, "-m", "tocsin.app.cli", *words, "--data", str(data)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def status(running: Running, key: str) -> int:
    return running.client.get("/v1/packs", headers={"authorization": f"Bearer {key}"}).status_code


def test_keys_of_the_command_line_work_and_end_at_once_in_a_service_that_runs(tmp_path: Path, database: str) -> None:
    with Running(tmp_path, database=database) as running:
        key = tocsin(tmp_path, database, "keys", "new", "app", "--scope", "read", "--expires", "1d")
        wait_until(lambda: status(running, key) == 200, "the new key")
        assert running.client.post("/v1/events", json=[], headers={"authorization": f"Bearer {key}"}).status_code == 403
        number = key.split("_")[1]
        fresh = tocsin(tmp_path, database, "keys", "rotate", number, "--keep", "1h")
        assert (status(running, key), status(running, fresh)) == (200, 200)
        tocsin(tmp_path, database, "keys", "revoke", number)
        assert (status(running, key), status(running, fresh)) == (401, 200)


@pytest.fixture
def mortal() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


def test_a_service_goes_on_deciding_while_its_database_is_dead(mortal: PostgresServer, tmp_path: Path) -> None:
    with Running(tmp_path, database=mortal.url()) as running:
        listed = {"entries": [{"value": "account:bad"}]}
        assert running.client.post(f"/v1/lists/{LIST}/entries", json=listed).status_code == 200
        assert reachable(running)
        mortal.kill()
        spent = []
        for turn in range(60):
            began = time.perf_counter()
            assert outcome(running, "account:bad" if turn % 2 else "account:good") == ("block" if turn % 2 else "allow")
            spent.append(time.perf_counter() - began)
        assert sorted(spent)[30] < 0.25, spent
        assert max(spent) < 5, spent
        wait_until(lambda: not reachable(running), "the metric")
        refused = running.client.post(f"/v1/lists/{LIST}/entries", json={"entries": [{"value": "account:late"}]})
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_full")
        assert int(refused.headers["retry-after"]) > 0
        assert str(mortal.port) not in refused.text
        assert running.client.get("/health/ready").status_code == 200
        mortal.start()
        wait_until(lambda: reachable(running), "the database")
        late = {"entries": [{"value": "account:late"}]}
        wait_until(lambda: running.client.post(f"/v1/lists/{LIST}/entries", json=late).status_code == 200, "the list")
        assert outcome(running, "account:late") == "block"
        other = Records(tmp_path, mortal.url())
        put(other, running, "account:later")
        wait_until(lambda: outcome(running, "account:later") == "block", "the list's change")
        other.close()


def test_a_service_does_not_start_on_a_database_that_is_not_there(mortal: PostgresServer, tmp_path: Path) -> None:
    mortal.kill()
    environment = {**os.environ, "TOCSIN_DATABASE": mortal.url(user="u:s3cr3t")}
    command = [sys.executable, "-m", "tocsin.app.cli", "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "s3cr3t" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
