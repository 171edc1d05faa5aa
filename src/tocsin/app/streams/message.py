"""What comes from a broker and what goes back to it.

Receives bytes and headers as they were. Gives them without a trace of the transport, save the token by which it knows
its own message again. Never looks into a body.
"""

from msgspec import Struct

Headers = tuple[tuple[str, str], ...]


class Place(Struct, frozen=True):
    """Where a message stands: its subject or topic, its number there, and its partition where there are several."""

    source: str
    number: int
    partition: int | None = None


class Message(Struct, frozen=True):
    """One message. `again` tells that it was delivered before; `token` is the transport's own."""

    body: bytes
    headers: Headers
    place: Place
    key: bytes | None = None
    again: bool = False
    token: object = None


class Letter(Struct, frozen=True):
    """One message to publish. A broker that can drops a letter whose `id` came to the same subject before.

    A body that `may_cut` is cut where it is larger than the broker takes.
    """

    to: str
    id: str
    body: bytes
    headers: Headers = ()
    key: bytes | None = None
    may_cut: bool = False
