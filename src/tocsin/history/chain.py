"""The seal on each group of entries.

Receives a group's bytes and the seal before it. Gives a checksum against accidents and a hash that binds the group to
everything before it, so that nothing can be taken out or changed unseen. Never reads a file.
"""

import hashlib
import zlib

import msgspec
from msgspec import Struct

from tocsin.history.entry import Entry, unpack_entries
from tocsin.model.errors import HistoryDamaged

GENESIS = bytes(32)
"""The seal before the first group."""


class Seal(Struct, frozen=True):
    """`crc` finds accidents cheaply; `hash` is SHA-256 over the hash before and this group's bytes."""

    crc: int
    hash: bytes


class Batch(Struct, frozen=True):
    """One committed group."""

    first_seq: int
    last_seq: int
    entries: bytes
    seal: Seal
    previous: bytes


def make_seal(previous: bytes, packed: bytes) -> Seal:
    """The seal of a group that follows `previous`.

    >>> make_seal(GENESIS, b"a").hash == make_seal(make_seal(GENESIS, b"").hash, b"a").hash
    False
    """
    return Seal(zlib.crc32(packed), hashlib.sha256(previous + packed).digest())


def open_batch(batch: Batch) -> tuple[Entry, ...]:
    """The entries of a group, its checksum proved.

    Raises:
        HistoryDamaged: the bytes are not what was committed.
    """
    try:
        entries = unpack_entries(batch.entries) if zlib.crc32(batch.entries) == batch.seal.crc else ()
    except msgspec.MsgspecError:
        entries = ()
    if len(entries) != batch.last_seq - batch.first_seq + 1:
        raise HistoryDamaged(f"entries {batch.first_seq} to {batch.last_seq} are not what was committed")
    return entries
