"""WSGI middleware: Flask, Django, or any other.

Receives web requests on their way to an application. Gives those that are mapped to Tocsin as events, and acts on the
outcome: what passes goes on with the decision at hand, the rest is answered here. Bodies are handed on as they came. A
request that is not mapped goes straight through.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from tocsin.client import answers
from tocsin.client.client import Client
from tocsin.client.decision import Decision
from tocsin.client.errors import RequestUnreadable, TocsinClientError
from tocsin.client.inner.web.gate import Gate, Match
from tocsin.client.mapping import DECISION_KEY, Conduct, Reply, Route, Seen

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

USUAL = Conduct()


class TocsinMiddleware:
    """Asks Tocsin before an application is asked.

    The application finds the decision in its environ as `tocsin.decision` (Flask: `request.environ`, Django:
    `request.META`).
    """

    def __init__(self, app: Any, client: Client, routes: Sequence[Route], conduct: Conduct = USUAL) -> None:
        """Checks everything.

        Raises:
            TypeError: the client is not a Client.
            ValueError: a route cannot be read.
        """
        if not isinstance(client, Client):
            raise TypeError("WSGI middleware needs a Client, which waits on its thread")
        self._app: App = app
        self._client = client
        self._gate = Gate(routes, conduct)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        mapped = environ["REQUEST_METHOD"] in self._gate.methods
        match = self._gate.find(environ["REQUEST_METHOD"], _path_of(environ)) if mapped else None
        if match is None:
            return self._app(environ, start_response)
        seen = self._see(environ, match)
        if not match.route.decide:
            self._tell(match.route, seen)
            return self._app(environ, start_response)
        try:
            decision = self._decide(match.route, seen)
        except TocsinClientError:
            return _answer(start_response, answers.undecided(seen), ())
        extra = self._gate.headers_for(decision)
        reply = self._gate.reply_to(decision, seen)
        if reply is not None:
            return _answer(start_response, reply, extra)
        environ[DECISION_KEY] = decision
        return self._app(environ, _bearing(start_response, extra) if extra else start_response)

    def _decide(self, route: Route, seen: Seen) -> Decision:
        try:
            event = self._gate.event_of(route, seen)
        except RequestUnreadable as error:
            return self._client.fall_back(error, {"type": route.event_type})
        return self._client.decide(event)

    def _tell(self, route: Route, seen: Seen) -> None:
        """Sends an event that needs no answer; where that fails it has been counted and logged."""
        try:
            self._client.send(self._gate.event_of(route, seen))
        except RequestUnreadable as error:
            self._client.miss(error)
        except TocsinClientError:
            return

    def _see(self, environ: Environ, match: Match) -> Seen:
        headers = _headers_of(environ)
        raw = _read(environ, self._gate.conduct.body_limit) if match.needs_body else b""
        body, fault = self._gate.body_of(match, headers, raw)
        return Seen(
            method=environ["REQUEST_METHOD"],
            path=_path_of(environ),
            headers=headers,
            query=environ.get("QUERY_STRING", ""),
            peer=environ.get("REMOTE_ADDR", ""),
            parts=match.parts,
            body=body,
            raw=environ,
            fault=fault,
        )


class _Rejoined:
    """A body of which the beginning has been read: it first, then the rest."""

    def __init__(self, beginning: bytes, rest: Any) -> None:
        self._beginning = io.BytesIO(beginning)
        self._rest = rest

    def read(self, size: int | None = -1) -> bytes:
        wanted = -1 if size is None else size
        taken = self._beginning.read(wanted)
        if 0 <= wanted <= len(taken):
            return taken
        return bytes(taken + (self._rest.read() if wanted < 0 else self._rest.read(wanted - len(taken))))

    def readline(self, size: int | None = -1) -> bytes:
        wanted = -1 if size is None else size
        taken = self._beginning.readline(wanted)
        if taken.endswith(b"\n") or 0 <= wanted <= len(taken):
            return taken
        return bytes(taken + (self._rest.readline() if wanted < 0 else self._rest.readline(wanted - len(taken))))

    def readlines(self, hint: int | None = -1) -> list[bytes]:  # noqa: ARG002 - a hint
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


def _read(environ: Environ, limit: int) -> bytes | None:
    """The whole body, put back for the application; None where it is longer than the limit, or does not come."""
    stream = environ["wsgi.input"]
    told = environ.get("CONTENT_LENGTH") or ""
    if told:
        if not (told.isascii() and told.isdigit()) or len(told) > 18 or int(told) > limit:
            return None
        whole, fine = _read_up_to(stream, int(told))
    elif environ.get("wsgi.input_terminated"):
        whole, fine = _read_up_to(stream, limit + 1)
        fine = fine and len(whole) <= limit
    else:
        return b""
    environ["wsgi.input"] = io.BytesIO(whole) if fine else _Rejoined(whole, stream)
    return whole if fine else None


def _read_up_to(stream: Any, size: int) -> tuple[bytes, bool]:
    """What is there, and whether the caller was still there too."""
    whole = bytearray()
    try:
        while len(whole) < size and (part := stream.read(size - len(whole))):
            whole += part
    except OSError:
        return bytes(whole), False
    return bytes(whole), True


def _path_of(environ: Environ) -> str:
    """The path as text; servers hand over its UTF-8 bytes as Latin-1 (PEP 3333)."""
    path = str(environ.get("PATH_INFO", ""))
    try:
        return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return path


def _headers_of(environ: Environ) -> dict[str, str]:
    found = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = environ[name]
    return found


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _answer(start_response: StartResponse, reply: Reply, extra: Sequence[tuple[str, str]]) -> list[bytes]:
    headers = [*reply.headers, *extra, ("content-length", str(len(reply.body)))]
    start_response(_status_line(reply.status), headers)
    return [reply.body]


def _bearing(start_response: StartResponse, extra: Sequence[tuple[str, str]]) -> StartResponse:
    """Starts the application's own answer with headers added."""

    def start_bearing(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, *extra], *rest)

    return start_bearing
