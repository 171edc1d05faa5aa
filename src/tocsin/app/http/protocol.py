"""The connection below ASGI, guarded.

Receives bytes of a caller. Gives requests whose heads came in time and are not too large; anything else is answered with
a problem and closed, so that a slow or endless head holds nothing. Bodies are guarded in body.py.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tocsin.app.http.problem import JSON, Refusal, body_of

HEAD_LIMIT = 32_768
"""Bytes that a request's line and headers may have."""

HEAD_TIMEOUT_S = 10.0


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a limit and a time for heads."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = True
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has connected and owes a head."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a head or a body."""
        super().data_received(data)
        if not self._in_head:
            if self._timer is not None:
                self._rest()
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT:
            self._refuse(Refusal(431, "too_large", f"a head has at most {HEAD_LIMIT} bytes"))
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is there."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is answered as everything else is."""
        self._refuse(Refusal(400, "malformed", msg))

    def _give_up(self) -> None:
        self._timer = None
        cycle = getattr(self, "cycle", None)
        if cycle is not None and not cycle.response_complete:
            return
        self._refuse(Refusal(408, "timeout", f"a head must arrive within {HEAD_TIMEOUT_S:g} s"))

    def _refuse(self, refusal: Refusal) -> None:
        self._rest()
        if self.transport.is_closing():
            return
        body = body_of(refusal, "", "en")
        head = f"HTTP/1.1 {refusal.status} Refused\r\nconnection: close\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"content-type: " + JSON + b"\r\n\r\n" + body)
        self.transport.close()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
