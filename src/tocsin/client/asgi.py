"""ASGI middleware: FastAPI, Litestar, Starlette, Django, or any other.

Receives web requests on their way to an application. Gives those that are mapped to Tocsin as events, and acts on the
outcome: what passes goes on with the decision at hand, the rest is answered here. Bodies are handed on as they came. A
request that is not mapped goes straight through.
"""

from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from tocsin.client import answers
from tocsin.client.client import AsyncClient
from tocsin.client.decision import Decision
from tocsin.client.errors import RequestUnreadable, TocsinClientError
from tocsin.client.inner.web.gate import Gate, Headers, Match
from tocsin.client.mapping import DECISION_KEY, Conduct, Reply, Route, Seen

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

STATE = "tocsin"
"""Where `request.state` has the decision."""

USUAL = Conduct()


class TocsinMiddleware:
    """Asks Tocsin before an application is asked.

    The application finds the decision as `request.state.tocsin`, and in its scope as `tocsin.decision`.
    """

    def __init__(self, app: Any, client: AsyncClient, routes: Sequence[Route], conduct: Conduct = USUAL) -> None:
        """Checks everything.

        Raises:
            TypeError: the client is not an AsyncClient.
            ValueError: a route cannot be read.
        """
        if not isinstance(client, AsyncClient):
            raise TypeError("ASGI middleware needs an AsyncClient: a Client would hold up the whole loop")
        self._app: App = app
        self._client = client
        self._gate = Gate(routes, conduct)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        mapped = scope["type"] == "http" and scope["method"] in self._gate.methods
        match = self._gate.find(scope["method"], _path_of(scope)) if mapped else None
        if match is None:
            await self._app(scope, receive, send)
            return
        headers = _headers_of(scope)
        reading = _Reading(receive)
        raw = await reading.read(headers, self._gate.conduct.body_limit) if match.needs_body else b""
        if not reading.gone:
            send_on = await self._judge(match, self._see(scope, match, headers, raw), scope, send)
            if send_on is None:
                return
            send = send_on
        await self._app(scope, reading.receive, send)

    async def _judge(self, match: Match, seen: Seen, scope: Scope, send: Send) -> Send | None:
        """How the application's answer is to be sent; None where the request was answered here."""
        if not match.route.decide:
            self._tell(match.route, seen)
            return send
        try:
            decision = await self._decide(match.route, seen)
        except TocsinClientError:
            await _answer(send, answers.undecided(seen), ())
            return None
        extra = self._gate.headers_for(decision)
        reply = self._gate.reply_to(decision, seen)
        if reply is not None:
            await _answer(send, reply, extra)
            return None
        scope[DECISION_KEY] = decision
        scope.setdefault("state", {})[STATE] = decision
        return _bearing(send, extra) if extra else send

    async def _decide(self, route: Route, seen: Seen) -> Decision:
        try:
            event = self._gate.event_of(route, seen)
        except RequestUnreadable as error:
            return self._client.fall_back(error, {"type": route.event_type})
        return await self._client.decide(event)

    def _tell(self, route: Route, seen: Seen) -> None:
        """Sends an event that needs no answer; where that fails it has been counted and logged."""
        try:
            self._client.send(self._gate.event_of(route, seen))
        except RequestUnreadable as error:
            self._client.miss(error)
        except TocsinClientError:
            return

    def _see(self, scope: Scope, match: Match, headers: Headers, raw: bytes | None) -> Seen:
        body, fault = self._gate.body_of(match, headers, raw)
        peer = scope.get("client")
        return Seen(
            method=scope["method"],
            path=_path_of(scope),
            headers=headers,
            query=scope.get("query_string", b"").decode("latin-1"),
            peer=str(peer[0]) if peer else "",
            parts=match.parts,
            body=body,
            raw=scope,
            fault=fault,
        )


class _Reading:
    """A body that is read here and then handed on as it came."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken: deque[Message] = deque()
        self.gone = False

    async def receive(self) -> Message:
        return self._taken.popleft() if self._taken else await self._receive()

    async def read(self, headers: Headers, limit: int) -> bytes | None:
        """The whole body; None where it is longer than the limit. Sets `gone` where the caller hung up."""
        told = headers.get("content-length", "")
        if told.isascii() and told.isdigit() and (len(told) > 18 or int(told) > limit):
            return None
        whole = bytearray()
        more = True
        while more:
            message = await self._receive()
            self._taken.append(message)
            if message["type"] != "http.request":
                self.gone = True
                return None
            whole += message.get("body") or b""
            more = bool(message.get("more_body"))
            if len(whole) > limit:
                return None
        return bytes(whole)


def _path_of(scope: Scope) -> str:
    """The path within the application: without the prefix under which a server has put it."""
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def _headers_of(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}{'; ' if key == 'cookie' else ', '}{text}" if key in found else text
    return found


def _encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _answer(send: Send, reply: Reply, extra: Sequence[tuple[str, str]]) -> None:
    headers = _encoded([*reply.headers, *extra, ("content-length", str(len(reply.body)))])
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _bearing(send: Send, extra: Sequence[tuple[str, str]]) -> Send:
    """Sends the application's own answer with headers added."""

    async def send_bearing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_encoded(extra)]}
        await send(message)

    return send_bearing
