"""Everything that Tocsin raises on purpose, as one tree.

TocsinError
├── EventError               an event that cannot be taken in: names the field and the reason
│   ├── MalformedEvent           not JSON, not UTF-8, not an object
│   ├── EventTooLarge            more than the permitted bytes
│   ├── EventTooDeep             nested deeper than permitted
│   ├── UnknownEventType         no loaded pack declares this type
│   ├── MissingField             a required field is absent or null
│   ├── WrongType                a field holds a value of another type
│   ├── BadTime                  no zone, not a time, or absurdly early or late
│   └── ValueOutOfRange          a number or a text beyond what its type holds
├── NumberOutOfRange         a fixed-point number that 64 bits cannot hold
├── PackError                what the author of a pack must mend: every problem at once
├── MappingError             a mapping file that does not say how to read its input
├── InputError               an input that cannot be read at all
├── OutputError              an output that cannot be written: a full disk, no permission
├── NoticeWrong              a notice that lacks a fact, or would say what it may not
├── WarningWrong             a warning that holds what no warning may hold
├── StatementWrong           a statement of reasons that the Transparency Database would not take: names each field
│   └── PersonalDataFound        personal data in a field of a statement of reasons
├── ListEntryWrong           a value that may not stand on a list
├── KeyWrong                 an API key that cannot be made or is not there
├── StreamError              a broker, or what is asked of it
│   ├── StreamDown               it cannot be reached now, or does not answer; it is tried again
│   └── StreamUnfit              a stream, topic or consumer that is absent or would lose messages
├── ClockError               a span, a calendar or a clock that cannot be, or a pause that the duty does not allow
├── NotCanonical             a value that has no canonical bytes, so that nothing can be proved of it
├── AnchorWrong              a file that is no anchor of the audit log, or a change of keys that nobody signed
├── SecretWrong              a file of keys that cannot be used, or that others can read
├── SealError                a sealed value that cannot be opened
│   ├── SealKeyMissing           its key is not on this ring
│   └── SealDamaged              changed, or moved here from another place
├── EvidenceError            evidence that cannot be kept, had or shown
│   ├── EvidenceRefused          empty, too large, or of no kind that is kept
│   ├── EvidenceMissing          nothing is kept under this digest
│   ├── EvidenceDamaged          bytes that are not those that were kept
│   ├── EvidenceOutOfReach       where it is kept cannot be reached now
│   ├── ManifestWrong            a manifest that cannot be written, or a file that is none
│   ├── ReportWrong              a report that could not be set
│   └── FontMissing              no font with Chinese signs; says which package brings one
├── StateError               a snapshot that does not belong to these features, or is damaged
└── HistoryError             what was kept cannot be kept or had
    ├── StorageFull              the disk is full or cannot be written; nothing was lost, try again
    ├── HistoryDamaged           bytes that are not what was committed
    ├── HistoryBusy              another process has this folder
    ├── QueryError               a question that history cannot answer: wrong SQL, too slow, too large
    ├── NotReady                 what was kept is still being replayed
    ├── Overloaded               more waits than should
    └── RequestReused            an Idempotency-Key that came with something else before
"""

from collections.abc import Sequence

from tocsin.model.problem import Problem


class TocsinError(Exception):
    """The root: whatever Tocsin raises on purpose is one of these."""


class EventError(TocsinError):
    """An event that cannot be taken in.

    `field` is the name of the field at fault (empty when it is the event as a whole); `reason` says what is wrong and
    what would be right, in one sentence that never repeats more of the input than 80 characters.
    """

    code = "event"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class MalformedEvent(EventError):
    """Not JSON, not UTF-8, or not an object."""

    code = "malformed"


class EventTooLarge(EventError):
    """More bytes than one event may have."""

    code = "too_large"


class EventTooDeep(EventError):
    """Nested deeper than one event may be."""

    code = "too_deep"


class UnknownEventType(EventError):
    """No loaded pack declares this event type."""

    code = "unknown_type"


class MissingField(EventError):
    """A required field is absent or null."""

    code = "missing_field"


class WrongType(EventError):
    """A field holds a value of another type than its event type declares."""

    code = "wrong_type"


class BadTime(EventError):
    """A time without a zone, no time at all, or one absurdly early or late."""

    code = "bad_time"


class ValueOutOfRange(EventError):
    """A number or a text beyond what its type holds."""

    code = "out_of_range"


class NumberOutOfRange(TocsinError):
    """A number that a fixed-point decimal of 64 bits cannot hold, or that is no number."""


class PackError(TocsinError):
    """What the author of a pack must mend. `problems` holds all of them, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n\n".join(problem.render() for problem in problems))
        self.problems = tuple(problems)


class MappingError(TocsinError):
    """A mapping file that does not say how to read its input."""


class InputError(TocsinError):
    """An input that cannot be read at all: absent, of an unknown format, or damaged."""


class OutputError(TocsinError):
    """An output that cannot be written: a full disk, no permission, no such folder."""


class NoticeWrong(TocsinError):
    """A notice that lacks a fact it must state, or would say what it may not."""


class WarningWrong(TocsinError):
    """A warning that holds what no warning may hold: a link, a number, an account, a request."""


class StatementWrong(TocsinError):
    """A statement of reasons that the Transparency Database would not take.

    `faults` are pairs of a field and what is wrong with it. The text never repeats what stood there.
    """

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in faults))
        self.faults = tuple(faults)


class PersonalDataFound(StatementWrong):
    """Personal data in a field of a statement of reasons; nothing of it was let through."""


class ListEntryWrong(TocsinError):
    """A value that may not stand on a list."""


class KeyWrong(TocsinError):
    """An API key that cannot be made, or is not there."""


class ClockError(TocsinError):
    """A span, a calendar or a clock that cannot be, or a pause that the duty does not allow."""


class StreamError(TocsinError):
    """A broker, or what is asked of it."""


class StreamDown(StreamError):
    """The broker cannot be reached now, or does not answer. Nothing is lost; it is tried again."""


class StreamUnfit(StreamError):
    """A stream, topic or consumer that is absent, or is set up so that it would lose messages; says what to do."""


class NotCanonical(TocsinError):
    """A value that has no canonical bytes, so that nothing can be proved of it."""


class AnchorWrong(TocsinError):
    """A file that is no anchor of the audit log, or a change of keys that nobody signed."""


class SecretWrong(TocsinError):
    """A file of keys that cannot be read, holds none, or that others can read."""


class SealError(TocsinError):
    """A sealed value that cannot be opened."""


class SealKeyMissing(SealError):
    """The key that it was sealed with is not on this ring."""


class SealDamaged(SealError):
    """Changed since it was sealed, or moved here from another record or field."""


class EvidenceError(TocsinError):
    """Evidence that cannot be kept, had or shown."""


class EvidenceRefused(EvidenceError):
    """Empty, too large, or of no kind that is kept."""


class EvidenceMissing(EvidenceError):
    """Nothing is kept under this digest."""


class EvidenceDamaged(EvidenceError):
    """Bytes that are not those that were kept."""


class EvidenceOutOfReach(EvidenceError):
    """Where it is kept cannot be reached now. Try again."""


class ManifestWrong(EvidenceError):
    """A manifest that cannot be written, or a file that is none."""


class ReportWrong(EvidenceError):
    """A report that could not be set."""


class FontMissing(EvidenceError):
    """No font with Chinese signs; the message says which package brings one."""


class StateError(TocsinError):
    """A snapshot that is damaged or does not belong to these features."""


class HistoryError(TocsinError):
    """What was kept cannot be kept or had."""


class StorageFull(HistoryError):
    """The disk is full or cannot be written. Nothing that was acknowledged is lost; the same may be tried again."""


class HistoryDamaged(HistoryError):
    """Bytes that are not what was committed."""


class HistoryBusy(HistoryError):
    """Another process has this folder."""


class QueryError(HistoryError):
    """A question that history cannot answer: wrong SQL, out of time, or too large."""


class NotReady(HistoryError):
    """What was kept is still being replayed, or the service is stopping. Try again soon."""


class Overloaded(HistoryError):
    """More waits than should. Try again soon, more slowly."""


class RequestReused(HistoryError):
    """An Idempotency-Key that came with something else before."""
