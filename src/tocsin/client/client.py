"""The two clients: one that waits on its thread, one that waits on its loop.

Receives events. Gives decisions within a time budget, and sends what needs no answer in the background. Both decide in
the same way; they differ only in how they wait.
"""

import asyncio
from collections.abc import Mapping
from typing import Self

from tocsin.client.decision import Decision
from tocsin.client.errors import Unanswered
from tocsin.client.inner.caller import Caller
from tocsin.client.inner.house import House
from tocsin.client.inner.talk import Ask, Pause, Reply
from tocsin.client.inner.wire import Outgoing, ask, ask_async
from tocsin.client.options import DECIDE

CLOSE_S = 5.0


class Client(Caller):
    """Asks Tocsin and waits on the calling thread. One for a whole program: threads may share it, forks get their own.

    >>> client = Client("http://127.0.0.1:8790", "tocsin_number_secret", on_failure={"payment.transfer": "challenge"})
    >>> client.stats.breaker
    'closed'
    """

    def decide(self, event: Mapping[str, object], *, timeout_s: float | None = None) -> Decision:
        """What Tocsin concludes of an event, or the outcome that was chosen for when it does not answer in time.

        An event without `id` gets one, an event without `time` gets the present. Every try carries the same id, so that
        the event counts once.

        Raises:
            TocsinClientError: no answer, and the event's type is set to `raise`.
        """
        house = self._houses.here()
        talk = house.talker.decide(event, timeout_s)
        reply: Reply = None
        try:
            while True:
                step = talk.send(reply)
                reply = None
                if isinstance(step, Pause):
                    self._setup.options.timing.sleep(step.seconds)
                else:
                    reply = self._ask(house, step)
        except StopIteration as done:
            decision: Decision = done.value
            return decision
        finally:
            talk.close()

    def check(self, timeout_s: float = CLOSE_S) -> None:
        """Whether the service answers and takes this key; for a program's start.

        Raises:
            TocsinClientError: why not.
        """
        self._check(timeout_s)

    def flush(self, timeout_s: float = CLOSE_S) -> bool:
        """Sends what waits at once; whether everything is gone within the time."""
        return self._houses.here().outbox.flush(timeout_s)

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Sends what waits, ends the thread, closes every connection; whether everything is gone.

        Also done at the interpreter's end, within two seconds. A client that is used again opens anew.
        """
        return self._houses.here().close(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, house: House, step: Ask) -> Reply:
        try:
            return ask(house.send, Outgoing("POST", DECIDE, step.raw, step.within_s))
        except Unanswered as error:
            return error


class AsyncClient(Caller):
    """Asks Tocsin and waits on the running asyncio loop. `send` and `stats` do not wait and are plain methods."""

    async def decide(self, event: Mapping[str, object], *, timeout_s: float | None = None) -> Decision:
        """What Tocsin concludes of an event, or the outcome that was chosen for when it does not answer in time.

        An event without `id` gets one, an event without `time` gets the present. Every try carries the same id, so that
        the event counts once.

        Raises:
            TocsinClientError: no answer, and the event's type is set to `raise`.
        """
        house = self._houses.here()
        talk = house.talker.decide(event, timeout_s)
        reply: Reply = None
        try:
            while True:
                step = talk.send(reply)
                reply = None
                if isinstance(step, Pause):
                    await self._setup.options.timing.async_sleep(step.seconds)
                else:
                    reply = await self._ask(house, step)
        except StopIteration as done:
            decision: Decision = done.value
            return decision
        finally:
            talk.close()

    async def check(self, timeout_s: float = CLOSE_S) -> None:
        """Whether the service answers and takes this key; for a program's start.

        Raises:
            TocsinClientError: why not.
        """
        await asyncio.to_thread(self._check, timeout_s)

    async def flush(self, timeout_s: float = CLOSE_S) -> bool:
        """Sends what waits at once; whether everything is gone within the time."""
        return await asyncio.to_thread(self._houses.here().outbox.flush, timeout_s)

    async def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Sends what waits, ends the thread, closes every connection of this loop; whether everything is gone.

        Also done at the interpreter's end, within two seconds. A client that is used again opens anew.
        """
        house = self._houses.here()
        await house.close_loop()
        return await asyncio.to_thread(house.close, timeout_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _ask(self, house: House, step: Ask) -> Reply:
        try:
            return await ask_async(house.send_async, Outgoing("POST", DECIDE, step.raw, step.within_s))
        except Unanswered as error:
            return error
