"""What the service answered.

Receives status, headers and body. Gives a decision, a receipt, or the error that it stands for. Never trusts it to be
what it should: a proxy's page and another service behind the same address are told apart from Tocsin.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import msgspec
from msgspec import Struct, structs

from tocsin.client.decision import DECISION, Decision
from tocsin.client.errors import (
    EventRejected,
    Fault,
    KeyRefused,
    NotUnderstood,
    Overloaded,
    TocsinClientError,
    Unready,
)

LONGEST_RETRY_S = 3_600.0


class Answer(Struct, frozen=True):
    """An answer as it came. Names of headers are looked up in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Problem(Struct, frozen=True):
    """The parts of an RFC 9457 problem that matter here."""

    code: str
    detail: str = ""
    field: str = ""
    request_id: str = ""


class RejectedEvent(Struct, frozen=True):
    """An event of a batch that was not taken in."""

    index: int
    code: str
    field: str = ""
    detail: str = ""

    def error(self) -> EventRejected:
        """The error that it stands for."""
        return EventRejected(Fault(self.code[:40], self.detail[:500], self.field[:80]))


class Receipt(Struct, frozen=True):
    """What became of a batch."""

    accepted: int
    duplicates: int = 0
    rejected: tuple[RejectedEvent, ...] = ()


_PROBLEM = msgspec.json.Decoder(Problem)
_RECEIPT = msgspec.json.Decoder(Receipt)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_decision(answer: Answer, event_id: str, wall_s: float) -> Decision:
    """The decision of an answer.

    Raises:
        TocsinClientError: the answer is an error, or no decision of this event.
    """
    if answer.status != 200:
        raise error_of(answer, wall_s)
    try:
        decision = DECISION.decode(answer.body)
    except _UNREADABLE:
        raise _not_understood(answer, "the answer is no decision") from None
    if decision.event_id != event_id:
        raise _not_understood(answer, "the answer is about another event")
    return structs.replace(
        decision,
        duplicate=answer.headers.get("tocsin-duplicate") == "true",
        fallback=False,
        request_id=answer.headers.get("x-request-id", "")[:64],
    )


def read_receipt(answer: Answer, wall_s: float) -> Receipt:
    """The receipt of a batch.

    Raises:
        TocsinClientError: the answer is an error, or no receipt.
    """
    if answer.status != 200:
        raise error_of(answer, wall_s)
    try:
        return _RECEIPT.decode(answer.body)
    except _UNREADABLE:
        raise _not_understood(answer, "the answer is no receipt") from None


def error_of(answer: Answer, wall_s: float) -> TocsinClientError:
    """The error that an answer stands for."""
    status = answer.status
    try:
        problem = _PROBLEM.decode(answer.body)
    except _UNREADABLE:
        problem = None
    if problem is None:
        problem = Problem(f"http_{status}", f"answered with status {status}")
    fault = Fault(
        problem.code[:40],
        problem.detail[:500],
        problem.field[:80],
        status,
        (problem.request_id or answer.headers.get("x-request-id", ""))[:64],
        retry_after(answer.headers.get("retry-after", ""), wall_s),
    )
    kind: type[TocsinClientError] = NotUnderstood
    if status == 429:
        kind = Overloaded
    elif status >= 500 or status == 408:
        kind = Unready
    elif status in {401, 403}:
        kind = KeyRefused
    elif status in {400, 413, 415, 422}:
        kind = EventRejected
    return kind(fault)


def retry_after(told: str, wall_s: float) -> float:
    """Seconds to wait, from a Retry-After header: a number or a date; 0 where it is neither.

    >>> retry_after("2", 0.0), retry_after("Thu, 01 Jan 1970 00:00:30 GMT", 10.0), retry_after("soon", 0.0)
    (2.0, 20.0, 0.0)
    """
    if told.isascii() and told.isdigit():
        return min(float(told[:6]), LONGEST_RETRY_S)
    try:
        at = parsedate_to_datetime(told).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(max(0.0, at - wall_s), LONGEST_RETRY_S)


def _not_understood(answer: Answer, detail: str) -> NotUnderstood:
    request_id = answer.headers.get("x-request-id", "")[:64]
    return NotUnderstood(Fault("not_understood", detail, status=answer.status, request_id=request_id))
