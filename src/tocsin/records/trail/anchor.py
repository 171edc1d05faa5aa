"""The end of the chain on one day, signed.

Receives the last link. Gives an anchor that can be kept where whoever keeps the log cannot reach it: it proves what the
chain was that day, and how long. Verified with public keys alone. Never holds a word of the log.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from tocsin.model.errors import AnchorWrong, SecretWrong
from tocsin.model.window import SECOND_US
from tocsin.records.canonical import canonical_bytes
from tocsin.records.signing import KeyId, SigningKey, VerifyingKey
from tocsin.records.trail.chain import Link

LINE_LIMIT = 4_096


class Anchor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was signed. `hash` is the link's in hexadecimal; `day` is the UTC day of `at`, in microseconds since 1970."""

    at: int
    day: str
    hash: str
    key: KeyId
    position: int
    form: Literal["tocsin.audit-anchor/1"] = "tocsin.audit-anchor/1"


class SignedAnchor(Struct, frozen=True):
    """An anchor with the signature over its canonical bytes."""

    anchor: Anchor
    signature: bytes

    @property
    def content(self) -> bytes:
        """The bytes that are signed; `openssl` proves them with the signature and the public key."""
        return canonical_bytes(self.anchor)


class Succession(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key follows another at a moment. Public keys are in hexadecimal; both sign, so that none is foisted."""

    at: int
    old: str
    new: str
    form: Literal["tocsin.key-succession/1"] = "tocsin.key-succession/1"


class SignedSuccession(Struct, frozen=True):
    """A succession with both signatures over its canonical bytes."""

    succession: Succession
    old_signature: bytes
    new_signature: bytes


class TrustedKey(Struct, frozen=True):
    """A public key and the time in which it signs: from `since` (None: ever) to just before `until` (None: still)."""

    key: VerifyingKey
    since: int | None = None
    until: int | None = None

    def signs_at(self, at: int) -> bool:
        """Whether a moment lies in its time."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


TrustedKeys = Mapping[KeyId, TrustedKey]


def sign_anchor(last: Link, key: SigningKey, now_us: int) -> SignedAnchor:
    """An anchor over the last link. Link whatever waits first, so that nothing older is linked after it."""
    anchor = Anchor(at=now_us, day=day_of(now_us), hash=last.hash.hex(), key=key.id, position=last.position)
    return SignedAnchor(anchor, key.sign(canonical_bytes(anchor)))


def check_anchor(signed: SignedAnchor, keys: TrustedKeys) -> str:
    """What is wrong with an anchor by itself; an empty text where nothing is."""
    anchor = signed.anchor
    trusted = keys.get(anchor.key)
    if trusted is None:
        return f"signed with key {anchor.key}, which is not trusted"
    if not trusted.signs_at(anchor.at):
        return f"signed with key {anchor.key} outside its time"
    if not trusted.key.proves(signed.signature, signed.content):
        return "the signature does not belong to it"
    return "" if anchor.day == day_of(anchor.at) else f"its day is not that of its time, {day_of(anchor.at)}"


def hand_over(old: SigningKey, new: SigningKey, at: int) -> SignedSuccession:
    """Lets a new key sign from a moment on, and the old one no more."""
    succession = Succession(at=at, old=old.public.raw.hex(), new=new.public.raw.hex())
    content = canonical_bytes(succession)
    return SignedSuccession(succession, old.sign(content), new.sign(content))


def trust(roots: Iterable[VerifyingKey], successions: Iterable[SignedSuccession] = ()) -> dict[KeyId, TrustedKey]:
    """The keys that follow from those known beforehand, with the time in which each signs.

    Raises:
        AnchorWrong: a succession that its two keys did not sign, or from a key that is not trusted at that moment.
    """
    known = {key.id: TrustedKey(key) for key in roots}
    for signed in sorted(successions, key=lambda each: each.succession.at):
        change = signed.succession
        try:
            old, new = VerifyingKey(bytes.fromhex(change.old)), VerifyingKey(bytes.fromhex(change.new))
        except (ValueError, SecretWrong):
            raise AnchorWrong("a succession names no keys") from None
        content = canonical_bytes(change)
        if not (old.proves(signed.old_signature, content) and new.proves(signed.new_signature, content)):
            raise AnchorWrong(f"the succession from {old.id} to {new.id} is not signed by both")
        before = known.get(old.id)
        if before is None or not before.signs_at(change.at) or new.id in known:
            raise AnchorWrong(f"key {old.id} could not hand over to {new.id} at that time")
        known[old.id] = TrustedKey(old, before.since, change.at)
        known[new.id] = TrustedKey(new, change.at)
    return known


def write_anchor(signed: SignedAnchor) -> bytes:
    """An anchor as one line of JSON, to be kept elsewhere."""
    return canonical_bytes(signed) + b"\n"


def write_succession(signed: SignedSuccession) -> bytes:
    """A succession as one line of JSON."""
    return canonical_bytes(signed) + b"\n"


def read_anchor(line: bytes) -> SignedAnchor:
    """The anchor of such a line. Its signature is not proved here.

    Raises:
        AnchorWrong: it is none.
    """
    return _read(line, SignedAnchor)


def read_succession(line: bytes) -> SignedSuccession:
    """The succession of such a line. Its signatures are not proved here.

    Raises:
        AnchorWrong: it is none.
    """
    return _read(line, SignedSuccession)


def day_of(at: int) -> str:
    """The UTC day of a moment.

    >>> day_of(1_768_478_400_000_000)
    '2026-01-15'

    Raises:
        AnchorWrong: no calendar has such a day.
    """
    try:
        return datetime.fromtimestamp(at // SECOND_US, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        raise AnchorWrong(f"{at} microseconds lie outside every calendar") from None


Line = TypeVar("Line", SignedAnchor, SignedSuccession)


def _read(line: bytes, kind: type[Line]) -> Line:
    if len(line) > LINE_LIMIT:
        raise AnchorWrong(f"such a line has at most {LINE_LIMIT} bytes")
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise AnchorWrong(f"a line that cannot be read: {str(error)[:120]}") from None
