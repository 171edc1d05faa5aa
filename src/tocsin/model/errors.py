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
├── ListEntryWrong           a value that may not stand on a list
├── KeyWrong                 an API key that cannot be made or is not there
├── ActorWrong               nobody who could act
├── CaseWrong                a case that cannot be opened, or a step that it cannot go
├── AddressWrong             an address that may not be told anything
├── AppealWrong              an objection that cannot be taken, or a decision on it that may not be made
├── LabelWrong               a label that says nothing
├── MeasureWrong             a measure that may not be taken, or a step that it cannot go
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


class ListEntryWrong(TocsinError):
    """A value that may not stand on a list."""


class KeyWrong(TocsinError):
    """An API key that cannot be made, or is not there."""


class ActorWrong(TocsinError):
    """Nobody who could act."""


class CaseWrong(TocsinError):
    """A case that cannot be opened like this, or a step that it cannot go."""


class AddressWrong(TocsinError):
    """An address that may not be told anything, or messages that there are none of."""


class AppealWrong(TocsinError):
    """An objection that cannot be taken, or a decision on it that may not be made like this."""


class LabelWrong(TocsinError):
    """A label that says nothing, or nothing that is known here."""


class MeasureWrong(TocsinError):
    """A measure that may not be taken on this subject, by this actor or now, or a step that it cannot go."""


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
