"""What an event of one type carries.

Receives what packs declare. Gives the columns of an event's row, in order, with their types. Never reads an event.
"""

from collections.abc import Mapping
from typing import NewType

from msgspec import Struct

from tocsin.model.entity import EntityKind
from tocsin.model.value import ValueType

EventTypeName = NewType("EventTypeName", str)


class Title(Struct, frozen=True):
    """A name in both languages of the house."""

    en: str
    zh: str


class Field(Struct, frozen=True, kw_only=True):
    """One attribute or entity of an event type.

    An entity is a string of the form `kind:value`; `entity` names its kind. A dotted name stands for a nested object on
    the wire. `unit` and `title` are for people.
    """

    name: str
    type: ValueType
    required: bool = False
    entity: EntityKind | None = None
    title: Title | None = None


class Column(Struct, frozen=True):
    """One place of an event's row."""

    name: str
    type: ValueType
    nullable: bool


COMMON = (
    Column("at", ValueType.TIMESTAMP, False),
    Column("id", ValueType.STRING, False),
    Column("source", ValueType.STRING, True),
)
"""The first places of every row, whatever the type."""


class EventType(Struct, frozen=True, kw_only=True):
    """What an event of this type carries. `time_field` is the wire's name for the event's time."""

    name: EventTypeName
    title: Title
    fields: tuple[Field, ...]
    time_field: str = "time"

    @property
    def columns(self) -> tuple[Column, ...]:
        """The places of a row of this type: the common ones, then the fields as declared."""
        return COMMON + tuple(Column(field.name, field.type, not field.required) for field in self.fields)


EventTypes = Mapping[EventTypeName, EventType]
