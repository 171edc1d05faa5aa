"""Tocsin itself: in a thread of this process, or as a process of its own that may be killed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx

from tocsin.app import bootstrap
from tocsin.app.access.key import NewKey, Scope, make_key
from tocsin.app.cli.operate.serve import make_server
from tocsin.app.http.asgi import make_asgi
from tocsin.app.service.service import Service
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records

ROOT = Path(__file__).resolve().parents[2]
START_US = 1_768_478_400_000_000
"""2026-01-15T12:00:00Z."""

PATIENCE_S = 60.0


def new_key(records: Records, *scopes: Scope, name: str = "test", expires_at: int | None = None) -> str:
    with records.session() as session:
        wanted = NewKey(name=name, scopes=scopes or (Scope.ADMIN,), expires_at=expires_at)
        return make_key(session, wanted, bootstrap.now_us())[1]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until(check: Any, what: str) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not check():
        assert time.monotonic() < ends, f"{what} did not come"
        time.sleep(0.01)


class Running:
    """A service in this process, on a loop in a thread of its own."""

    def __init__(self, data: Path, clock: Callable[[], int] = bootstrap.now_us, **given: Any) -> None:
        self.clock = clock
        self.settings = Settings(data=data, port=free_port(), **given)
        self.url = f"http://127.0.0.1:{self.settings.port}"

    def __enter__(self) -> Self:
        self.service = Service(self.settings, self.clock)
        self.key = new_key(self.service.records)
        self.server = make_server(make_asgi(self.service), self.settings)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        wait_until(lambda: self.server.started or not self.thread.is_alive(), "the server")
        assert self.thread.is_alive()
        wait_until(lambda: self.service.engine.ready, "readiness")
        self.client = httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {self.key}"}, trust_env=False, timeout=30
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()

    def decide(self, event: dict[str, Any], **headers: str) -> httpx.Response:
        return self.client.post("/v1/decisions", json=event, headers=headers)


class Spawned:
    """A service as a process of its own."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.options = options
        self.environment = {**os.environ, **environment}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        told = [sys.executable, "-m", "tocsin.app.cli", "serve", "--data", str(self.data), "--port", str(self.port)]
        self.log = (self.data.parent / f"{self.data.name}.log").open("ab")
        self.process = subprocess.Popen(
            [*told, *self.options], env=self.environment, stdout=self.log, stderr=self.log, cwd=self.data.parent
        )

    def wait_ready(self) -> float:
        """Until it takes decisions; answers how long that took."""
        began = time.monotonic()
        wait_until(self._ready, "readiness")
        return time.monotonic() - began

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended by itself: see {self.log.name}"
        try:
            return httpx.get(f"{self.url}/health/ready", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def end(self, sent: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(sent)
        code = self.process.wait(PATIENCE_S)
        self.log.close()
        self.process = None
        return code

    def __enter__(self) -> Self:
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.end(signal.SIGKILL)


def transfer(number: int, **given: Any) -> dict[str, Any]:
    """A transfer, one second after the one before it."""
    return {
        "id": f"t{number}",
        "type": "payment.transfer",
        "time": (START_US + number * 1_000_000) / 1e6,
        "sender": f"account:{number % 5}",
        "payee": "account:m",
        "amount": 100 + number,
        **given,
    }
