"""The keys that seal.

Receives a file that only its owner can read, or a variable of the environment. Gives a ring: the last key seals, all of
them open. A key is 32 bytes from the system's generator; what seals, what finds and what names it are derived from it by
HKDF (RFC 5869) and tell nothing of one another. Never shows a key.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NewType

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.model.errors import SealKeyMissing, SecretWrong
from tocsin.records.secret import read_secret, replace_secret, write_secret

SealKeyId = NewType("SealKeyId", str)
"""Sixteen hexadecimal digits, derived from the key."""

VARIABLE = "TOCSIN_SEAL_KEYS"
PREFIX = "tocsin-seal-1."
KEY_BYTES = 32
ID_BYTES = 8
KEY_LIMIT = 100


class SealKey:
    """One key and what follows from it."""

    __slots__ = ("cipher", "id", "index_secret")

    def __init__(self, secret: bytes) -> None:
        """A key of 32 bytes.

        Raises:
            SecretWrong: another length.
        """
        if len(secret) != KEY_BYTES:
            raise SecretWrong(f"a sealing key has {KEY_BYTES} bytes")
        self.cipher = AESGCM(_derive(secret, "seal", 32))
        self.index_secret = _derive(secret, "blind index", 32)
        self.id = SealKeyId(_derive(secret, "key id", ID_BYTES).hex())

    def __repr__(self) -> str:
        return f"SealKey({self.id})"


class Keyring:
    """Keys in the order in which they came into use. The last one seals; each opens what it sealed."""

    def __init__(self, keys: Sequence[SealKey]) -> None:
        """A ring of at least one key.

        Raises:
            SecretWrong: there is none, there are more than 100, or one is there twice.
        """
        self._keys = {key.id: key for key in keys}
        if not 0 < len(keys) <= KEY_LIMIT:
            raise SecretWrong(f"a ring has 1 to {KEY_LIMIT} sealing keys, not {len(keys)}")
        if len(self._keys) != len(keys):
            raise SecretWrong("a sealing key stands on the ring twice")
        self.current = keys[-1]

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    @property
    def keys(self) -> tuple[SealKey, ...]:
        """All keys, the one that seals first."""
        return tuple(reversed(self._keys.values()))

    def find(self, key_id: SealKeyId) -> SealKey:
        """The key of this id.

        Raises:
            SealKeyMissing: it is not on this ring.
        """
        found = self._keys.get(key_id)
        if found is None:
            raise SealKeyMissing(f"sealed with key {key_id}, which is not on this ring; add the file that holds it")
        return found


def generate_key_line() -> str:
    """A new key, written as it stands in a file or in the environment."""
    return PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def parse_keyring(text: str) -> Keyring:
    """The ring of a text with one key a line (blanks part them as well), oldest first; `#` begins a remark.

    Raises:
        SecretWrong: there is no key, or one cannot be read. The message never repeats what stands there.
    """
    words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
    return Keyring([_parse_key(word, place) for place, word in enumerate(words, 1)])


def read_keyring(path: Path) -> Keyring:
    """The ring of a file that only its owner can read.

    Raises:
        SecretWrong: others can read it, or as `parse_keyring`.
    """
    try:
        return parse_keyring(read_secret(path).decode())
    except UnicodeDecodeError:
        raise SecretWrong(f"{path}: a file of keys is plain text") from None


def find_keyring(path: Path | None, environment: Mapping[str, str]) -> Keyring:
    """The ring of a file where one is named, else of `TOCSIN_SEAL_KEYS`.

    Raises:
        SecretWrong: there is neither, or as `read_keyring`.
    """
    if path is not None:
        return read_keyring(path)
    if VARIABLE not in environment:
        raise SecretWrong(f"no sealing key: name a file of keys in the settings, or set {VARIABLE}")
    return parse_keyring(environment[VARIABLE])


def new_keyring_file(path: Path) -> Keyring:
    """Makes a key in a new file that only its owner can read. Keep a copy elsewhere: nothing opens without it.

    Raises:
        SecretWrong: the file exists, or cannot be written.
    """
    line = generate_key_line()
    write_secret(path, f"# Tocsin sealing keys, oldest first; the last one seals.\n{line}\n".encode())
    return parse_keyring(line)


def rotate_keyring_file(path: Path) -> Keyring:
    """Adds a key, which seals from now on. Keep the others until everything is sealed anew.

    Raises:
        SecretWrong: as `read_keyring`, or it cannot be written.
    """
    read_keyring(path)
    added = read_secret(path).decode().rstrip("\n") + f"\n{generate_key_line()}\n"
    ring = parse_keyring(added)
    replace_secret(path, added.encode())
    return ring


def _parse_key(word: str, place: int) -> SealKey:
    try:
        if not word.startswith(PREFIX):
            raise ValueError
        body = word.removeprefix(PREFIX)
        return SealKey(base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, SecretWrong):
        raise SecretWrong(f"sealing key {place} cannot be read; a key begins with {PREFIX}") from None


def _derive(secret: bytes, purpose: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=f"tocsin 1 {purpose}".encode()).derive(secret)
