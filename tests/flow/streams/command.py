"""`tocsin consume` as a process of its own, and how to look at what it does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tests.flow.streams.events import PACK
from tests.servers.broker import KafkaRig, Letter, NatsRig

TOCSIN = str(Path(sys.executable).with_name("tocsin"))
DEADLINE_S = 60.0

T = TypeVar("T")


class Command:
    """One run of the command."""

    def __init__(self, rig: NatsRig | KafkaRig, folder: Path, *options: str) -> None:
        fixed = ["--data", str(folder), "--packs", str(PACK), "--port", "0"]
        self._process = subprocess.Popen(
            [TOCSIN, "consume", rig.name, *fixed, *rig.options(), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TOCSIN_STOP_TIMEOUT_S": "10"},
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def stop(self) -> str:
        """SIGTERM; answers with what it said."""
        self._process.send_signal(signal.SIGTERM)
        return self.finish((0, -signal.SIGTERM))

    def finish(self, expected: Sequence[int] = (0,)) -> str:
        """Until it ends by itself; answers with what it said."""
        try:
            said, _ = self._process.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            said, _ = self._process.communicate()
            raise AssertionError(said.decode()) from None
        text = said.decode()
        assert self._process.returncode in expected, text
        assert "Traceback" not in text, text
        return text


def send_back(rig: NatsRig | KafkaRig, *options: str) -> str:
    """`tocsin dead-letters`; answers with what it said."""
    command = [TOCSIN, "dead-letters", rig.name, *rig.options(), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(found: Callable[[], T], every_s: float = 0.02) -> T:
    """What is found, as soon as it is true."""
    ends = time.monotonic() + DEADLINE_S
    while time.monotonic() < ends:
        if value := found():
            return value
        time.sleep(every_s)
    raise AssertionError("it did not come in time")


def ids(letters: Sequence[Letter]) -> list[str]:
    return [json.loads(body)["event_id"] for body, _ in letters]


def by_id(letters: Sequence[Letter]) -> dict[str, dict[str, Any]]:
    return {found["event_id"]: found for found in (json.loads(body) for body, _ in letters)}
