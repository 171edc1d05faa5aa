"""Keys that sign, and keys that prove a signature.

Receives bytes. Gives Ed25519 signatures (RFC 8032) over exactly these bytes, in files that `openssl` reads: a private key
as PKCS#8 PEM, a public one as PEM, a signature as 64 bytes. Never shows a private key, and never signs a hash in the
place of what was hashed.
"""

import hashlib
from pathlib import Path
from typing import NewType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tocsin.model.errors import SecretWrong
from tocsin.records.secret import read_secret, write_secret

KeyId = NewType("KeyId", str)
"""The first 16 hexadecimal digits of the SHA-256 of a public key's 32 bytes."""

SIGNATURE_BYTES = 64
PEM_LIMIT = 4_096


class VerifyingKey:
    """A public key."""

    def __init__(self, raw: bytes) -> None:
        """The key of 32 bytes.

        Raises:
            SecretWrong: they are no key.
        """
        try:
            self._key = Ed25519PublicKey.from_public_bytes(raw)
        except ValueError as error:
            raise SecretWrong(f"no public Ed25519 key: {error}") from None
        self.raw = raw
        self.id = KeyId(hashlib.sha256(raw).hexdigest()[:16])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyingKey) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    @property
    def pem(self) -> bytes:
        """The key as a file."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def proves(self, signature: bytes, content: bytes) -> bool:
        """Whether this key's owner signed exactly these bytes."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = VerifyingKey(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def id(self) -> KeyId:
        """The id of its public key."""
        return self.public.id

    def sign(self, content: bytes) -> bytes:
        """64 bytes that only this key can make, the same each time."""
        return self._key.sign(content)

    def pem(self) -> bytes:
        """The key as a file; keep it from others."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def generate_signing_key() -> SigningKey:
    """A new key from the system's generator."""
    return SigningKey(Ed25519PrivateKey.generate())


def new_signing_file(path: Path) -> SigningKey:
    """Makes a key and writes it into a new file that only its owner can read.

    Raises:
        SecretWrong: the file exists, or cannot be written.
    """
    key = generate_signing_key()
    write_secret(path, key.pem())
    return key


def read_signing_file(path: Path) -> SigningKey:
    """The private key of a file.

    Raises:
        SecretWrong: others can read the file, or it holds no private Ed25519 key.
    """
    content = read_secret(path)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SecretWrong(f"{path}: no private key in PEM without a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SecretWrong(f"{path}: not an Ed25519 key; make one with `openssl genpkey -algorithm ed25519`")
    return SigningKey(key)


def read_public_key(pem: bytes) -> VerifyingKey:
    """The public key of a PEM text.

    Raises:
        SecretWrong: it is none.
    """
    if len(pem) > PEM_LIMIT:
        raise SecretWrong(f"a public key has at most {PEM_LIMIT} bytes")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SecretWrong("no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise SecretWrong("not an Ed25519 key")
    return VerifyingKey(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def read_public_file(path: Path) -> VerifyingKey:
    """The public key of a file in PEM.

    Raises:
        SecretWrong: it cannot be read, or holds none.
    """
    try:
        with path.open("rb") as opened:
            return read_public_key(opened.read(PEM_LIMIT + 1))
    except OSError as error:
        raise SecretWrong(f"{path}: {error.strerror}") from None
    except SecretWrong as error:
        raise SecretWrong(f"{path}: {error}") from None
