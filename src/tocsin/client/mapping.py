"""Which web requests are events, and where each field comes from.

Receives what the integrator writes down: a method, a path, an event type and a source for each field. Gives a checked
route. What is wrong with it is a ValueError when the program starts.

>>> Route("POST", "/transfers", "payment.transfer", {
...     "sender": header("x-account", prefix="account:"),
...     "payee": body("to.account", prefix="account:"),
...     "amount": body("amount"),
...     "ip": client_ip(),
... }).event_type
'payment.transfer'
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from tocsin.client.decision import Decision
from tocsin.client.errors import RequestUnreadable
from tocsin.model.outcome import Outcome

DECISION_KEY = "tocsin.decision"
"""Where the application finds the decision: in the ASGI scope, in the WSGI environ (Django: `request.META`)."""


class Seen(Struct, frozen=True):
    """A web request as sources and answers see it.

    `headers` have names in lower case; `parts` are the path's; `body` is the JSON or form body where a source wants it,
    and `fault` says why it could not be read; `peer` is who is connected (a proxy, where there is one); `raw` is the ASGI
    scope or the WSGI environ.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: str
    peer: str
    parts: Mapping[str, str]
    body: object
    raw: Mapping[str, Any]
    fault: RequestUnreadable | None = None


class Place(StrEnum):
    """Where a field comes from."""

    HEADER = "header"
    COOKIE = "cookie"
    PATH = "path"
    QUERY = "query"
    BODY = "body"
    CLIENT_IP = "client_ip"
    CALL = "call"


class Source(Struct, frozen=True):
    """Where one field comes from. `prefix` makes an entity of it; `read` makes another value of a text.

    What is not there leaves the field out.
    """

    place: Place
    name: str = ""
    prefix: str = ""
    read: Callable[[Any], object] | None = None


def header(name: str, *, prefix: str = "", read: Callable[[Any], object] | None = None) -> Source:
    """A header. Trust one that names an account only where your own proxy sets it."""
    return Source(Place.HEADER, name.lower(), prefix, read)


def cookie(name: str, *, prefix: str = "", read: Callable[[Any], object] | None = None) -> Source:
    """A cookie."""
    return Source(Place.COOKIE, name, prefix, read)


def path(name: str, *, prefix: str = "", read: Callable[[Any], object] | None = None) -> Source:
    """A part of the path: `{name}` in the route."""
    return Source(Place.PATH, name, prefix, read)


def query(name: str, *, prefix: str = "", read: Callable[[Any], object] | None = None) -> Source:
    """A parameter of the query."""
    return Source(Place.QUERY, name, prefix, read)


def body(name: str, *, prefix: str = "", read: Callable[[Any], object] | None = None) -> Source:
    """A field of a JSON or form body; dots lead into objects."""
    return Source(Place.BODY, name, prefix, read)


def client_ip(*, prefix: str = "ip:") -> Source:
    """The address of the person's device: behind the trusted proxies, where there are any."""
    return Source(Place.CLIENT_IP, "", prefix)


def call(function: Callable[[Seen], object], *, prefix: str = "") -> Source:
    """Whatever a function of yours says of the request; None leaves the field out. It must not wait for anything."""
    return Source(Place.CALL, getattr(function, "__name__", "call"), prefix, function)


class Route(Struct, frozen=True):
    """Requests that are events.

    `path` may have parts in braces, each standing for one segment. With `decide=False` the event is only sent, in the
    background, and the request goes on at once.
    """

    method: str
    path: str
    event_type: str
    fields: Mapping[str, Source]
    decide: bool = True

    def __post_init__(self) -> None:
        """Checks it.

        Raises:
            ValueError: the path, or a field whose source would let callers choose what is not theirs.
        """
        if not self.path.startswith("/") or not self.method.isupper():
            raise ValueError(f"a route is like Route('POST', '/transfers', ...), not {self.method!r}, {self.path!r}")
        if "type" in self.fields or "specversion" in self.fields:
            raise ValueError("an event's type comes from the route")
        for name in ("id", "time"):
            if name in self.fields and self.fields[name].place is not Place.CALL:
                raise ValueError(
                    f"an event's {name} comes from a function or is left out: who chose the id of an event that was "
                    "allowed before would be answered `allow` again"
                )


class Reply(Struct, frozen=True):
    """What is answered instead of the application."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/problem+json"),)


Answer = Callable[[Decision, Seen], Reply]


class Conduct(Struct, frozen=True, kw_only=True):
    """How the middleware behaves.

    Requests whose outcome is in `pass_on` go to the application, with the decision at hand; others are answered by
    `answers`, or by a problem with status 403. Bodies of more than `body_limit` bytes are not read. `trusted_proxies` are
    networks such as `10.0.0.0/8`, or `unix` for a socket file. `outcome_header` is borne by answers to what was warned of
    or stopped; empty: by none.
    """

    pass_on: frozenset[Outcome] = frozenset({Outcome.ALLOW, Outcome.WARN})
    answers: Mapping[Outcome, Answer] = {}
    body_limit: int = 65_536
    trusted_proxies: tuple[str, ...] = ()
    outcome_header: str = "tocsin-outcome"
