"""The keys in force, at hand.

Receives a key as it was sent with a request. Gives who it is. Looks first whether anybody has changed a key since, so
that a revoked one ends at once, whichever process revoked it.
"""

import hmac
from collections.abc import Callable

from msgspec import Struct

from tocsin.app.access.key import Scope, digest_of, list_keys, split_key
from tocsin.app.storage.records import Records


class Caller(Struct, frozen=True):
    """Who calls."""

    id: str
    name: str
    scopes: frozenset[Scope]
    digest: bytes
    expires_at: int | None

    def may(self, scope: Scope) -> bool:
        """Whether the key has a scope; admin has them all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    @property
    def is_test(self) -> bool:
        """Whether the key is for tests: it gets test values and never reaches what is kept."""
        return Scope.TEST in self.scopes


class KeyRing:
    """Every key in force."""

    def __init__(self, records: Records, clock: Callable[[], int]) -> None:
        self._records = records
        self._clock = clock
        self._version = -1
        self._callers: dict[str, Caller] = {}

    def find(self, sent: str) -> Caller | None:
        """Who sent this key; None where it is none, expired or revoked. Compares in constant time."""
        self._refresh()
        parts = split_key(sent)
        if parts is None:
            return None
        caller = self._callers.get(parts[0])
        expected = caller.digest if caller is not None else bytes(32)
        same = hmac.compare_digest(digest_of(parts[1]), expected)
        if caller is None or not same:
            return None
        return None if caller.expires_at is not None and caller.expires_at <= self._clock() else caller

    @property
    def is_empty(self) -> bool:
        """Whether there is no key in force at all."""
        self._refresh()
        now = self._clock()
        return all(caller.expires_at is not None and caller.expires_at <= now for caller in self._callers.values())

    def _refresh(self) -> None:
        version = self._records.version()
        if version == self._version:
            return
        with self._records.session() as session:
            self._callers = {
                key.id: Caller(
                    key.id, key.name, frozenset(map(Scope, key.scopes.split())), bytes(key.digest), key.expires_at
                )
                for key in list_keys(session)
                if key.revoked_at is None
            }
        self._version = version
