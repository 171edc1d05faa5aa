"""One request and its answer, as the lanes see it.

Receives an ASGI scope. Gives headers at hand, who calls, and one way to answer. Never answers twice.
"""

import gzip
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tocsin.app.access.ring import Caller
from tocsin.app.http.body import Receive
from tocsin.app.http.problem import JSON as PROBLEM
from tocsin.app.http.problem import Refusal, body_of, language_of

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
PACK_FROM = 1_400
"""Bytes from which an answer is packed for those who take gzip: one packet's worth."""


class Exchange:
    """One request. `extra` are headers that every answer to it bears."""

    __slots__ = ("caller", "extra", "headers", "method", "path", "receive", "request_id", "scope", "send", "status")

    def __init__(self, scope: Mapping[str, Any], receive: Receive, send: Send, fresh_id: bytes) -> None:
        """`fresh_id` names the request where the caller did not."""
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.caller: Caller | None = None
        self.status = 0
        sent = self.headers.get(b"x-request-id", b"")
        self.request_id = sent if REQUEST_ID.fullmatch(sent) else fresh_id
        self.extra: Headers = [(b"x-request-id", self.request_id)]

    async def answer(self, status: int, body: bytes, kind: bytes = b"application/json") -> None:
        """Sends the whole answer."""
        headers = [(b"content-type", kind), *self.extra]
        if len(body) >= PACK_FROM and b"gzip" in self.headers.get(b"accept-encoding", b""):
            body = gzip.compress(body, 1, mtime=0)
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        headers.append((b"content-length", str(len(body)).encode()))
        self.status = status
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, refusal: Refusal) -> None:
        """Sends a problem."""
        if refusal.retry_after_s:
            self.extra.append((b"retry-after", str(refusal.retry_after_s).encode()))
        if refusal.status == 401:
            self.extra.append((b"www-authenticate", b'Bearer realm="tocsin"'))
        lang = language_of(self.headers.get(b"accept-language", b""))
        await self.answer(refusal.status, body_of(refusal, self.request_id.decode(), lang), PROBLEM)
