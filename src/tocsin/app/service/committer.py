"""The thread that writes the journal.

Receives groups. Gives them to the journal, then to who listens and to the index, in order. While one is being written the next one fills,
so that a commit takes in as many events as came meanwhile. A full disk makes it try again until there is space.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from tocsin.app.service.group import Group
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.history.journal import Request
from tocsin.model.errors import HistoryError, StorageFull

RETRY_S = 0.2
MOST_ENTRIES = 4_000
MOST_BYTES = 32 << 20

log = structlog.get_logger("tocsin.journal")


class Committer:
    """Takes entries on the loop's thread, writes them on its own; `committed` is told there of each commit, and must be quick."""

    def __init__(
        self,
        history: History,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], int],
        committed: Callable[[Sequence[Entry]], None],
    ) -> None:
        self._history = history
        self._committed = committed
        self._loop = loop
        self._clock = clock
        self._queue: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: Group | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self.fault: HistoryError | None = None
        self.waiting: dict[str, tuple[Entry, Group]] = {}
        self.requests: dict[str, bytes] = {}
        self.waiting_bytes = 0
        self._thread.start()

    @property
    def is_full(self) -> bool:
        """Whether so much waits that nothing more should be taken in."""
        return len(self.waiting) >= MOST_ENTRIES * 4 or self.waiting_bytes >= MOST_BYTES * 4

    def add(self, entry: Entry, request: Request | None = None) -> Group:
        """Puts an entry into the group that is filling, and with it the Idempotency-Key under which it came."""
        with self._lock:
            group = self._open
            if group is None or len(group.entries) >= MOST_ENTRIES:
                group = self._open = Group(self._loop)
                self._queue.put(group)
            group.entries.append(entry)
            if request is not None:
                group.requests.append(request)
                self.requests[request.key] = request.digest
        self.waiting[entry.id] = (entry, group)
        self.waiting_bytes += len(entry.event) + len(entry.decision)
        return group

    def stop(self) -> None:
        """Writes what waits and ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (group := self._queue.get()) is not None:
            with self._lock:
                if self._open is group:
                    self._open = None
            if not self._commit(group):
                return
            self._loop.call_soon_threadsafe(group.resolve)
            self._committed(group.entries)
            if not self._index(group):
                return
            self._loop.call_soon_threadsafe(self._forget, group)

    def _commit(self, group: Group) -> bool:
        """Tries until it is on the disk; False where the service ends before there is space."""
        while True:
            try:
                self._history.journal.append(tuple(group.entries), self._clock(), group.requests)
            except HistoryError as error:
                if self.fault is None:
                    log.error("journal cannot be written", error=str(error))
                self.fault = error
                self._loop.call_soon_threadsafe(group.fail, error)
                if self._ends():
                    return False
                time.sleep(RETRY_S)
                continue
            if self.fault is not None:
                log.info("journal can be written again")
                self.fault = None
            return True

    def _index(self, group: Group) -> bool:
        """Tries until it is in the index; False where the service ends before. The next start catches up."""
        try:
            self._history.index.add(group.entries)
        except Exception as error:  # noqa: BLE001 - the index's library knows one error only
            log.error("index cannot be written", error=str(error))
        else:
            return True
        while not self._ends():
            self.fault = StorageFull("the index cannot be written")
            time.sleep(RETRY_S)
            if self._renew_index():
                log.info("index can be written again")
                self.fault = None
                return True
        return False

    def _renew_index(self) -> bool:
        with contextlib.suppress(Exception):
            self._history.index.close()
        try:
            self._history.renew_index()
        except Exception:  # noqa: BLE001 - as above; the log has said why
            return False
        return True

    def _ends(self) -> bool:
        """Whether the service is being stopped; groups that wait are put back."""
        held = []
        while not self._queue.empty():
            held.append(self._queue.get())
        for group in held:
            self._queue.put(group)
        return None in held

    def _forget(self, group: Group) -> None:
        for request in group.requests:
            self.requests.pop(request.key, None)
        for entry in group.entries:
            self.waiting.pop(entry.id, None)
            self.waiting_bytes -= len(entry.event) + len(entry.decision)
