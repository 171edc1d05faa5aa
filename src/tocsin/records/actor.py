"""Who does something.

Receives a kind and a name. Gives one noun for the whole house, written `kind:name`. Never decides who may.
"""

from enum import StrEnum

from msgspec import Struct

from tocsin.records.errors import ActorWrong

NAME_LIMIT = 128


class ActorKind(StrEnum):
    """`rule` and `system` act by themselves, `person` and `authority` are people, `key` is a program, `subject` is who a
    measure is about.
    """

    RULE = "rule"
    SYSTEM = "system"
    PERSON = "person"
    AUTHORITY = "authority"
    KEY = "key"
    SUBJECT = "subject"


HUMAN = frozenset({ActorKind.PERSON, ActorKind.AUTHORITY})


class Actor(Struct, frozen=True):
    """One who acts."""

    kind: ActorKind
    name: str

    def __str__(self) -> str:
        """As it is kept.

        >>> str(Actor(ActorKind.RULE, "mule"))
        'rule:mule'
        """
        return f"{self.kind}:{self.name}"

    @property
    def is_human(self) -> bool:
        """Whether a person answers for it."""
        return self.kind in HUMAN


class Stamp(Struct, frozen=True):
    """Who did something and when, in microseconds since 1970 UTC."""

    by: Actor
    at: int


SYSTEM = Actor(ActorKind.SYSTEM, "tocsin")


def parse_actor(text: str) -> Actor:
    """An actor as it was kept.

    >>> parse_actor("person:7").is_human
    True

    Raises:
        ActorWrong: it is none.
    """
    kind, _, name = text.partition(":")
    if kind not in set(ActorKind) or not 0 < len(name) <= NAME_LIMIT:
        raise ActorWrong(f"`{text[:60]}` is nobody; write {', '.join(ActorKind)}, a colon and a name")
    return Actor(ActorKind(kind), name)
