"""For how long each kind of record must be kept, and when it goes.

Receives what the platform has set, and the duties that bind it. Gives two times for a record that has ended: until when it
is kept at least, and by when it is deleted. A duty's minimum is stronger than what the platform has set.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tocsin.model.errors import InputError
from tocsin.model.window import UNITS
from tocsin.rulebook.duties.duty import Duty, Purpose, Status
from tocsin.rulebook.duties.register import Register
from tocsin.rulebook.duties.span import Span, Unit

DAY_US = UNITS["d"]
KINDS = ("case", "measure", "appeal", "message", "warning", "label", "list")
OTHERS = "*"
AT_LEAST: Mapping[str, int] = {OTHERS: 1_096, "message": 183, "list": 183, "label": 0}
DELETE: Mapping[str, int] = {OTHERS: 1_827, "message": 366}
DELETED = ("case", "measure", "appeal", "message", "warning")
"""Kinds that go by themselves. Labels and lists stay until somebody takes them out."""

STARTS = {"record.made": KINDS, "measure.ordered": ("measure",)}
"""The kinds of records that a duty to keep speaks of, by the event from which it counts."""

LONGEST = {Unit.DAYS: 1, Unit.WORKING_DAYS: 2, Unit.MONTHS: 31, Unit.YEARS: 366}
"""Days that a unit has at the most; twice its working days cover every holiday."""


class KeepingTerms(Struct, frozen=True):
    """Days by kind; `duties` are those of a duty's minimum, and which duty it is."""

    at_least: Mapping[str, int]
    delete: Mapping[str, int]
    duties: Mapping[str, tuple[int, str]] = {}

    def keep_until(self, kind: str, ended_at: int) -> int:
        """Until when a record that ended then is kept at least, in microseconds since 1970 UTC."""
        return ended_at + DAY_US * self.least_days(kind)

    def delete_by(self, kind: str, ended_at: int) -> int | None:
        """By when it goes; None where it stays until somebody takes it out."""
        days = self.delete_days(kind)
        return None if days is None else ended_at + DAY_US * days

    def least_days(self, kind: str) -> int:
        """Days that a kind is kept at least."""
        return max(self.at_least.get(kind, self.at_least[OTHERS]), self.duties.get(kind, (0, ""))[0])

    def delete_days(self, kind: str) -> int | None:
        """Days after which a kind goes; never fewer than those for which it is kept."""
        if kind not in DELETED:
            return None
        return max(self.delete.get(kind, self.delete[OTHERS]), self.least_days(kind))


def make_terms(at_least: Mapping[str, int], delete: Mapping[str, int], duties: Sequence[Duty] = ()) -> KeepingTerms:
    """The terms of a platform.

    >>> make_terms({"case": 30}, {"case": 60}).least_days("case"), make_terms({}, {}).delete_days("message")
    (30, 366)

    Raises:
        InputError: there is no such kind, or something would be deleted before it may be.
    """
    for name in (*at_least, *delete):
        if name not in {*KINDS, OTHERS}:
            raise InputError(
                f"retention knows no records of the kind `{name[:40]}`; there are {', '.join(KINDS)} and *"
            )
    terms = KeepingTerms(_over(AT_LEAST, at_least), _over(DELETE, delete), minimums(duties))
    for kind in DELETED:
        wanted = delete.get(kind, delete.get(OTHERS))
        least = terms.at_least.get(kind, terms.at_least[OTHERS])
        if wanted is not None and wanted < least:
            raise InputError(
                f"retention: `{kind}` would be deleted after {wanted} days and is kept for {least} at least"
            )
    return terms


def bound_by(register: Register, regimes: Sequence[str]) -> list[Duty]:
    """The duties of these regimes or jurisdictions.

    Raises:
        InputError: there is no such regime.
    """
    found: list[Duty] = []
    for regime in regimes:
        duties = register.duties_under(regime)
        if not duties:
            raise InputError(f"retention.regimes: there is no regime `{regime[:40]}`; `tocsin duties list` shows them")
        found += duties
    return found


def minimums(duties: Sequence[Duty]) -> dict[str, tuple[int, str]]:
    """The longest time for which each kind must be kept, and the duty that asks it. What nobody verified counts too: keeping
    a record a little longer can be mended, deleting it cannot. Drafts do not count.
    """
    found: dict[str, tuple[int, str]] = {}
    for duty in duties:
        for deadline in duty.deadlines:
            if deadline.purpose is not Purpose.KEEP or deadline.span is None or deadline.status is Status.DRAFT:
                continue
            days = days_of(deadline.span)
            for kind in {kind for trigger in deadline.on for kind in STARTS.get(trigger.event, ())}:
                found[kind] = max(found.get(kind, (0, "")), (days, duty.id))
    return found


def days_of(span: Span) -> int:
    """Days that a span has at the most.

    >>> from tocsin.rulebook.duties.span import read_span
    >>> days_of(read_span("at least 6 months")), days_of(read_span("at least 36 hours"))
    (186, 2)
    """
    if span.unit is Unit.HOURS:
        return -(-span.count // 24)
    return span.count * LONGEST.get(span.unit, 0)


def _over(usual: Mapping[str, int], said: Mapping[str, int]) -> dict[str, int]:
    """What is said stands over what is usual; a `*` that is said, over every kind that is not."""
    return dict(said) if OTHERS in said else {**usual, **said}
