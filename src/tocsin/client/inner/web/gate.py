"""What both kinds of middleware do, apart from talking to a server.

Receives routes and how to behave. Gives, for a request, the route that it is; its event; and what is answered when it is
stopped. Functions of the integrator run here, and nothing that they raise leaves here.
"""

import logging
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tocsin.client import answers
from tocsin.client.decision import Decision
from tocsin.client.errors import Fault, RequestUnreadable
from tocsin.client.inner.web.address import Proxies
from tocsin.client.inner.web.request import cookies_of, dig, pairs_of, read_body
from tocsin.client.mapping import Conduct, Place, Reply, Route, Seen, Source

log = logging.getLogger("tocsin.client")

_PART = re.compile(r"\{([A-Za-z_]\w*)\}")


Headers = Mapping[str, str]


class Match(Struct, frozen=True):
    """A route that a request is, with the parts of its path."""

    route: Route
    parts: Mapping[str, str]
    needs_body: bool


class Gate:
    """All routes of one application."""

    def __init__(self, routes: Sequence[Route], conduct: Conduct) -> None:
        """Checks them.

        Raises:
            ValueError: a path or a network cannot be read, or two routes are the same.
        """
        self.conduct = conduct
        self._proxies = Proxies(conduct.trusted_proxies)
        self._exact: dict[tuple[str, str], Match] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], Route, bool]]] = {}
        for route in routes:
            self._add(route)
        self.methods = frozenset({method for method, _ in self._exact} | set(self._patterns))

    def find(self, method: str, path: str) -> Match | None:
        """The route of a request; slashes at the end count for nothing, as applications differ in them."""
        path = path.rstrip("/") or "/"
        found = self._exact.get((method, path))
        if found is not None:
            return found
        for pattern, route, needs_body in self._patterns.get(method, ()):
            if fits := pattern.fullmatch(path):
                return Match(route, fits.groupdict(), needs_body)
        return None

    def body_of(self, match: Match, headers: Headers, raw: bytes | None) -> tuple[object, RequestUnreadable | None]:
        """The fields of a body where the route wants them, and why they cannot be had."""
        if not match.needs_body:
            return None, None
        try:
            return read_body(raw, headers, self.conduct.body_limit), None
        except RequestUnreadable as error:
            return None, error

    def event_of(self, route: Route, seen: Seen) -> dict[str, object]:
        """The event of a request, without an id unless the route makes one.

        Raises:
            RequestUnreadable: a source cannot be read.
        """
        if seen.fault is not None:
            raise seen.fault
        event: dict[str, object] = {"type": route.event_type}
        for name, source in route.fields.items():
            try:
                value = self._value(source, seen)
            except RequestUnreadable:
                raise
            except Exception as error:  # a function of the integrator's
                log.debug("the source of field %r failed", name, exc_info=True)
                reason = f"its source failed: {type(error).__name__}"
                raise RequestUnreadable(Fault("source_failed", reason, field=name)) from error
            if value is not None:
                _put(event, name, value)
        return event

    def reply_to(self, decision: Decision, seen: Seen) -> Reply | None:
        """What is answered instead of the application; None where the request goes on."""
        if decision.outcome in self.conduct.pass_on:
            return None
        chosen = self.conduct.answers.get(decision.outcome, answers.stop)
        try:
            return check_reply(chosen(decision, seen))
        except Exception as error:
            log.error("the answer to %s failed (%s); the usual one is sent", decision.outcome, type(error).__name__)
            log.debug("where it failed", exc_info=True)
            return answers.stop(decision, seen)

    def headers_for(self, decision: Decision) -> tuple[tuple[str, str], ...]:
        """What the answer bears beside its own headers."""
        name = self.conduct.outcome_header
        return ((name, str(decision.outcome)),) if name and decision.outcome != "allow" else ()

    def _add(self, route: Route) -> None:
        needs_body = any(source.place is Place.BODY for source in route.fields.values())
        path = route.path.rstrip("/") or "/"
        methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
        for method in methods:
            if "{" in path or "}" in path:
                self._patterns.setdefault(method, []).append((_compile(path), route, needs_body))
            elif (method, path) in self._exact:
                raise ValueError(f"{method} {path} is mapped twice")
            else:
                self._exact[method, path] = Match(route, {}, needs_body)

    def _value(self, source: Source, seen: Seen) -> object:
        value = self._raw_value(source, seen)
        if value is None or value == "":
            return None
        if source.read is not None and source.place is not Place.CALL:
            value = source.read(value)
        if not source.prefix or value is None:
            return value
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise TypeError(f"an entity is made of a text or a whole number, not {type(value).__name__}")
        return f"{source.prefix}{value}"

    def _raw_value(self, source: Source, seen: Seen) -> object:
        match source.place:
            case Place.HEADER:
                return seen.headers.get(source.name)
            case Place.COOKIE:
                return cookies_of(seen.headers.get("cookie", "")).get(source.name)
            case Place.PATH:
                return seen.parts.get(source.name)
            case Place.QUERY:
                return pairs_of(seen.query).get(source.name)
            case Place.BODY:
                return dig(seen.body, source.name)
            case Place.CLIENT_IP:
                return self._proxies.client(seen.peer, seen.headers.get("x-forwarded-for", ""))
            case Place.CALL:
                assert source.read is not None
                return source.read(seen)


def check_reply(reply: object) -> Reply:
    """A reply that can be sent.

    Raises:
        TypeError: it is no reply.
        ValueError: a header or the status is none.
    """
    if not isinstance(reply, Reply):
        raise TypeError(f"an answer is a Reply, not {type(reply).__name__}")
    memoryview(reply.body)  # a TypeError where it is no bytes
    text = "".join(f"{name}{value}" for name, value in reply.headers)
    if not 200 <= reply.status < 600 or any(sign in text for sign in "\r\n\0"):
        raise ValueError("a status or a header that cannot be sent")
    text.encode("latin-1")
    return reply


def _compile(path: str) -> re.Pattern[str]:
    if re.search(r"[{}]", _PART.sub("", path)):
        raise ValueError(f"a part of a path is like {{name}}: {path}")
    pieces = _PART.split(path)
    return re.compile("".join(f"(?P<{each}>[^/]+)" if odd % 2 else re.escape(each) for odd, each in enumerate(pieces)))


def _put(event: dict[str, object], name: str, value: object) -> None:
    """Sets a field; a dotted name is a field of an object."""
    *way, last = name.split(".")
    place: dict[str, object] = event
    for step in way:
        below = place.setdefault(step, {})
        assert isinstance(below, dict)
        place = below
    place[last] = value
