"""One call, from an event to a decision, without any input or output of its own.

Receives an event. Gives, step by step, what is to be asked or waited for, and at the end a decision; whoever drives it
does the asking, on a thread or on a loop. So both clients are the same. All steps together never take more than the
call's time, given that no asking takes more than it was allowed.
"""

import logging
from collections.abc import Generator, Mapping

from msgspec import Struct

from tocsin.client.decision import Decision
from tocsin.client.errors import (
    CircuitOpen,
    Fault,
    KeyRefused,
    Overloaded,
    Refused,
    TimedOut,
    TocsinClientError,
    Unanswered,
)
from tocsin.client.inner.answer import Answer, read_decision
from tocsin.client.inner.breaker import Breaker, Leave, State
from tocsin.client.inner.event import Written, id_of, type_of, write_event
from tocsin.client.options import Policy, Setup
from tocsin.client.stats import Counts

FIRST_PAUSE_S = 0.025
LONGEST_PAUSE_S = 10.0
COMPLAIN_EVERY_S = 60.0
MOST_COMPLAINTS = 64

log = logging.getLogger("tocsin.client")


class Ask(Struct, frozen=True):
    """Send this to be decided; the whole answer is wanted within so many seconds."""

    raw: bytes
    within_s: float


class Pause(Struct, frozen=True):
    """Wait so many seconds."""

    seconds: float


Step = Ask | Pause
Reply = Answer | Unanswered | None
"""What a step brought: an answer, or why there is none; nothing after a pause."""

Talk = Generator[Step, Reply, Decision]


class Talker:
    """What `decide` means. One for each client and process."""

    def __init__(self, setup: Setup, breaker: Breaker, counts: Counts) -> None:
        self._setup = setup
        self._timing = setup.options.timing
        self._breaker = breaker
        self._counts = counts
        self._complained: dict[str, float] = {}

    def decide(self, event: Mapping[str, object], timeout_s: float | None = None) -> Talk:
        """The steps to a decision.

        Raises:
            TocsinClientError: there is none, and the event's type is set to `raise`.
        """
        ends = self._timing.clock() + (self._setup.timeout_s if timeout_s is None else timeout_s)
        event_id = id_of(event)
        try:
            leave = self._ask_leave()
            try:
                written = write_event(event, event_id, self._timing.wall())
                decision = yield from self._try(written, ends)
            finally:
                self._breaker.give_back(leave)
        except TocsinClientError as error:
            return self.fall_back(error, type_of(event), event_id)
        self._counts.add("decided")
        return decision

    def fall_back(self, error: TocsinClientError, event_type: str, event_id: str) -> Decision:
        """The decision that was chosen for when there is none.

        Raises:
            TocsinClientError: the event's type is set to `raise`.
        """
        policy: Policy = self._setup.on_failure
        if isinstance(error, Refused):
            self.miss(error)
            if not isinstance(error, KeyRefused):  # no caller of the host can bring that about
                policy = self._setup.on_rejected
        self._counts.fall_back(error.code)
        outcome = policy.outcome(event_type)
        if outcome is None:
            raise error
        return Decision(
            event_id=event_id,
            outcome=outcome,
            fallback=True,
            cause=error.code,
            field=error.field,
            detail=error.detail,
            request_id=error.request_id,
        )

    def miss(self, error: TocsinClientError) -> None:
        """Counts and logs an event that was refused."""
        self._counts.add("rejected")
        self.complain(error)

    def complain(self, error: TocsinClientError) -> None:
        """Logs what somebody must mend, each kind once a minute; never what an event says."""
        now = self._timing.clock()
        kind = f"{error.code} {error.field}"
        last = self._complained.get(kind)
        if now - last < COMPLAIN_EVERY_S if last is not None else len(self._complained) >= MOST_COMPLAINTS:
            return
        self._complained[kind] = now
        fault = error.fault
        log.error(
            "refused: %s, field %r, status %d, request %s", fault.code, fault.field, fault.status, fault.request_id
        )

    def _try(self, written: Written, ends: float) -> Talk:
        """Tries with the same bytes until there is an answer, no time, or no sense in it."""
        tries = self._setup.options.tries
        for number in range(1, tries + 1):
            left = ends - self._timing.clock()
            if left <= 0:
                raise TimedOut(Fault("timeout", "the time was spent before anything could be asked"))
            reply = yield Ask(written.raw, left if number == tries else left / 2)
            try:
                return self._read(reply, written.id)
            except Unanswered as error:
                pause = self._pause_after(error, number, ends)
                if pause is None or number == tries:
                    raise
                yield Pause(pause)
                if self._breaker.state is not State.CLOSED:
                    raise
        raise AssertionError("the last try answers or raises")

    def _read(self, reply: Reply, event_id: str) -> Decision:
        """The decision of an answer; tells the breaker how it went."""
        try:
            if not isinstance(reply, Answer):
                assert reply is not None
                raise reply
            decision = read_decision(reply, event_id, self._timing.wall())
        except Overloaded:
            self._counts.add("failed")
            raise
        except Unanswered as error:
            self._counts.add("failed")
            self._breaker.fail(error.retry_after_s)
            raise
        except Refused:
            self._breaker.succeed()
            raise
        self._breaker.succeed()
        return decision

    def _pause_after(self, error: Unanswered, number: int, ends: float) -> float | None:
        """Seconds before the next try, with full jitter; None where no try makes sense any more."""
        pause = max(self._timing.chance() * pause_limit(number), error.retry_after_s)
        fits = pause < ends - self._timing.clock()
        return pause if fits and self._breaker.state is State.CLOSED else None

    def _ask_leave(self) -> Leave:
        leave = self._breaker.ask_leave()
        if leave is Leave.NO:
            raise CircuitOpen(Fault("circuit_open", "not asked, because it failed too often just before"))
        return leave


def pause_limit(number: int) -> float:
    """The longest pause after so many failed tries, in seconds.

    >>> pause_limit(1), pause_limit(3), pause_limit(60)
    (0.025, 0.1, 10.0)
    """
    return min(FIRST_PAUSE_S * 2.0 ** min(number - 1, 30), LONGEST_PAUSE_S)
