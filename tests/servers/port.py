"""Ports of 127.0.0.1 that nobody has."""

import socket
import time
from subprocess import Popen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


def wait_for_port(port: int, process: "Popen[bytes]", within_s: float = 20.0) -> None:
    """Until something listens there.

    Raises:
        RuntimeError: the process has ended, or nothing listens in time.
    """
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(f"nothing listens on {port}")
