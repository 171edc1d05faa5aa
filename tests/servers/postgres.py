"""A PostgreSQL server from the `pgserver` wheel.

Only the wheel's binaries are used: its own starter adds a system user and opens folders to everyone where it runs as
root. Here the server runs as `nobody` in that case, from a copy of the binaries where `nobody` cannot reach them.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

BINARIES = Path(sysconfig.get_path("purelib")) / "pgserver" / "pginstall"
DEADLINE_S = 30.0
QUICK = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": "60"}
DURABLE = {"shared_buffers": "256MB", "max_connections": "200"}
"""As in production: for benchmarks."""


class PostgresServer:
    """One server. It may be killed and started again on the same port."""

    def __init__(self, settings: Mapping[str, str] = QUICK) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
        self._settings = settings
        self.folder.chmod(0o711)
        self.port = free_port()
        self._names = count()
        self._running: subprocess.Popen[bytes] | None = None
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._bin = self._reachable_binaries() / "bin"
        self._data = self.folder / "data"
        self._data.mkdir(mode=0o700)
        if self._who:
            os.chown(self._data, self._who["user"], self._who["group"])
        self._run(
            "initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "-U", "postgres", str(self._data)
        )
        (self._data / "pg_hba.conf").write_text(
            "host all careful 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n", encoding="utf-8"
        )

    def start(self) -> None:
        """Starts it and waits until it answers."""
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [
                    str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self.port),
                    "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", *options,
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self._who,
            )  # fmt: skip
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self._running.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """Ends it as a lost machine would: every connection breaks, nothing is said."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Makes it a black hole: connections stay and are taken, and nothing is ever answered."""
        for number in self._processes():
            os.kill(number, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on where it was."""
        for number in self._processes():
            os.kill(number, signal.SIGCONT)

    def _processes(self) -> list[int]:
        """The server first, then what it started."""
        assert self._running is not None
        mine = self._running.pid
        children = Path(f"/proc/{mine}/task/{mine}/children").read_text(encoding="ascii").split()
        return [mine, *map(int, children)]

    def stop(self) -> None:
        """Ends it and removes its folder."""
        self._end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def make_database(self) -> str:
        """The address of a new, empty database."""
        name = f"t{os.getpid()}_{next(self._names)}"
        self.execute(f"create database {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Removes a database, whoever is still connected."""
        self.execute(f"drop database if exists {url.rpartition('/')[2]} with (force)")

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """One statement, committed."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            answer = connection.execute(sql.encode())
            return answer.fetchall() if answer.description else []

    def _end(self, how: signal.Signals) -> None:
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(how)
            try:
                self._running.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()
        self._running = None

    def _reachable_binaries(self) -> Path:
        if not self._who:
            return BINARIES
        probe = [str(BINARIES / "bin" / "postgres"), "--version"]
        try:
            subprocess.run(probe, check=True, capture_output=True, cwd="/", **self._who)
        except (OSError, subprocess.CalledProcessError):
            copied = self.folder / "pgserver"
            shutil.copytree(BINARIES, copied / "pginstall")
            shutil.copytree(BINARIES.parents[1] / "pgserver.libs", self.folder / "pgserver.libs")
            for path in self.folder.rglob("*"):
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
            return copied / "pginstall"
        return BINARIES

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments], check=False, capture_output=True, text=True, cwd="/", **self._who
        )
        assert done.returncode == 0, done.stdout + done.stderr


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
