"""The names that an expression may use.

Receives nothing. Gives the nouns Name and Scope; the rules stage fills them.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from tocsin.model.value import ValueType


class Origin(StrEnum):
    """Where a name's value comes from."""

    ATTRIBUTE = "attribute"
    SIGNAL = "signal"
    FEATURE = "feature"


class Name(Struct, frozen=True, kw_only=True):
    """One name, dotted or not, with its type and whether it may be null."""

    name: str
    type: ValueType
    nullable: bool
    origin: Origin


class Scope(Struct, frozen=True, kw_only=True):
    """Every name in reach. `event_types` are the values that the name `type` can have."""

    names: Mapping[str, Name]
    lists: frozenset[str] = frozenset()
    event_types: frozenset[str] = frozenset()
