"""What a report says of a case beside its evidence.

Receives names and values, in the order in which they are to stand. Gives nothing more: whoever knows the case fills it in.
"""

from msgspec import Struct

from tocsin.model.event_type import Title


class Fact(Struct, frozen=True):
    """One line: what, and the value as a text."""

    name: Title
    value: str


class Section(Struct, frozen=True):
    """Facts that belong together, such as the subjects or the measures taken."""

    title: Title
    facts: tuple[Fact, ...]


class CaseFacts(Struct, frozen=True):
    """All that a report says."""

    title: Title
    sections: tuple[Section, ...] = ()
