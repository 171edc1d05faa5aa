"""What the consumer asks of a broker.

There are two: `nats/transport.py` and `kafka/transport.py`. Whoever writes a third begins with `tests/contracts/
test_transports.py`, which says what each must keep. A transport turns everything that its library raises into StreamDown
or StreamUnfit, counts nothing, and waits in no method for longer than it is told to.
"""

from collections.abc import Sequence
from typing import Protocol

from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Letter, Message


class Transport(Protocol):
    """A stream with a remembered position, and a way to publish."""

    line: Line
    """Whether the broker can be reached."""

    async def open(self) -> None:
        """Connects, and goes back to the first message that was not acknowledged. May be called again at any time.

        Raises:
            StreamDown: the broker cannot be reached now.
            StreamUnfit: the stream, topic or consumer is absent or would lose messages.
        """

    async def fetch(self, limit: int, wait_s: float) -> list[Message]:
        """Up to `limit` messages in their order; returns as soon as there is one, empty after `wait_s`.

        Raises:
            StreamDown: open it again.
        """

    async def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """Publishes; answers with the letters that the broker has not confirmed.

        Raises:
            StreamDown: open it again.
        """

    async def acknowledge(self, messages: Sequence[Message]) -> None:
        """Says that these, and so everything before them, need not come again. That may get lost: they come again then.

        Raises:
            StreamDown: open it again.
        """

    async def keep(self, messages: Sequence[Message]) -> None:
        """Says that these are still being worked on.

        Raises:
            StreamDown: open it again.
        """

    async def lag(self) -> int:
        """How many messages wait, those delivered and not acknowledged included.

        Raises:
            StreamDown: it cannot be known now.
        """

    async def close(self) -> None:
        """Ends the connection after what was acknowledged has been said; raises nothing."""
