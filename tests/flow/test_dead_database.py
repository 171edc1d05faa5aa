"""A database of records that is gone or silent stops no decision."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers.postgres import PostgresServer
from tests.servers.tocsin import Running, transfer, wait_until

LONGEST_S = 1.0
"""Far more than a decision takes, far less than the time after which a silent database is given up."""


@pytest.fixture
def mortal() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


def a_list_of_accounts(client: httpx.Client) -> str:
    return str(next(each["name"] for each in client.get("/v1/lists").json() if each["of"] == "account"))


def test_a_silent_database_holds_no_decision_while_a_list_is_changed(mortal: PostgresServer, tmp_path: Path) -> None:
    with Running(tmp_path, database=mortal.url()) as running:
        place = f"/v1/lists/{a_list_of_accounts(running.client)}/entries"
        assert running.client.post(place, json={"entries": [{"value": "account:a"}]}).status_code == 200
        mortal.freeze()
        refused: list[int] = []
        with httpx.Client(base_url=running.url, headers=running.client.headers, trust_env=False, timeout=60) as other:
            asking = threading.Thread(
                target=lambda: refused.append(other.post(place, json={"entries": [{"value": "account:b"}]}).status_code)
            )
            asking.start()
            number, longest = 0, 0.0
            while asking.is_alive():
                began = time.perf_counter()
                assert running.decide(transfer(number)).status_code == 200
                longest, number = max(longest, time.perf_counter() - began), number + 1
            asking.join()
        mortal.thaw()
        assert refused == [503]
        assert number > 10
        assert longest < LONGEST_S


def test_without_its_database_a_service_decides_says_so_and_goes_on_by_itself(
    mortal: PostgresServer, tmp_path: Path
) -> None:
    with Running(tmp_path, database=mortal.url()) as running:
        assert running.decide(transfer(0)).status_code == 200
        mortal.kill()
        wait_until(lambda: "records" in running.client.get("/health/ready").json()["fault"], "the fault")
        answer = running.client.get("/health/ready")
        assert (answer.status_code, answer.json()["ready"]) == (200, True)
        assert running.decide(transfer(1)).status_code == 200
        mortal.start()
        wait_until(lambda: not running.client.get("/health/ready").json()["fault"], "the database")
