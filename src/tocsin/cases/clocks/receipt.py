"""When and how something came in that starts a clock.

Receives the legally effective moment of a notice, a request or a report, and the channel by which it came. Gives the
message from which clocks start, in the transaction that opened the case. Never takes the moment at which somebody typed
it in for the moment at which it took effect.
"""

from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.model.errors import ClockError
from tocsin.records.actor import Stamp
from tocsin.records.audit import tell
from tocsin.records.errors import CaseWrong
from tocsin.rulebook.duties.span import stated_span

RECEIVED = "case.received"
EVENTS = frozenset({"notice.received", "request.received", "report.received", "intelligence.received"})
SENDERS = frozenset({"authority", "police", "trusted_flagger", "person", "partner", "own"})
REQUESTS = frozenset({"", "preserve", "disclose", "restrict", "take_down", "check_accounts", "emergency"})
AHEAD_US = 366 * 86_400_000_000
"""How far ahead a moment may lie at which something takes effect."""


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came in. Times are microseconds since 1970 UTC.

    `event` is what it is to the law; `effective_at` when it took effect there, `received_at` when it arrived, where that
    is another moment; `channel` such as `portal` or `registered post`; `sender` who sent it; `request` what is asked;
    `stated` the date, or the moment with a zone, that it names itself.
    """

    event: str
    effective_at: int
    channel: str
    sender: str = "person"
    received_at: int | None = None
    request: str = ""
    stated: str = ""


def check_receipt(receipt: Receipt, now_us: int) -> None:
    """Whether a clock can start from this.

    Raises:
        CaseWrong: what is wrong.
    """
    for told, known in ((receipt.event, EVENTS), (receipt.sender, SENDERS), (receipt.request, REQUESTS)):
        if told not in known:
            raise CaseWrong(f"`{told[:40]}` is none of {', '.join(sorted(known - {''}))}")
    if not 0 < len(receipt.channel.strip()) <= 64 or len(receipt.stated) > 40:
        raise CaseWrong("it is said through which channel something came, in at most 64 characters")
    if receipt.stated:
        _check_stated(receipt.stated)
    for moment in (receipt.effective_at, receipt.received_at):
        if moment is not None and not 0 <= moment <= now_us + AHEAD_US:
            raise CaseWrong("something takes effect between 1970 and a year from now")


def _check_stated(stated: str) -> None:
    try:
        stated_span(stated)
    except ClockError:
        raise CaseWrong(
            "what a notice states is a date, or a moment with a zone, such as 2026-03-01T18:00+08:00"
        ) from None


def tell_receipt(session: Session, case: tuple[int, str], source: int, receipt: Receipt, stamp: Stamp) -> None:
    """Writes down what came in, for a case (its number and subject) and one of its sources."""
    number, subject = case
    facts = {name: getattr(receipt, name) for name in Receipt.__struct_fields__}
    tell(session, RECEIVED, subject, stamp.at, {**facts, "case": number, "source": source})
