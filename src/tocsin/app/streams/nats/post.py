"""The way out to NATS: letters published together, confirmed one by one.

Receives letters. Gives back those that the server has not confirmed. Each letter has a number of its own in the subject on
which its answer comes, so that the answer to an earlier try is never taken for that to a later one.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import quote

import msgspec
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg

from tocsin.app.streams.letter import fit, plain
from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Letter

ANSWER_S = 5.0
LOOK_S = 0.2
ROOM = 1_024
"""Bytes of a message that are left for its subject and its id."""

_NAME = re.compile(r"[!-9;-~]+")
_STATUS = {"status", "description"}
_UNQUOTED = "/:@!$&'()*+,;="


class Refused(Struct):
    """Why the server did not take a letter."""

    description: str = ""


class Answer(Struct):
    """What the server says of one letter."""

    stream: str = ""
    error: Refused | None = None


_decode = msgspec.json.Decoder(Answer).decode


class Post:
    """One inbox for every answer of a connection."""

    def __init__(self, client: Client, line: Line) -> None:
        self._client = client
        self._line = line
        self._inbox = client.new_inbox()
        self._next = 0
        self._waiting: set[int] = set()
        self._refused: set[int] = set()
        self._answered = asyncio.Event()

    async def open(self) -> None:
        """Begins to listen."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._receive, pending_msgs_limit=0, pending_bytes_limit=0)

    async def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """Publishes and waits for the answers; answers with the letters that are not confirmed."""
        self._refused.clear()
        self._waiting.clear()
        self._answered.clear()
        numbers = [await self._publish(letter) for letter in letters]
        await self._wait()
        lost = self._refused | self._waiting
        if self._waiting:
            self._line.note("a letter was not confirmed in time")
        self._waiting.clear()
        return [letter for letter, number in zip(letters, numbers, strict=True) if number is None or number in lost]

    async def _publish(self, letter: Letter) -> int | None:
        """Sends a letter on its way; None where it is larger than the server takes."""
        fitting = fit(letter, self._client.max_payload - ROOM)
        if fitting is None:
            self._line.note(f"a letter of {len(letter.body)} bytes is larger than the server takes")
            return None
        headers = {name: plain(value) for name, value in fitting.headers if _is_forwarded(name)}
        headers["Nats-Msg-Id"] = quote(letter.id, _UNQUOTED)
        number = self._next = self._next + 1
        self._waiting.add(number)
        await self._client.publish(letter.to, fitting.body, reply=f"{self._inbox}.{number}", headers=headers)
        return number

    async def _wait(self) -> None:
        """Until every letter is answered, or the connection is lost, or it takes too long."""
        ends = time.monotonic() + ANSWER_S
        while self._waiting and time.monotonic() < ends and self._client.is_connected:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), LOOK_S)

    async def _receive(self, message: Msg) -> None:
        number = int(message.subject.rpartition(".")[2])
        if number not in self._waiting:
            return
        if reason := _reason(message):
            self._refused.add(number)
            self._line.note(f"a letter was refused: {reason}")
        self._waiting.discard(number)
        if not self._waiting:
            self._answered.set()


def _is_forwarded(name: str) -> bool:
    """Whether a header may go along: those of NATS would command the server, or be taken for its words by a reader."""
    lower = name.lower()
    return _NAME.fullmatch(name) is not None and lower not in _STATUS and not lower.startswith("nats-")


def _reason(message: Msg) -> str:
    """Why a letter was not taken; empty where it was."""
    if not message.data:
        return "no stream takes the subject"
    try:
        answer = _decode(message.data)
    except msgspec.MsgspecError:
        return "the answer is none of JetStream"
    if answer.error is not None:
        return answer.error.description or "the server gives no reason"
    return "" if answer.stream else "the answer is none of JetStream"
