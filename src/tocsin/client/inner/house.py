"""What a client has in one process: counts, breaker, connections, outbox.

Receives a client's settings. Gives its parts, each made when it is first needed. A process that was forked gets its own:
sockets, locks and threads of the parent are never used in a child.
"""

import atexit
import functools
import os
import threading
import weakref
from asyncio import AbstractEventLoop

import httpx

from tocsin.client.errors import TocsinClientError
from tocsin.client.inner.answer import Receipt, read_receipt
from tocsin.client.inner.breaker import Breaker, Limits
from tocsin.client.inner.outbox import Outbox
from tocsin.client.inner.resolver import Resolver
from tocsin.client.inner.talk import Talker
from tocsin.client.inner.transport import KEEP_S, Line
from tocsin.client.inner.wire import Outgoing, ask
from tocsin.client.options import EVENTS, READY, Setup
from tocsin.client.stats import Counts, Stats

PROBE_WITHIN_S = 1.0
EXIT_S = 2.0
"""What the end of the program may take, for events that still wait."""


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
        self._lock = threading.Lock()
        self._transport: httpx.BaseTransport | Line | None = None
        self._by_loop: weakref.WeakKeyDictionary[AbstractEventLoop, httpx.AsyncBaseTransport]
        self._by_loop = weakref.WeakKeyDictionary()
        at_exit = functools.partial(_close_at_exit, weakref.ref(self), os.getpid())
        atexit.register(at_exit)
        weakref.finalize(self, atexit.unregister, at_exit).atexit = False

    def send(self, request: httpx.Request) -> httpx.Response:
        """Sends over the connections of this process, and waits on this thread."""
        with self._lock:
            if self._transport is None:
                made = self.setup.options.transport
                self._transport = made() if made is not None else self._make_line()
            transport = self._transport
        return transport.send(request) if isinstance(transport, Line) else transport.handle_request(request)

    def async_transport(self, loop: AbstractEventLoop) -> httpx.AsyncBaseTransport:
        """The connections of a loop."""
        found = self._by_loop.get(loop)
        if found is None:
            made = self.setup.options.async_transport
            found = self._by_loop[loop] = made() if made is not None else self._make_async_transport()
        return found

    def stats(self) -> Stats:
        """The counts as they are now."""
        return self.counts.stats(self.outbox.waiting, str(self.breaker.state))

    def post(self, body: bytes, packed: bool, within_s: float) -> Receipt:
        """Sends a batch of events.

        Raises:
            TocsinClientError: it was not taken.
        """
        answer = ask(self.send, self.setup, Outgoing("POST", EVENTS, body, within_s, packed))
        return read_receipt(answer, self.setup.options.timing.wall())

    def close(self, timeout_s: float) -> bool:
        """Sends what waits and closes every connection; whether everything is gone."""
        done = self.outbox.close(timeout_s)
        with self._lock:
            transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
        return done

    async def close_loop(self, loop: AbstractEventLoop) -> None:
        """Closes the connections of a loop."""
        transport = self._by_loop.pop(loop, None)
        if transport is not None:
            await transport.aclose()

    def _make_async_transport(self) -> httpx.AsyncHTTPTransport:
        most = self.setup.options.connections
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=KEEP_S)
        return httpx.AsyncHTTPTransport(verify=self.setup.ssl_context or False, limits=limits, trust_env=False)

    def _make_line(self) -> Line:
        resolver = Resolver(self.setup.options.timing.clock)
        return Line(self.setup.options.connections, self.setup.ssl_context, resolver)

    def _start_probe(self) -> None:
        thread = threading.Thread(target=self._probe, name="tocsin-probe", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the process may start no thread any more: the next caller tries
            self.breaker.probed(answers=True)

    def _probe(self) -> None:
        """Whether anything answers: an event is only tried where it does."""
        try:
            answer = ask(self.send, self.setup, Outgoing("GET", READY, b"", PROBE_WITHIN_S))
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
