"""What tests of several folders share."""

from collections.abc import Iterator

import pytest

from tests.servers.live import LiveService


@pytest.fixture(scope="session")
def live_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """One service for all tests that leave it as it is."""
    with LiveService(tmp_path_factory.mktemp("live") / "data") as running:
        yield running
