"""The wire of the client that waits: HTTP within a deadline.

Receives a request with the seconds it may take. Gives the whole answer, or an error in time: the deadline holds for the
name's lookup, the connection, its encryption and every read and write together, however slowly the other side drips.
"""

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from tocsin.client.inner.resolver import NameUnknown, Resolver

KEEP_S = 30.0
ANSWER_LIMIT = 4 << 20
"""Bytes of an answer that are read at most."""

WRITE_AT_ONCE = 16_384
TOO_LARGE = f"the answer has more than {ANSWER_LIMIT} bytes"


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


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._deadline.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        for start in range(0, len(buffer), WRITE_AT_ONCE):
            self._inner.write(buffer[start : start + WRITE_AT_ONCE], self._deadline.left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
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
        try:
            addresses = self._resolver.find(host, port, self._deadline.left(httpcore.ConnectTimeout))
        except NameUnknown as error:
            raise (httpcore.ConnectTimeout if error.late else httpcore.ConnectError)(str(error)) from None
        refused: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            left = self._deadline.left(httpcore.ConnectTimeout)
            try:
                return _Stream(
                    self._inner.connect_tcp(address, port, left, local_address, socket_options), self._deadline
                )
            except httpcore.ConnectError as error:
                refused = error
        raise refused


class Line:
    """The connections of one process."""

    def __init__(self, connections: int, ssl_context: ssl.SSLContext | None, resolver: Resolver) -> None:
        self._deadline = Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_S,
            network_backend=_Backend(self._deadline, resolver),
        )

    def send(self, request: httpx.Request) -> httpx.Response:
        """Sends and waits for the whole answer.

        Raises:
            httpx.TransportError: no answer; httpx.TimeoutException among them where there was no time.
        """
        self._deadline.at = time.monotonic() + request.extensions["timeout"]["read"]
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        wanted = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.read(), extensions=request.extensions
        )
        try:
            answer = self._pool.handle_request(wanted)
            try:
                body = read_limited(answer.iter_stream())
            finally:
                answer.close()
        except httpcore.TimeoutException as error:
            raise httpx.TimeoutException(str(error)) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise httpx.TransportError(str(error)) from error
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))

    def close(self) -> None:
        """Closes every connection."""
        self._pool.close()


def read_limited(parts: Iterable[bytes]) -> bytes:
    """All parts together.

    Raises:
        httpx.TransportError: more than an answer has.
    """
    whole = bytearray()
    for part in parts:
        whole += part
        if len(whole) > ANSWER_LIMIT:
            raise httpx.TransportError(TOO_LARGE)
    return bytes(whole)
