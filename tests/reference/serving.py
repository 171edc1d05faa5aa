"""A service as a process of its own, for tests: started on a free port, asked, stopped by its number."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tocsin.app.access.key import NewKey, Scope, make_key
from tocsin.app.bootstrap import now_us
from tocsin.app.storage.records import Records

TOCSIN = str(Path(sys.executable).with_name("tocsin"))
PATIENCE_S = 60.0


def run_tocsin(
    *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TOCSIN, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=None if env is None else {**os.environ, **env},
        check=False,
        timeout=120,
    )


def give_key(data: Path, *scopes: Scope, made_at: int = 0, days: float = 0) -> str:
    """A key's clear text; with `days` it ends that long after it was made."""
    made_at = made_at or now_us()
    records = Records(data)
    try:
        with records.session() as session:
            end = made_at + round(days * 86_400_000_000) if days else None
            wanted = NewKey(name="test", scopes=scopes or (Scope.ADMIN,), expires_at=end)
            return make_key(session, wanted, made_at)[1]
    finally:
        records.close()


class Running:
    """One service that runs."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, key: str) -> None:
        self.process = process
        self.log = log
        self.key = key
        self.address = ""

    def ask(self, path: str, body: object = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        request = urllib.request.Request(self.address + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, raw = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, raw = refused.code, refused.read()
        try:
            return status, json.loads(raw)
        except ValueError:
            return status, raw.decode()

    def logs(self) -> list[dict[str, Any]]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            if not self.address:
                found = [line["address"] for line in self.logs() if line["event"] == "listening"]
                self.address = found[0] if found else ""
            elif self.is_ready():
                return
            os.sched_yield()
        raise AssertionError(f"not ready: {self.log.read_text(encoding='utf-8')}")

    def is_ready(self) -> bool:
        try:
            return self.ask("/health/ready")[0] == 200
        except OSError:
            return False

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def serving(
    data: Path, key: str = "", options: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A service on a folder, ready; it is stopped at the end."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = data.with_name(f"{data.name}.log")
    command = [TOCSIN, "serve", "--data", str(data), "--port", "0", *options]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stderr=out, env={**os.environ, **(env or {})})
    running = Running(process, log, key)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
