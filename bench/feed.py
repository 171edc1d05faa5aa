"""A stream of events through a real NATS server, for the crash harness: sent until the broker has acknowledged them, also
across a broker that is killed, and what came out as decisions.
"""

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import nats
from nats.errors import Error as NatsError

from tests.servers.broker import NatsRig

AT_ONCE = 20
PAUSE_S = 0.05
"""400 events a second at most: a service that is down for most of the time must be able to catch up."""

PATIENCE_S = 60.0


class Feed:
    """A producer that sends until it is told to stop; `acknowledged` are the ids that the broker has taken."""

    def __init__(self, folder: Path, events: Iterator[bytes]) -> None:
        self.rig = NatsRig(folder)
        self.rig.make()
        self.acknowledged: set[str] = set()
        self._events = events
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send_all()))
        self._thread.start()

    def kill_broker(self) -> None:
        """Ends the broker as a crash does and starts it again with what it had."""
        self.rig.kill()
        self.rig.restart()

    def end(self) -> None:
        """Sends nothing more."""
        self._over.set()
        self._thread.join(PATIENCE_S)

    def decisions(self) -> dict[str, list[object]]:
        """Every decision that was published, by event id."""
        found: dict[str, list[object]] = {}
        for body, _ in self.rig.letters("decisions"):
            decision = msgspec.json.decode(body)
            found.setdefault(decision["event_id"], []).append(decision)
        return found

    def stop(self) -> None:
        self._over.set()
        self.rig.stop()

    async def _send_all(self) -> None:
        waiting: list[bytes] = []
        while not self._over.is_set():
            try:
                await self._send(waiting)
            except (NatsError, OSError, TimeoutError):
                await asyncio.sleep(PAUSE_S)

    async def _send(self, waiting: list[bytes]) -> None:
        """Until something fails; what was not acknowledged then waits, and is sent again under the same id."""
        client = await nats.connect(self.rig.server.url, allow_reconnect=False, connect_timeout=1, error_cb=_ignore)
        try:
            stream = client.jetstream(timeout=2)
            while not self._over.is_set():
                waiting += itertools.islice(self._events, AT_ONCE - len(waiting))
                await asyncio.gather(*[stream.publish("tocsin.events", event) for event in waiting])
                self.acknowledged.update(json.loads(event)["id"] for event in waiting)
                waiting.clear()
                await asyncio.sleep(PAUSE_S)
        finally:
            await client.close()


async def _ignore(_: Exception) -> None:
    """The broker is killed on purpose."""
