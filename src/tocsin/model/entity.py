"""Who or what an event touches.

Receives a text `kind:value`. Gives its two parts. Never decides whether a kind exists: event types declare the kinds.
"""

from typing import NewType

from msgspec import Struct

EntityKind = NewType("EntityKind", str)
EntityRef = NewType("EntityRef", str)
"""An entity as it is written and kept everywhere: `kind:value`."""

ENTITY_LIMIT = 512
"""Characters that one entity reference may have."""


class Entity(Struct, frozen=True):
    """An entity in two parts, such as `account` and `9`."""

    kind: EntityKind
    value: str

    @property
    def ref(self) -> EntityRef:
        """The entity as one text."""
        return EntityRef(f"{self.kind}:{self.value}")


def parse_entity(text: str) -> Entity | None:
    """An entity from its text, or None where it is not of the form `kind:value`.

    >>> parse_entity("account:9")
    Entity(kind='account', value='9')
    >>> parse_entity("nobody") is None
    True
    """
    kind, colon, value = text.partition(":")
    if not (kind and colon and value):
        return None
    return Entity(EntityKind(kind), value)
