"""How a client is set up.

Receives what its user says. Gives checked settings; what is wrong is a ValueError when the client is made, never later.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import httpx
from msgspec import Struct

from tocsin.model.outcome import Outcome

Fallback = Literal["allow", "warn", "challenge", "hold", "block", "raise"]
OnFailure = Fallback | Mapping[str, Fallback]
"""One outcome for every event type, or one by event type; `*` stands for the others (`allow` where it is missing)."""

DECIDE, EVENTS, READY = "/v1/decisions", "/v1/events", "/health/ready"
RAISE = "raise"
OTHERS = "*"


class Timing(Struct, frozen=True):
    """Where the client gets its time and its chance from. Tests pass their own."""

    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


class Options(Struct, frozen=True, kw_only=True):
    """Everything about a client that rarely needs to be said.

    `on_rejected` holds for events that are refused for what they say (None: as `on_failure`); where people can shape an
    event, an outcome that stops it keeps them from slipping past with a broken one. `tries` are made within one call's
    budget. The breaker opens after `open_after` failures in a row, for `open_s` doubling up to
    `open_longest_s` seconds. Background events go out in batches of `batch_events` or after `batch_s` seconds; at most
    `queue_events` and `queue_bytes` wait, then the oldest are dropped. The transports' makers are called once in each
    process (or loop): for a proxy, a client certificate, or a test.
    """

    on_rejected: OnFailure | None = None
    tries: int = 3
    connections: int = 100
    open_after: int = 5
    open_s: float = 1.0
    open_longest_s: float = 30.0
    batch_events: int = 500
    batch_s: float = 1.0
    queue_events: int = 10_000
    queue_bytes: int = 16 << 20
    send_timeout_s: float = 5.0
    ssl_context: ssl.SSLContext | None = None
    transport: Callable[[], httpx.BaseTransport] | None = None
    async_transport: Callable[[], httpx.AsyncBaseTransport] | None = None
    timing: Timing = Timing()


class Policy:
    """What is concluded of an event when Tocsin concludes nothing."""

    def __init__(self, wanted: OnFailure) -> None:
        """Checks it.

        Raises:
            ValueError: not an outcome and not `raise`.
        """
        by_type = dict(wanted) if isinstance(wanted, Mapping) else {OTHERS: wanted}
        self._by_type = {name: _outcome_of(each) for name, each in by_type.items()}
        self._others = self._by_type.pop(OTHERS, Outcome.ALLOW)

    def outcome(self, event_type: str) -> Outcome | None:
        """The outcome for an event type; None where the error is to be raised."""
        return self._by_type.get(event_type, self._others)


class Setup(Struct, frozen=True, kw_only=True):
    """A client's settings, checked."""

    urls: dict[str, httpx.URL]
    headers: list[tuple[bytes, bytes]]
    timeout_s: float
    on_failure: Policy
    on_rejected: Policy
    options: Options
    ssl_context: ssl.SSLContext | None


def check_url(url: str) -> dict[str, httpx.URL]:
    """The service's addresses, by path.

    Raises:
        ValueError: it is none.
    """
    try:
        found = httpx.URL(url.strip().rstrip("/"))
    except httpx.InvalidURL as error:
        raise ValueError(f"the address of Tocsin cannot be read: {error}") from None
    if found.scheme not in {"http", "https"} or not found.host or found.userinfo or found.query or found.fragment:
        raise ValueError("the address of Tocsin is like https://tocsin.example.org, with no user, password or query")
    return {path: httpx.URL(f"{found}{path}") for path in (DECIDE, EVENTS, READY)}


def check_key(key: str) -> str:
    """A key as it is sent.

    Raises:
        ValueError: it cannot be one; the error does not repeat it.
    """
    if not key.isascii() or not key.isprintable() or not key or " " in key:
        raise ValueError("the key is empty or has characters that no key has")
    return key


def check_options(options: Options, timeout_s: float) -> None:
    """Whether numbers are what they can be.

    Raises:
        ValueError: which one is not.
    """
    counted = ("tries", "connections", "open_after", "batch_events", "queue_events", "queue_bytes")
    spans = ("open_s", "open_longest_s", "batch_s", "send_timeout_s")
    for name in counted:
        if getattr(options, name) < 1:
            raise ValueError(f"{name} must be at least 1")
    for name in spans:
        if not 0 < getattr(options, name) < float("inf"):
            raise ValueError(f"{name} must be more than 0 seconds")
    if not 0 < timeout_s < float("inf"):
        raise ValueError("timeout_s must be more than 0 seconds")
    if options.batch_events > 1_000:
        raise ValueError("batch_events must be at most 1000, more is not taken at once")


def _outcome_of(wanted: str) -> Outcome | None:
    if wanted == RAISE:
        return None
    try:
        return Outcome(wanted)
    except ValueError:
        raise ValueError(f"{wanted!r} is no outcome; use allow, warn, challenge, hold, block or raise") from None
