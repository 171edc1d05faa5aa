"""Errors of the record stages: each says what was wrong, where, and what to do.

TocsinError
├── ActorWrong               nobody who could act
├── ValueWrong               a value that no database of records can keep
├── MeasureWrong             a measure that may not be taken, or a step that it cannot go
├── CaseWrong                a case that cannot be opened, or a step that it cannot go
├── AppealWrong              an objection that cannot be taken, or a decision on it that may not be made
├── LabelWrong               a label that says nothing
├── PersonalWrong            personal data that may not be shown or removed like this, or a hold that there is none of
├── AddressWrong             an address that may not be told anything
└── ChangedMeanwhile         somebody else has changed the record since it was read
"""

from tocsin.model.errors import TocsinError


class ActorWrong(TocsinError):
    """Nobody who could act."""


class ValueWrong(TocsinError):
    """A value that no database of records can keep: too long, too large, or with a sign that no text holds."""


class MeasureWrong(TocsinError):
    """A measure that may not be taken on this subject, by this actor or now, or a step that it cannot go."""


class CaseWrong(TocsinError):
    """A case that cannot be opened like this, or a step that it cannot go."""


class AppealWrong(TocsinError):
    """An objection that cannot be taken, or a decision on it that may not be made like this."""


class LabelWrong(TocsinError):
    """A label that says nothing, or nothing that is known here."""


class PersonalWrong(TocsinError):
    """Personal data that may not be shown, kept or removed like this, or a legal hold that there is none of."""


class AddressWrong(TocsinError):
    """An address that may not be told anything, or messages that there are none of."""


class ChangedMeanwhile(TocsinError):
    """Somebody else has changed the record since it was read. Nothing was changed; look again and repeat."""
