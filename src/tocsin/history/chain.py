"""The seal on each group of entries.

Receives a group's bytes and the seal before it. Gives a checksum against accidents and a hash that binds the group to
everything before it, so that nothing can be taken out or changed unseen. Never reads a file.
"""

import hashlib
import zlib

from msgspec import Struct

GENESIS = bytes(32)
"""The seal before the first group."""


class Seal(Struct, frozen=True):
    """`crc` finds accidents cheaply; `hash` is SHA-256 over the hash before and this group's bytes."""

    crc: int
    hash: bytes


def make_seal(previous: bytes, packed: bytes) -> Seal:
    """The seal of a group that follows `previous`.

    >>> make_seal(GENESIS, b"a").hash == make_seal(make_seal(GENESIS, b"").hash, b"a").hash
    False
    """
    return Seal(zlib.crc32(packed), hashlib.sha256(previous + packed).digest())
