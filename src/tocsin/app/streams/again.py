"""Dead letters on their way back, once what was wrong is mended.

Receives a transport on the dead letters. Gives each message, as it was, to the subject or topic that it came from, and
acknowledges the letter. Never sends anywhere else, whatever a letter says, and never what was cut: that one still stands
where it came from.
"""

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct

from tocsin.app.streams.letter import OWN
from tocsin.app.streams.line import Delay
from tocsin.app.streams.message import Letter, Message
from tocsin.app.streams.transport import Transport
from tocsin.model.errors import StreamDown

BATCH = 500
WAIT_S = 0.2


class Returned(Struct):
    """How many letters were sent back, and how many were not and stay where they are."""

    sent: int = 0
    kept: int = 0


async def send_back(transport: Transport, may: Callable[[str], bool], until_idle_s: float) -> Returned:
    """Sends back every letter whose source it `may`, until none has come for so many seconds and none waits.

    Raises:
        StreamDown: the broker cannot be reached, or does not confirm; what was not acknowledged comes again next time.
        StreamUnfit: the stream, topic or consumer of the dead letters is absent.
    """
    done = Returned()
    await transport.open()
    now = asyncio.get_running_loop().time
    last_at = now()
    while now() - last_at < until_idle_s or await _lag(transport):
        messages = await transport.fetch(BATCH, WAIT_S)
        if messages:
            letters = [letter for message in messages if (letter := letter_back(message, may)) is not None]
            await _send(transport, letters)
            await transport.acknowledge(messages)
            done.sent += len(letters)
            done.kept += len(messages) - len(letters)
            last_at = now()
    return done


def letter_back(message: Message, may: Callable[[str], bool]) -> Letter | None:
    """The message as it first came; None where it is cut, or came from nowhere that it may go."""
    own = {name.lower().removeprefix(OWN): value for name, value in message.headers if name.lower().startswith(OWN)}
    source = own.get("source", "")
    if "cut" in own or not may(source):
        return None
    headers = tuple((name, value) for name, value in message.headers if not name.lower().startswith(OWN))
    name = f"sent back {message.place.source} {message.place.partition or 0} {message.place.number}"
    return Letter(source, name, message.body, headers, message.key)


def is_under(subject: str, pattern: str) -> bool:
    """Whether a subject of NATS is one of those that a pattern means.

    >>> is_under("a.b.c", "a.>"), is_under("a.b", "a.*"), is_under("a.b.c", "a.*"), is_under("a", "a.>")
    (True, True, False, False)
    """
    tokens, wanted = subject.split("."), pattern.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        if len(tokens) <= len(wanted):
            return False
        tokens = tokens[: len(wanted)]
    return len(tokens) == len(wanted) and all(
        asked in ("*", token) for token, asked in zip(tokens, wanted, strict=True)
    )


async def _send(transport: Transport, letters: Sequence[Letter]) -> None:
    left, delay = list(letters), Delay()
    for _ in range(5):
        left = await transport.send(left) if left else []
        if not left:
            return
        await asyncio.sleep(delay.next_s())
    raise StreamDown("the broker does not confirm")


async def _lag(transport: Transport) -> int:
    """How many wait; one where it cannot be known yet, because a member is still joining."""
    try:
        return await transport.lag()
    except StreamDown:
        return 1
