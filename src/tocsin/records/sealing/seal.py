"""A text sealed into its place.

Receives a text and the record and field where it stands. Gives bytes that open there and nowhere else, with AES-256-GCM
under a random nonce. One key seals at most 2^32 texts safely: rotate long before.

A sealed value is: one byte 1, eight bytes of key id, twelve of nonce, then ciphertext and tag. The text is filled up to a
multiple of 32 bytes first, so that its length does not tell a name of two characters from one of three.
"""

import secrets

from cryptography.exceptions import InvalidTag
from msgspec import Struct

from tocsin.model.errors import NotCanonical, SealDamaged
from tocsin.records.canonical import canonical_bytes
from tocsin.records.sealing.keyring import ID_BYTES, Keyring, SealKeyId

VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
HEAD_BYTES = 1 + ID_BYTES
BLOCK = 32
TEXT_LIMIT = 65_536
END = b"\x80"


class Place(Struct, frozen=True):
    """Where a sealed value stands: the kind of record, its field, and the record's id."""

    record: str
    field: str
    id: str


def seal(ring: Keyring, place: Place, text: str) -> bytes:
    """The text, sealed with the ring's last key. Twice the same text gives other bytes.

    Raises:
        NotCanonical: the text has more than 65,536 bytes or holds half a surrogate pair.
    """
    try:
        plain = text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(f"a text holds half a surrogate pair in place {error.start}") from None
    if len(plain) > TEXT_LIMIT:
        raise NotCanonical(f"a sealed text has at most {TEXT_LIMIT} bytes")
    key = ring.current
    head = bytes([VERSION]) + bytes.fromhex(key.id)
    nonce = secrets.token_bytes(NONCE_BYTES)
    filled = plain + END + bytes(-(len(plain) + 1) % BLOCK)
    return head + nonce + key.cipher.encrypt(nonce, filled, _bound(head, place))


def unseal(ring: Keyring, place: Place, sealed: bytes) -> str:
    """The text again.

    Raises:
        SealKeyMissing: its key is not on this ring.
        SealDamaged: it has been changed, or sealed for another place.
    """
    key = ring.find(key_id_of(sealed))
    head, nonce = sealed[:HEAD_BYTES], sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
    try:
        filled = key.cipher.decrypt(nonce, sealed[HEAD_BYTES + NONCE_BYTES :], _bound(head, place))
    except InvalidTag:
        raise SealDamaged(
            f"{place.record}.{place.field}: changed since it was sealed, or moved from elsewhere"
        ) from None
    return filled.rstrip(b"\0").removesuffix(END).decode()


def key_id_of(sealed: bytes) -> SealKeyId:
    """The id of the key that a value was sealed with.

    Raises:
        SealDamaged: it is no sealed value.
    """
    if len(sealed) < HEAD_BYTES + NONCE_BYTES + BLOCK + TAG_BYTES or sealed[0] != VERSION:
        raise SealDamaged("these bytes are no sealed value")
    return SealKeyId(sealed[1:HEAD_BYTES].hex())


def needs_reseal(ring: Keyring, sealed: bytes) -> bool:
    """Whether a value was sealed with another key than the ring's last.

    Raises:
        SealDamaged: it is no sealed value.
    """
    return key_id_of(sealed) != ring.current.id


def reseal(ring: Keyring, place: Place, sealed: bytes) -> bytes:
    """The same text under the ring's last key; the value itself where it is sealed with that already.

    Raises:
        SealKeyMissing: its key is not on this ring.
        SealDamaged: it has been changed, or sealed for another place.
    """
    text = unseal(ring, place, sealed)
    return seal(ring, place, text) if needs_reseal(ring, sealed) else sealed


def _bound(head: bytes, place: Place) -> bytes:
    return head + canonical_bytes([place.record, place.field, place.id])
