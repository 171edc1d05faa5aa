"""One request over HTTP, for both clients.

Receives what is to be sent, and who sends it. Gives the answer, or why there is none. This is the client's outermost
edge: whatever the network raises, also one that the user brought, becomes an error of the client's own.
"""

import asyncio
from collections.abc import Awaitable, Callable

import httpcore
import httpx
from msgspec import Struct

from tocsin.client.errors import Fault, TimedOut, Unanswered, Unreachable
from tocsin.client.inner.answer import Answer
from tocsin.client.options import Setup

ANSWER_LIMIT = 4 << 20
"""Bytes of an answer that are read at most."""


class Outgoing(Struct, frozen=True):
    """What is to be sent where; the whole answer is wanted within so many seconds."""

    method: str
    path: str
    body: bytes
    within_s: float
    packed: bool = False


Send = Callable[[Outgoing], Answer]
AsyncSend = Callable[[Outgoing], Awaitable[Answer]]


class TooMuch(Exception):
    """More than an answer has."""


def check_size(whole: bytearray) -> None:
    """Whether an answer may go on.

    Raises:
        TooMuch: it has more than it may.
    """
    if len(whole) > ANSWER_LIMIT:
        raise TooMuch(f"the answer has more than {ANSWER_LIMIT} bytes")


def ask(send: Send, outgoing: Outgoing) -> Answer:
    """Sends and waits on this thread.

    Raises:
        Unanswered: there is no answer.
    """
    try:
        return send(outgoing)
    except Exception as error:  # the edge to the network: nothing of it may reach the host
        raise _unanswered(error) from error


async def ask_async(send: AsyncSend, outgoing: Outgoing) -> Answer:
    """Sends and waits on this loop, no longer than it may take.

    Raises:
        Unanswered: there is no answer.
    """
    try:
        async with asyncio.timeout(outgoing.within_s):
            return await send(outgoing)
    except Exception as error:  # the edge to the network: nothing of it may reach the host
        raise _unanswered(error) from error


def over(transport: httpx.BaseTransport, setup: Setup) -> Send:
    """Sends over a transport that the user brought."""

    def send(outgoing: Outgoing) -> Answer:
        response = transport.handle_request(_request(setup, outgoing))
        try:
            whole = bytearray()
            assert isinstance(response.stream, httpx.SyncByteStream)
            for part in response.stream:
                whole += part
                check_size(whole)
        finally:
            response.close()
        return Answer(response.status_code, response.headers, bytes(whole))

    return send


def over_async(transport: httpx.AsyncBaseTransport, setup: Setup) -> AsyncSend:
    """Sends over a transport that the user brought."""

    async def send(outgoing: Outgoing) -> Answer:
        response = await transport.handle_async_request(_request(setup, outgoing))
        try:
            whole = bytearray()
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for part in response.stream:
                whole += part
                check_size(whole)
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, bytes(whole))

    return send


def _request(setup: Setup, outgoing: Outgoing) -> httpx.Request:
    return httpx.Request(
        outgoing.method,
        setup.urls[outgoing.path],
        headers=[*setup.headers, (b"content-encoding", b"gzip")] if outgoing.packed else setup.headers,
        content=outgoing.body,
        extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), outgoing.within_s)},
    )


def _unanswered(error: Exception) -> Unanswered:
    if isinstance(error, TimeoutError | httpx.TimeoutException | httpcore.TimeoutException):
        return TimedOut(Fault("timeout", "no answer in time"))
    return Unreachable(Fault("unreachable", f"no answer: {type(error).__name__}"))
