"""What the tests of the application share."""

import logging
import os
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a command does to its process is undone."""
    monkeypatch.setattr(os, "nice", lambda _: 0)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
