"""The keys in force, at hand.

Receives a key as it was sent with a request. Gives who it is. Looks first whether anybody has changed a key since, so
that a revoked one ends at once, whichever process revoked it.
"""

import asyncio
import hmac
import time
from collections.abc import Callable

from msgspec import Struct

from tocsin.app.access.key import Scope, digest_of, list_keys, split_key
from tocsin.app.access.tables import ApiKey
from tocsin.app.storage.records import Records
from tocsin.model.errors import StorageFull

RETRY_S = 0.25
"""How long not to ask again after the records could not be read: nobody's request shall wait for them."""

WAIT_S = 0.3
SILENT_S = 1.0
"""How long a request waits for records that say nothing, and how long nobody waits again afterwards."""


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
    """Every key in force. Where the records cannot be read, those read last stay in force."""

    def __init__(self, records: Records, clock: Callable[[], int]) -> None:
        self._records = records
        self._clock = clock
        self._version = -1
        self._rest_until = 0.0
        self._callers: dict[str, Caller] = {}
        self._reading: asyncio.Future[None] | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the records have changed since the keys were read, and may be asked."""
        return self._records.version() != self._version and time.monotonic() >= self._rest_until

    async def follow(self) -> None:
        """Reads the keys again in a thread. A database that says nothing is waited for a moment only: those read last count."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.ensure_future(asyncio.to_thread(self._refresh))
        done, _ = await asyncio.wait({self._reading}, timeout=WAIT_S)
        if not done:
            self._rest_until = time.monotonic() + SILENT_S

    def find(self, sent: str) -> Caller | None:
        """Who sent this key; None where it is none, expired or revoked."""
        self._refresh()
        return self.look_up(sent)

    def look_up(self, sent: str) -> Caller | None:
        """The same by what was read last, at once. Compares in constant time."""
        parts = split_key(sent)
        if parts is None:
            return None
        caller = self._callers.get(parts[0])
        expected = caller.digest if caller is not None else bytes(32)
        same = hmac.compare_digest(digest_of(parts[1]), expected)
        return caller if caller is not None and same and self._is_in_force(caller) else None

    @property
    def is_empty(self) -> bool:
        """Whether there is no key in force at all."""
        self._refresh()
        return not any(self._is_in_force(caller) for caller in self._callers.values())

    def _is_in_force(self, caller: Caller) -> bool:
        return caller.expires_at is None or caller.expires_at > self._clock()

    def _refresh(self) -> None:
        if not self.is_behind:
            return
        version = self._records.version()
        try:
            with self._records.session() as session:
                self._callers = {key.id: _caller_of(key) for key in list_keys(session) if key.revoked_at is None}
        except StorageFull:
            self._rest_until = time.monotonic() + RETRY_S
            return
        self._version = version


def _caller_of(key: ApiKey) -> Caller:
    scopes = frozenset(
        scope for scope in Scope if scope in key.scopes.split()
    )  # one that is unknown here allows nothing
    return Caller(key.id, key.name, scopes, bytes(key.digest), key.expires_at)
