"""A service as a process of its own, for benchmarks: started, measured, killed, started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from tocsin.app import bootstrap
from tocsin.app.access.key import NewKey, Scope, make_key
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records

PATIENCE_S = 120.0
PAGE = os.sysconf("SC_PAGE_SIZE")


class Service:
    """`tocsin serve` on a folder."""

    def __init__(
        self,
        data: Path,
        *options: str,
        module: str = "tocsin.app.cli",
        command: tuple[str, ...] = ("serve",),
        **environment: str,
    ) -> None:
        self.data = data
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = int(taken.getsockname()[1])
        told = [*command, "--data", str(data), "--port", str(self.port), *options]
        self._command = [sys.executable, "-m", module, *told]
        self._environment = {**os.environ, **environment}
        self.log = data.with_suffix(".log")
        self.process: subprocess.Popen[bytes]
        self.key = ""

    def make_key(self) -> str:
        """A key with every scope."""
        records = Records(Settings(data=self.data).data)
        with records.session() as session:
            self.key = make_key(session, NewKey(name="bench", scopes=(Scope.ADMIN,)), bootstrap.now_us())[1]
        records.close()
        return self.key

    def start(self) -> float:
        """Starts it; answers the seconds until it was ready."""
        began = time.perf_counter()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        ends = began + PATIENCE_S
        while not self.is_ready():
            if time.perf_counter() > ends or self.process.poll() is not None:
                self.process.kill()
                sys.exit(f"the service did not become ready: {self.log.read_text()[-2_000:]}")
            time.sleep(0.02)
        return time.perf_counter() - began

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def rss(self) -> int:
        """Bytes of memory in use."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE

    def cpu_s(self) -> float:
        """Seconds of processor that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self, sent: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(sent)
        self.process.wait(PATIENCE_S)

    def __enter__(self) -> Self:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.make_key()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end()
