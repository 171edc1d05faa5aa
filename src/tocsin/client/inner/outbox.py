"""Events that need no answer, sent in the background.

Receives events that are ready to go. Gives them to the service in batches, packed, and tries again until it has them.
What waits is bounded: when there is no more room the oldest is dropped and counted. One thread, started when there is
something to send and ended when there has been nothing for a while.
"""

import gzip
import itertools
import threading
from collections import deque
from collections.abc import Callable

from tocsin.client.errors import Refused, TocsinClientError, Unanswered
from tocsin.client.inner.answer import Receipt
from tocsin.client.inner.talk import pause_limit
from tocsin.client.options import Options
from tocsin.client.stats import Counts

IDLE_S = 5.0
PACK_FROM = 1_400
BATCH_BYTES = 4 << 20

Post = Callable[[bytes, bool, float], Receipt]
"""(body, whether it is packed, seconds it may take) -> receipt."""


class Outbox:
    """The outbox of one client in one process. `complain` is told of what was refused."""

    def __init__(
        self, post: Post, options: Options, counts: Counts, complain: Callable[[TocsinClientError], None]
    ) -> None:
        self._post = post
        self._options = options
        self._clock = options.timing.clock
        self._counts = counts
        self._complain = complain
        self._changed = threading.Condition()
        self._queue: deque[tuple[float, bytes]] = deque()
        self._bytes = 0
        self._flying = 0
        self._most = options.batch_events
        self._hurries = 0
        self._wishes = 0
        self._ends: float | None = None
        self._given_up = 0
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Events that are still to go."""
        return len(self._queue) + self._flying

    def put(self, raw: bytes) -> None:
        """Puts one event in; where there is no room the oldest goes."""
        with self._changed:
            self._ends = None
            self._queue.append((self._clock(), raw))
            self._bytes += len(raw)
            self._drop_oldest()
            self._start()
            if len(self._queue) == 1 or len(self._queue) >= self._most:
                self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Sends at once; whether everything is gone within the time."""
        with self._changed:
            self._wishes += 1
            self._hurries += 1
            self._start()
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: not self.waiting, timeout_s)
            finally:
                self._hurries -= 1

    def close(self, timeout_s: float) -> bool:
        """Sends what waits and ends the thread; whether everything is gone. What is not is dropped and counted."""
        with self._changed:
            self._ends = self._clock() + timeout_s
            self._wishes += 1
            given_up = self._given_up
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join(timeout_s)
        elif self._queue:  # no thread could be started: this one does it
            self._run()
        with self._changed:
            lost, self._bytes = len(self._queue), 0
            self._queue.clear()
            done = not lost and not self._flying and self._given_up == given_up
        self._counts.add("dropped", lost)
        return done

    def _drop_oldest(self) -> None:
        dropped = 0
        while len(self._queue) > 1 and (
            len(self._queue) > self._options.queue_events or self._bytes > self._options.queue_bytes
        ):
            self._bytes -= len(self._queue.popleft()[1])
            dropped += 1
        if dropped:
            self._counts.add("dropped", dropped)

    def _start(self) -> None:
        """Sees to it that there is a thread where there is something to send. Called with the lock held."""
        if not self._queue or (self._thread is not None and self._thread.is_alive()):
            return
        thread = threading.Thread(target=self._run, name="tocsin-outbox", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the process may start no thread any more; `close` sends what waits
            return
        self._thread = thread

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._deliver(batch)
            finally:
                with self._changed:
                    self._flying = 0
                    self._changed.notify_all()

    def _next(self) -> list[bytes]:
        """The next batch when it is due; nothing, and the thread is over, when there was none for a while."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ends is not None, IDLE_S)
            if not self._queue:
                self._thread = None
                return []
            age = self._clock() - self._queue[0][0]
            self._changed.wait_for(self._is_due, max(0.0, self._options.batch_s - age))
            batch: list[bytes] = []
            size = 0
            while self._queue and len(batch) < self._most and size < BATCH_BYTES:
                batch.append(self._queue.popleft()[1])
                size += len(batch[-1])
            self._bytes -= size
            self._flying = len(batch)
            return batch

    def _is_due(self) -> bool:
        return bool(len(self._queue) >= self._most or self._hurries or self._ends is not None)

    def _deliver(self, batch: list[bytes]) -> None:
        """Tries until the service has it, or refuses it, or the outbox closes."""
        body = b"[" + b",".join(batch) + b"]"
        packed = len(body) >= PACK_FROM
        if packed:
            body = gzip.compress(body, 1, mtime=0)
        for number in itertools.count(1):
            wishes = self._wishes
            try:
                receipt = self._post(body, packed, self._within())
            except Unanswered as error:
                self._counts.add("failed")
                if not self._pause(max(error.retry_after_s, self._jitter(number)), wishes):
                    self._counts.add("dropped", len(batch))
                    self._given_up += len(batch)
                    return
            except Refused as error:
                self._refuse(batch, error)
                return
            else:
                self._count(receipt)
                return

    def _refuse(self, batch: list[bytes], error: Refused) -> None:
        """A batch that something on the way finds too large goes again in halves; another is lost."""
        if error.fault.status == 413 and len(batch) > 1:
            with self._changed:
                self._most = max(1, len(batch) // 2)
                now = self._clock()
                self._queue.extendleft((now, raw) for raw in reversed(batch))
                self._bytes += sum(map(len, batch))
            return
        self._complain(error)
        self._counts.add("rejected", len(batch))

    def _count(self, receipt: Receipt) -> None:
        self._counts.add("sent", receipt.accepted)
        self._counts.add("rejected", len(receipt.rejected))
        for each in receipt.rejected:
            self._complain(each.error())

    def _within(self) -> float:
        left = self._options.send_timeout_s
        return left if self._ends is None else max(0.05, min(left, self._ends - self._clock()))

    def _jitter(self, number: int) -> float:
        return self._options.timing.chance() * pause_limit(number + 3)

    def _pause(self, seconds: float, wishes: int) -> bool:
        """Waits, at most until somebody wants it sent at once; False where the outbox closes and its time is over."""
        with self._changed:
            left = seconds if self._ends is None else max(0.0, min(seconds, self._ends - self._clock()))
            self._changed.wait_for(lambda: self._wishes != wishes, left)
            return self._ends is None or self._clock() < self._ends
