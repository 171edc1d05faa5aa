"""What a client has in one process: counts, breaker, connections, outbox.

Receives a client's settings. Gives its parts, each made when it is first needed. A process that was forked gets its own:
sockets, locks and threads of the parent are never used in a child.
"""

import asyncio
import atexit
import functools
import os
import threading
import weakref
from collections.abc import Awaitable, Callable

from msgspec import Struct

from tocsin.client.errors import TocsinClientError
from tocsin.client.inner.answer import Answer, Receipt, read_receipt
from tocsin.client.inner.breaker import Breaker, Limits
from tocsin.client.inner.line import AsyncLine, Line
from tocsin.client.inner.outbox import Outbox
from tocsin.client.inner.talk import Talker
from tocsin.client.inner.wire import AsyncSend, Outgoing, Send, ask, over, over_async
from tocsin.client.options import EVENTS, READY, Setup
from tocsin.client.stats import Counts, Stats

PROBE_WITHIN_S = 1.0
EXIT_S = 2.0
"""What the end of the program may take, for events that still wait."""


class Way(Struct, frozen=True):
    """How requests are sent, and how that is ended."""

    send: Send
    close: Callable[[], None]


class AsyncWay(Struct, frozen=True):
    """The same, on a loop."""

    send: AsyncSend
    close: Callable[[], Awaitable[None]]


class House:
    """The parts of one client in one process."""

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        self.setup = setup
        self.counts = Counts()
        limits = Limits(options.open_after, options.open_s, options.open_longest_s)
        self.breaker = Breaker(limits, options.timing.clock, options.timing.chance)
        self.breaker.probe = self._start_probe
        self.talker = Talker(setup, self.breaker, self.counts)
        self.outbox = Outbox(self.post, options, self.counts, self.talker.complain)
        self._lock = threading.RLock()
        self._way: Way | None = None
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncWay]
        self._by_loop = weakref.WeakKeyDictionary()
        at_exit = functools.partial(_close_at_exit, weakref.ref(self), os.getpid())
        atexit.register(at_exit)
        weakref.finalize(self, atexit.unregister, at_exit).atexit = False

    def send(self, outgoing: Outgoing) -> Answer:
        """Sends over the connections of this process, and waits on this thread."""
        with self._lock:
            if self._way is None:
                self._way = self._open_way()
            send = self._way.send
        return send(outgoing)

    async def send_async(self, outgoing: Outgoing) -> Answer:
        """Sends over the connections of the running loop."""
        loop = asyncio.get_running_loop()
        way = self._by_loop.get(loop)
        if way is None:
            way = self._by_loop[loop] = self._open_async_way()
        return await way.send(outgoing)

    def stats(self) -> Stats:
        """The counts as they are now."""
        return self.counts.stats(self.outbox.waiting, str(self.breaker.state))

    def post(self, body: bytes, packed: bool, within_s: float) -> Receipt:
        """Sends a batch of events.

        Raises:
            TocsinClientError: it was not taken.
        """
        answer = ask(self.send, Outgoing("POST", EVENTS, body, within_s, packed))
        return read_receipt(answer, self.setup.options.timing.wall())

    def close(self, timeout_s: float) -> bool:
        """Sends what waits and closes every connection; whether everything is gone."""
        done = self.outbox.close(timeout_s)
        with self._lock:
            way, self._way = self._way, None
        if way is not None:
            way.close()
        return done

    async def close_loop(self) -> None:
        """Closes the connections of the running loop."""
        way = self._by_loop.pop(asyncio.get_running_loop(), None)
        if way is not None:
            await way.close()

    def _open_way(self) -> Way:
        make = self.setup.options.transport
        if make is None:
            line = Line(self.setup)
            return Way(line.send, line.close)
        transport = make()
        return Way(over(transport, self.setup), transport.close)

    def _open_async_way(self) -> AsyncWay:
        make = self.setup.options.async_transport
        if make is None:
            line = AsyncLine(self.setup)
            return AsyncWay(line.send, line.close)
        transport = make()
        return AsyncWay(over_async(transport, self.setup), transport.aclose)

    def _start_probe(self) -> None:
        thread = threading.Thread(target=self._probe, name="tocsin-probe", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the process may start no thread any more: the next caller tries
            self.breaker.probed(answers=True)

    def _probe(self) -> None:
        """Whether anything answers: an event is only tried where it does."""
        try:
            answer = ask(self.send, Outgoing("GET", READY, b"", PROBE_WITHIN_S))
        except TocsinClientError:
            self.breaker.probed(answers=False)
        else:
            self.breaker.probed(answers=answer.status < 500)


def _close_at_exit(house: weakref.ref[House], pid: int) -> None:
    found = house()
    if found is not None and os.getpid() == pid:
        found.close(EXIT_S)


class Houses:
    """The house of each process that this client has lived in; only the present one's is kept."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._by_pid: dict[int, House] = {}

    def here(self) -> House:
        """The house of this process. Needs no lock: one that was held when the process was forked would stay so."""
        pid = os.getpid()
        found = self._by_pid.get(pid)
        if found is not None:
            return found
        for other in [each for each in self._by_pid if each != pid]:
            self._by_pid.pop(other, None)
        return self._by_pid.setdefault(pid, House(self._setup))
