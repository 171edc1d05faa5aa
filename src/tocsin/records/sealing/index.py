"""Finding a sealed value again.

Receives a value and its kind. Gives a hash with a key (HMAC-SHA-256) that equal values share, so that a database can look
for it without opening anything. Who has the database but not the key learns only which rows are equal; without the key
the few billion phone numbers cannot be tried out. Never used for values that few people share a handful of, such as a sex.
"""

import hashlib
import hmac

from tocsin.records.canonical import canonical_bytes
from tocsin.records.sealing.keyring import Keyring, SealKey
from tocsin.records.sealing.personal import Personal, normal_form


def blind_index(ring: Keyring, kind: Personal, value: str) -> bytes:
    """The 32 bytes to keep beside a sealed value: its index under the key that seals now.

    Raises:
        NotCanonical: the value holds half a surrogate pair.
    """
    return _index(ring.current, kind, value)


def blind_indexes(ring: Keyring, kind: Personal, value: str) -> tuple[bytes, ...]:
    """What to look for: the value's index under each key of the ring, the one that seals first.

    Raises:
        NotCanonical: the value holds half a surrogate pair.
    """
    return tuple(_index(key, kind, value) for key in ring.keys)


def is_index_of(ring: Keyring, kind: Personal, value: str, index: bytes) -> bool:
    """Whether an index belongs to a value, in a time that tells nothing of where they differ.

    Raises:
        NotCanonical: the value holds half a surrogate pair.
    """
    found = False
    for each in blind_indexes(ring, kind, value):
        found |= hmac.compare_digest(each, index)
    return found


def _index(key: SealKey, kind: Personal, value: str) -> bytes:
    content = canonical_bytes([str(kind), normal_form(kind, value)])
    return hmac.digest(key.index_secret, content, hashlib.sha256)
