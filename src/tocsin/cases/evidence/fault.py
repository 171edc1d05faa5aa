"""How evidence is not as it was.

Receives nothing. Gives the kinds of faults that a verification names. Never says who is to blame.
"""

from enum import StrEnum

from msgspec import Struct


class FaultKind(StrEnum):
    """`missing`, `changed`, `extra`, `repeated`: a file. `no_manifest`: the list itself is none.

    `unsigned`: nobody signed, although keys were named. `no_signature`: it says who signed, but the signature or the key
    is not there. `other_key`: signed, but with none of the named keys. `false_signature`: it belongs to other bytes.
    """

    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"
    REPEATED = "repeated"
    NO_MANIFEST = "no_manifest"
    UNSIGNED = "unsigned"
    NO_SIGNATURE = "no_signature"
    OTHER_KEY = "other_key"
    FALSE_SIGNATURE = "false_signature"


class EvidenceFault(Struct, frozen=True, order=True):
    """One fault. `name` is the file it is about, as it is called in the bundle; `text` says more where there is more."""

    name: str
    kind: FaultKind
    text: str = ""
