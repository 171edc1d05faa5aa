"""Messages of one consumer, asked for ahead.

Receives a connection. Gives messages as they come, at most two requests' worth at a time: the next request goes out as
soon as the last one is answered in full, so that messages arrive while others are being decided. Acknowledges nothing.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from tocsin.model.errors import StreamDown

EXPIRES_S = 10.0
BYTES = 8 << 20
"""Bytes that one request asks for at most."""

ACK = "$JS.ACK."
_OVER = {"404", "408"}
_FULL = ("Message Size Exceeds MaxBytes", "Batch Completed")


class Pull:
    """One inbox with at most one request out."""

    def __init__(self, client: Client, subject: str, batch: int) -> None:
        self._client = client
        self._subject = subject
        self._batch = batch
        self._inbox = client.new_inbox()
        self._left = 0
        self._over_at = 0.0
        self._fault = ""
        self._arrived = asyncio.Event()
        self.waiting: deque[Msg] = deque()

    async def open(self) -> None:
        """Begins to listen."""
        await self._client.subscribe(self._inbox, cb=self._receive, pending_msgs_limit=0, pending_bytes_limit=0)

    async def take(self, limit: int, wait_s: float) -> list[Msg]:
        """What has come, at most `limit`; waits for the first.

        Raises:
            StreamDown: the connection is closed, or the server refuses.
        """
        if not self.waiting:
            self._arrived.clear()
            await self._ask()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), wait_s)
        if not self.waiting:
            self.check()
        taken = [self.waiting.popleft() for _ in range(min(limit, len(self.waiting)))]
        await self._ask()
        return taken

    def put_back(self, messages: Iterable[Msg]) -> None:
        """Gives back what was taken and is not wanted yet."""
        self.waiting.extendleft(reversed(list(messages)))

    def check(self) -> None:
        """Whether anything can come.

        Raises:
            StreamDown: the connection is closed, or the server refuses.
        """
        if not self._client.is_connected:
            raise StreamDown("the connection was lost")
        if self._fault:
            raise StreamDown(self._fault)

    async def _ask(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self._client.is_connected or len(self.waiting) > self._batch or (self._left > 0 and now < self._over_at):
            return
        self._left = self._batch
        self._over_at = now + EXPIRES_S + 1
        request = {
            "batch": self._batch,
            "expires": int(EXPIRES_S * 1e9),
            "max_bytes": max(BYTES, self._client.max_payload + (1 << 16)),
        }
        await self._client.publish(self._subject, msgspec.json.encode(request), reply=self._inbox)

    async def _receive(self, message: Msg) -> None:
        if message.reply.startswith(ACK):
            self.waiting.append(message)
            self._left -= 1
        else:
            self._note(message.headers or {})
        self._arrived.set()
        if self._left <= 0 and not self._fault:
            await self._ask()

    def _note(self, headers: dict[str, str]) -> None:
        """What the server says of a request: it is over, or refused."""
        status, told = headers.get("Status", ""), headers.get("Description", "")
        if status in _OVER or told.startswith(_FULL):
            self._left = 0
        elif status == "503":
            self._fault = "the stream does not answer"
        elif status != "100":
            self._fault = f"the server refuses: {told or status}"
