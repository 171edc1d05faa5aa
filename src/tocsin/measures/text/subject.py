"""What may be named in a text for people.

Receives nothing. Gives the kinds of measure, of function, of subject and of source for which every language of a pack
has words.
"""

from enum import StrEnum

from tocsin.rules.measure import FUNCTIONS as WRITTEN

KINDS = (
    *("warn", "label", "watch", "reverify", "limit", "hold_payment", "cool_off", "take_down", "delist"),
    *("block_indicator", "suspend", "close", "bar"),
)
"""Every kind of measure of which a person is told."""

FUNCTIONS = tuple(sorted(WRITTEN | {"send_payment"}))
"""Every function that can be limited."""

SUBJECTS = (
    *("account", "seller", "phone", "line", "cell", "group", "content", "message", "listing", "advert", "link", "url"),
    *("domain", "ip", "device", "app", "payee", "payment"),
)
"""Kinds of entity that have a word of their own; all others are `other`."""


class Source(StrEnum):
    """How something came to light. Who reported is never said."""

    REPORT = "report"
    FLAGGER = "flagger"
    OWN = "own"
    AUTHORITY = "authority"
    PARTNER = "partner"


class Decided(StrEnum):
    """Whether people took part in a decision."""

    AUTOMATIC = "automatic"
    ASSISTED = "assisted"
    PERSON = "person"
