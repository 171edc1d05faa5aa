"""API keys.

Receives a wish for a key, or a key as it was sent. Gives the key once, in clear, and afterwards only whether it is the
one. A secret has 256 bits from the system's generator, so that a plain SHA-256 of it cannot be guessed from.
"""

import hashlib
import secrets
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.access.tables import ApiKey
from tocsin.model.errors import KeyWrong
from tocsin.records.table import begin_change

PREFIX = "tocsin"
TEST_PREFIX = "tocsintest"
"""What a key of the scope `test` begins with, so that anybody sees what it is."""
NAME_LIMIT = 128


class Scope(StrEnum):
    """What a key may do: ask for decisions, read what was kept, change lists, carry out measures, work on cases, see and
    remove what is held on people, everything; or try, and nothing else.
    """

    DECIDE = "decide"
    READ = "read"
    LISTS = "lists"
    MEASURES = "measures"
    CASES = "cases"
    PERSONAL = "personal"
    ADMIN = "admin"
    TEST = "test"


class NewKey(Struct, frozen=True, kw_only=True):
    """A key that is wanted. `expires_at` is microseconds since 1970 UTC, None where it never does."""

    name: str
    scopes: tuple[Scope, ...]
    expires_at: int | None = None


def make_key(session: Session, wanted: NewKey, now_us: int) -> tuple[ApiKey, str]:
    """A new key, as record and in clear. The clear text cannot be had again.

    Raises:
        KeyWrong: no name, no scope, a test key with another scope, or an end in the past.
    """
    if not 0 < len(wanted.name) <= NAME_LIMIT or not wanted.name.isprintable():
        raise KeyWrong(f"a key's name has 1 to {NAME_LIMIT} characters that can be seen")
    if not wanted.scopes:
        raise KeyWrong(f"a key needs a scope: {', '.join(Scope)}")
    if Scope.TEST in wanted.scopes and set(wanted.scopes) != {Scope.TEST}:
        raise KeyWrong("a test key has no other scope: it neither reads nor changes anything")
    if wanted.expires_at is not None and wanted.expires_at <= now_us:
        raise KeyWrong("the key would expire in the past")
    begin_change(session, ApiKey)
    number, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    made = ApiKey(
        id=number,
        name=wanted.name,
        scopes=" ".join(sorted(set(wanted.scopes))),
        digest=digest_of(secret),
        made_at=now_us,
        expires_at=wanted.expires_at,
    )
    session.add(made)
    prefix = TEST_PREFIX if Scope.TEST in wanted.scopes else PREFIX
    return made, f"{prefix}_{number}_{secret}"


def rotate_key(
    session: Session, number: str, keep_until: int, now_us: int, expires_at: int | None = None
) -> tuple[ApiKey, str]:
    """A new key with the same name, scopes and end; the old one works until `keep_until`, or its own end if that is earlier.

    `expires_at` gives the new key another end.

    Raises:
        KeyWrong: there is no such key in force, or it has been replaced already.
    """
    begin_change(session, ApiKey)
    old = session.get(ApiKey, number)
    if old is None or not is_in_force(old, now_us):
        raise KeyWrong(f"there is no key {number[:20]} in force")
    if old.replaced_by is not None:
        raise KeyWrong(f"the key {old.id} has been replaced by {old.replaced_by}; rotate that one")
    scopes = tuple(map(Scope, old.scopes.split()))
    end = old.expires_at if expires_at is None else expires_at
    made, clear = make_key(session, NewKey(name=old.name, scopes=scopes, expires_at=end), now_us)
    old.replaced_by = made.id
    old.expires_at = keep_until if old.expires_at is None else min(old.expires_at, keep_until)
    return made, clear


def revoke_key(session: Session, number: str, now_us: int) -> None:
    """Ends a key at once; one that is revoked already stays so.

    Raises:
        KeyWrong: there is no such key.
    """
    begin_change(session, ApiKey)
    found = session.get(ApiKey, number)
    if found is None:
        raise KeyWrong(f"there is no key {number[:20]}")
    if found.revoked_at is None:
        found.revoked_at = now_us


def is_in_force(key: ApiKey, now_us: int) -> bool:
    """Whether a key works now."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now_us)


def list_keys(session: Session) -> Sequence[ApiKey]:
    """Every key that was ever made, oldest first."""
    return session.scalars(select(ApiKey).order_by(ApiKey.made_at, ApiKey.id)).all()


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def split_key(sent: str) -> tuple[str, str] | None:
    """Number and secret of a key as it was sent; None where it is no key.

    >>> split_key("tocsin_0123_abc"), split_key("nothing")
    (('0123', 'abc'), None)
    """
    prefix, _, rest = sent.partition("_")
    number, _, secret = rest.partition("_")
    return (number, secret) if prefix in {PREFIX, TEST_PREFIX} and number and secret else None
