"""One request over HTTP, for both clients.

Receives what is to be sent. Gives the answer, or why there is none. This is the client's outermost edge: whatever a
transport raises, also one that the user brought, becomes an error of the client's own.
"""

import asyncio
from collections.abc import Callable

import httpx
from msgspec import Struct

from tocsin.client.errors import Fault, TimedOut, Unanswered, Unreachable
from tocsin.client.inner.answer import Answer
from tocsin.client.inner.transport import ANSWER_LIMIT, TOO_LARGE, read_limited
from tocsin.client.options import Setup


class Outgoing(Struct, frozen=True):
    """What is to be sent where; the whole answer is wanted within so many seconds."""

    method: str
    path: str
    body: bytes
    within_s: float
    packed: bool = False


def ask(send: Callable[[httpx.Request], httpx.Response], setup: Setup, outgoing: Outgoing) -> Answer:
    """Sends and waits on this thread.

    Raises:
        Unanswered: there is no answer.
    """
    try:
        response = send(_request(setup, outgoing))
        try:
            parts = response.stream
            assert isinstance(parts, httpx.SyncByteStream)
            body = read_limited(parts)
        finally:
            response.close()
    except Exception as error:  # the edge to the network: nothing of it may reach the host
        raise _unanswered(error) from error
    return Answer(response.status_code, response.headers, body)


async def ask_async(transport: httpx.AsyncBaseTransport, setup: Setup, outgoing: Outgoing) -> Answer:
    """Sends and waits on this loop.

    Raises:
        Unanswered: there is no answer.
    """
    try:
        async with asyncio.timeout(outgoing.within_s):
            response = await transport.handle_async_request(_request(setup, outgoing))
            try:
                body = await _read(response)
            finally:
                await response.aclose()
    except Exception as error:  # the edge to the network: nothing of it may reach the host
        raise _unanswered(error) from error
    return Answer(response.status_code, response.headers, body)


def _request(setup: Setup, outgoing: Outgoing) -> httpx.Request:
    headers = [*setup.headers, (b"content-encoding", b"gzip")] if outgoing.packed else setup.headers
    within = dict.fromkeys(("connect", "read", "write", "pool"), outgoing.within_s)
    return httpx.Request(
        outgoing.method,
        setup.urls[outgoing.path],
        headers=headers,
        content=outgoing.body,
        extensions={"timeout": within},
    )


async def _read(response: httpx.Response) -> bytes:
    parts = response.stream
    assert isinstance(parts, httpx.AsyncByteStream)
    whole = bytearray()
    async for part in parts:
        whole += part
        if len(whole) > ANSWER_LIMIT:
            raise httpx.TransportError(TOO_LARGE)
    return bytes(whole)


def _unanswered(error: Exception) -> Unanswered:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return TimedOut(Fault("timeout", "no answer in time"))
    return Unreachable(Fault("unreachable", f"no answer: {type(error).__name__}"))
