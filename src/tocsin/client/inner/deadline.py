"""A network whose every step ends in time.

Receives a deadline for the thread that works. Gives connections that keep it: it holds for the name's lookup, the
connection, its encryption and every read and write together, however slowly the other side drips.
"""

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from tocsin.client.inner.resolver import NameUnknown, Resolver

WRITE_AT_ONCE = 16_384


class Deadline(threading.local):
    """When the call on this thread must be over, on `time.monotonic`'s clock."""

    at = float("inf")

    def left(self, late: type[Exception]) -> float:
        """Seconds that are left.

        Raises:
            Exception: of the type `late` where none are.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise late("the time is spent")
        return left


class DeadlineStream(httpcore.NetworkStream):
    """A connection under a deadline; what it is told of timeouts counts for nothing."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Reads some bytes."""
        return self._inner.read(max_bytes, self._deadline.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Writes all of it, in pieces that each see what time is left."""
        for start in range(0, len(buffer), WRITE_AT_ONCE):
            self._inner.write(buffer[start : start + WRITE_AT_ONCE], self._deadline.left(httpcore.WriteTimeout))

    def close(self) -> None:
        """Closes it."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """The same, encrypted."""
        left = self._deadline.left(httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a connection."""
        return self._inner.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections under a deadline."""

    def __init__(self, deadline: Deadline, resolver: Resolver) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one."""
        try:
            addresses = self._resolver.find(host, port, self._deadline.left(httpcore.ConnectTimeout))
        except NameUnknown as error:
            raise (httpcore.ConnectTimeout if error.late else httpcore.ConnectError)(str(error)) from None
        refused: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            left = self._deadline.left(httpcore.ConnectTimeout)
            try:
                return DeadlineStream(
                    self._inner.connect_tcp(address, port, left, local_address, socket_options), self._deadline
                )
            except httpcore.ConnectError as error:
                refused = error
        raise refused
