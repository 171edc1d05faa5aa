"""What tests of several stages share: real servers, and the two databases on which records must work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.live import LiveService
from tests.servers.postgres import PostgresServer
from tocsin.app.storage.records import Records


@pytest.fixture(scope="session")
def live_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """One service for all tests that leave it as it is."""
    with LiveService(tmp_path_factory.mktemp("live") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for all tests of this process; a test makes its own database in it."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The setting `database`, for each kind: empty for a file in the data folder, else a new database's address."""
    if request.param == "sqlite":
        yield ""
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.make_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def records(tmp_path: Path, database: str) -> Iterator[Records]:
    """Records on each kind of database."""
    opened = Records(tmp_path, database)
    yield opened
    opened.close()
