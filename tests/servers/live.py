"""A Tocsin service as a process of its own, with one live key and one test key."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tocsin.app import bootstrap
from tocsin.app.access.key import NewKey, Scope, make_key
from tocsin.app.storage.records import Records

TOCSIN = Path(sys.executable).with_name("tocsin")
PATIENCE_S = 60.0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until(check: Callable[[], object], what: str) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not check():
        assert time.monotonic() < ends, f"{what} did not come"
        time.sleep(0.01)


def new_key(records: Records, *scopes: Scope) -> str:
    with records.session() as session:
        return make_key(session, NewKey(name="tests", scopes=scopes), bootstrap.now_us())[1]


def answers(url: str) -> bool:
    """Whether an address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class LiveService:
    """`tocsin serve` on one folder; leaves nothing running."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        records = Records(data)
        self.key = new_key(records, Scope.DECIDE, Scope.READ, Scope.LISTS)
        self.test_key = new_key(records, Scope.TEST)
        records.close()

    def __enter__(self) -> Self:
        self._log = (self.data.parent / f"{self.data.name}.log").open("ab")
        command = [str(TOCSIN), "serve", "--data", str(self.data), "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, env=dict(os.environ))
        try:
            wait_until(self._ready, "the service")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _ready(self) -> bool:
        assert self._process.poll() is None, f"it ended by itself, see {self._log.name}"
        return answers(f"{self.url}/health/ready")

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()
