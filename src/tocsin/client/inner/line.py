"""Connections to one service, kept for the next request.

Receives requests with the seconds that they may take. Gives whole answers. Whoever needs a connection takes the one that
was given back last, so that the cost of a request does not grow with their number.
"""

import asyncio
import ssl
import threading
import time

import httpcore
from msgspec import Struct

from tocsin.client.inner.answer import Answer
from tocsin.client.inner.deadline import Deadline, DeadlineBackend
from tocsin.client.inner.resolver import Resolver
from tocsin.client.inner.wire import Outgoing, check_size
from tocsin.client.options import Setup

KEEP_S = 30.0


class Place(Struct, frozen=True):
    """Where the service is, as httpcore wants it."""

    origin: httpcore.Origin
    targets: dict[str, httpcore.URL]
    ssl_context: ssl.SSLContext | None


def place_of(setup: Setup) -> Place:
    """Where a client's service is."""
    targets = {
        path: httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        for path, url in setup.urls.items()
    }
    return Place(next(iter(targets.values())).origin, targets, setup.ssl_context)


class Line:
    """The connections of one process, for callers that wait on their thread."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._place = place_of(setup)
        self._deadline = Deadline()
        self._backend = DeadlineBackend(self._deadline, Resolver(setup.options.timing.clock))
        self._free = threading.Semaphore(setup.options.connections)
        self._idle: list[httpcore.HTTPConnection] = []

    def send(self, outgoing: Outgoing) -> Answer:
        """Sends and waits for the whole answer.

        Raises:
            Exception: whatever httpcore raises, in time.
        """
        self._deadline.at = time.monotonic() + outgoing.within_s
        if not self._free.acquire(timeout=outgoing.within_s):
            raise httpcore.PoolTimeout("every connection is in use")
        try:
            connection = self._take()
            try:
                return self._exchange(connection, outgoing)
            finally:
                if connection.is_idle() and not connection.is_closed():
                    self._idle.append(connection)
                else:
                    connection.close()
        finally:
            self._free.release()

    def close(self) -> None:
        """Closes every connection that is not in use."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, connection: httpcore.HTTPConnection, outgoing: Outgoing) -> Answer:
        response = connection.handle_request(_request(self._setup, self._place, outgoing))
        try:
            whole = bytearray()
            for part in response.iter_stream():
                whole += part
                check_size(whole)
        finally:
            response.close()
        return Answer(response.status, _headers(response), bytes(whole))

    def _take(self) -> httpcore.HTTPConnection:
        """A connection that still stands, or a new one."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                place = self._place
                return httpcore.HTTPConnection(place.origin, place.ssl_context, KEEP_S, network_backend=self._backend)
            if not connection.has_expired():
                return connection
            connection.close()


class AsyncLine:
    """The connections of one loop. Whoever asks sets the time limit around it."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._place = place_of(setup)
        self._free = asyncio.Semaphore(setup.options.connections)
        self._idle: list[httpcore.AsyncHTTPConnection] = []

    async def send(self, outgoing: Outgoing) -> Answer:
        """Sends and waits for the whole answer.

        Raises:
            Exception: whatever httpcore raises.
        """
        async with self._free:
            connection = await self._take()
            try:
                return await self._exchange(connection, outgoing)
            finally:
                if connection.is_idle() and not connection.is_closed():
                    self._idle.append(connection)
                else:
                    await connection.aclose()

    async def close(self) -> None:
        """Closes every connection that is not in use."""
        while self._idle:
            await self._idle.pop().aclose()

    async def _exchange(self, connection: httpcore.AsyncHTTPConnection, outgoing: Outgoing) -> Answer:
        response = await connection.handle_async_request(_request(self._setup, self._place, outgoing))
        try:
            whole = bytearray()
            async for part in response.aiter_stream():
                whole += part
                check_size(whole)
        finally:
            await response.aclose()
        return Answer(response.status, _headers(response), bytes(whole))

    async def _take(self) -> httpcore.AsyncHTTPConnection:
        """A connection that still stands, or a new one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(self._place.origin, self._place.ssl_context, KEEP_S)


def _request(setup: Setup, place: Place, outgoing: Outgoing) -> httpcore.Request:
    length = (b"content-length", str(len(outgoing.body)).encode())
    packed = ((b"content-encoding", b"gzip"),) if outgoing.packed else ()
    return httpcore.Request(
        outgoing.method,
        place.targets[outgoing.path],
        headers=[*setup.headers, length, *packed],
        content=outgoing.body,
        extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), outgoing.within_s)},
    )


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
