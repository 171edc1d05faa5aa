"""What a caller sends, within limits.

Receives the pieces of a request as they come. Gives the whole, unpacked, or a refusal: too large, too slow, packed in a
way that is not known, or unpacking to more than it may.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tocsin.app.http.problem import Refusal

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
PACKED = 31
"""What tells zlib that the bytes are gzip."""


class Disconnected(Exception):
    """The caller has gone before all was sent."""


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limit: int, timeout_s: float) -> bytes:
    """The body, at most `limit` bytes before and after unpacking.

    Raises:
        Refusal: 413, 408, 415 or 400.
        Disconnected: nobody waits for an answer.
    """
    told = headers.get(b"content-length", b"")
    if told.isdigit() and len(told) < 19 and int(told) > limit:
        raise too_large(limit)
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in {b"identity", b"gzip"}:
        raise Refusal(415, "media_type", "a body may be packed with gzip only", field="Content-Encoding")
    message = await _within(receive, timeout_s)
    body = message.get("body", b"")
    if message.get("more_body"):
        body = await _gather(body, receive, limit, timeout_s)
    if len(body) > limit:
        raise too_large(limit)
    return unpack(body, limit) if encoding == b"gzip" else bytes(body)


def unpack(body: bytes, limit: int) -> bytes:
    """A gzip body as it was, at most `limit` bytes.

    Raises:
        Refusal: 413 where it unpacks to more, 400 where it is no gzip.
    """
    unpacking = zlib.decompressobj(PACKED)
    try:
        whole = unpacking.decompress(body, limit + 1)
    except zlib.error:
        raise Refusal(400, "malformed", "the body is not gzip") from None
    if len(whole) > limit:
        raise too_large(limit)
    if not unpacking.eof:
        raise Refusal(400, "malformed", "the gzip body ends too early")
    return whole


def too_large(limit: int) -> Refusal:
    """The refusal of a body of more than `limit` bytes."""
    return Refusal(413, "too_large", f"at most {limit} bytes are taken")


async def _gather(first: bytes, receive: Receive, limit: int, timeout_s: float) -> bytes:
    loop = asyncio.get_running_loop()
    ends = loop.time() + timeout_s
    parts, size, more = [first], len(first), True
    while more:
        message = await _within(receive, max(0.0, ends - loop.time()))
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
        more = bool(message.get("more_body"))
    return b"".join(parts)


async def _within(receive: Receive, timeout_s: float) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(timeout_s):
            message = await receive()
    except TimeoutError:
        raise Refusal(408, "timeout", f"the body did not arrive within {timeout_s:g} s") from None
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message
