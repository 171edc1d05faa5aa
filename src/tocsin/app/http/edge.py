"""What every request passes first.

Receives each request of the server. Gives it an id, finds who calls and whether they may, sends it to its lane, counts it
and turns whatever goes wrong into a problem. Nothing but health is open.
"""

import itertools
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import structlog

from tocsin.app.access.key import Scope
from tocsin.app.http.body import Disconnected, Receive
from tocsin.app.http.exchange import Exchange, Send
from tocsin.app.http.lanes import Lanes
from tocsin.app.http.problem import Refusal, refusal_of
from tocsin.app.service.service import Service
from tocsin.model.errors import TocsinError

Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]
Lane = Callable[[Exchange], Awaitable[None]]
QuickLanes = dict[tuple[str, str], tuple[str, Lane]]
SLOW_S = 1.0
CARRIED_OUT = ("/v1/instructions", "/v1/warnings", "/v1/statements")
ACKNOWLEDGED = re.compile(r"/v1/notices/[0-9]+/(delivered|seen)")
"""What a platform's own program does, besides taking measures."""

OPEN = "/health/"
DISCLOSES = re.compile(r"/v1/cases/[0-9]+/(evidence/file|export)/?")
"""Where evidence itself is shown, and not only that there is some."""

log = structlog.get_logger("tocsin.http")


class Edge:
    """The outermost ASGI application. `rest` answers what is not on a quick lane."""

    def __init__(self, service: Service, rest: Asgi, make_lanes: Callable[[bool], Lanes]) -> None:
        """`make_lanes` is asked twice once the service is up: for live keys, and (True) for test keys."""
        self._service = service
        self._rest = rest
        self._make_lanes = make_lanes
        self._lanes: QuickLanes = {}
        self._trial_lanes: QuickLanes = {}
        self._run = secrets.token_hex(6).encode()
        self._numbers = itertools.count(1)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One connection of the server: its life, or a request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        exchange = Exchange(scope, receive, send, b"%s-%x" % (self._run, next(self._numbers)))
        route = exchange.path
        try:
            route = await self._serve(exchange, scope)
        except Disconnected:
            exchange.status = 499
        except Refusal as refusal:
            await exchange.refuse(refusal)
        except TocsinError as error:
            await exchange.refuse(refusal_of(error))
        except Exception:  # the outermost edge: a fault of ours is told without a trace
            log.exception("a request failed", request_id=exchange.request_id.decode())
            if not exchange.status:
                await exchange.refuse(Refusal(500, "internal", "the request could not be answered"))
        self._count(exchange, route, time.perf_counter() - began)

    async def _serve(self, exchange: Exchange, scope: MutableMapping[str, Any]) -> str:
        """Answers; gives the route's name for counting, never a value in it."""
        path, method = exchange.path, exchange.method
        if not path.startswith(OPEN):
            if self._service.keys.is_behind:
                await self._service.keys.follow()
            self._admit(exchange)
        is_test = exchange.caller is not None and exchange.caller.is_test
        lane = (self._trial_lanes if is_test else self._lanes).get((method, path))
        if lane is not None:
            await lane[1](exchange)
            return lane[0]
        scope["exchange"] = exchange
        await self._rest(scope, exchange.receive, _Tagged(exchange).send)
        return str(scope.get("path_template") or "other")

    def _admit(self, exchange: Exchange) -> None:
        """Finds who calls and whether they may do this.

        Raises:
            Refusal: 401 or 403.
        """
        sent = exchange.headers.get(b"authorization", b"")
        kind, _, key = sent.partition(b" ")
        caller = self._service.keys.look_up(key.strip().decode("latin-1")) if kind.lower() == b"bearer" else None
        if caller is None:
            raise Refusal(
                401, "no_key", "send a key in force as `Authorization: Bearer KEY`; `tocsin keys new` makes one"
            )
        scope = scope_of(exchange.method, exchange.path)
        if not caller.may(scope) and not (caller.is_test and scope is Scope.DECIDE):
            raise Refusal(403, "no_scope", f"this needs a key with the scope `{scope}`")
        exchange.caller = caller

    def _count(self, exchange: Exchange, route: str, seconds: float) -> None:
        self._service.tally.requests[route if exchange.status not in {401, 404} else "other", exchange.status] += 1
        if exchange.status >= 500 or seconds > SLOW_S:
            log.warning(
                "slow or failed",
                request_id=exchange.request_id.decode(),
                route=route if route.startswith("/v1/") and route.count("/") == 2 else "other",
                status=exchange.status,
                seconds=round(seconds, 3),
            )

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._service.start()
                except TocsinError as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                self._lanes = _quick_lanes(self._make_lanes(False))
                self._trial_lanes = _quick_lanes(self._make_lanes(True))
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._service.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


class _Tagged:
    """Adds the headers that every answer bears to what the rest sends."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._exchange.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *self._exchange.extra]}
        await self._exchange.send(message)


def _quick_lanes(lanes: Lanes) -> QuickLanes:
    return {
        ("POST", "/v1/decisions"): ("/v1/decisions", lanes.decide),
        ("POST", "/v1/events"): ("/v1/events", lanes.take),
    }


def scope_of(method: str, path: str) -> Scope:
    """The scope that a request needs.

    >>> scope_of("GET", "/v1/audit"), scope_of("POST", "/v1/personal/view"), scope_of("POST", "/v1/holds")
    (<Scope.ADMIN: 'admin'>, <Scope.PERSONAL: 'personal'>, <Scope.CASES: 'cases'>)
    >>> scope_of("POST", "/v1/notices/7/seen"), scope_of("POST", "/v1/notices/7/withhold")
    (<Scope.MEASURES: 'measures'>, <Scope.CASES: 'cases'>)
    >>> scope_of("POST", "/v1/decisions"), scope_of("DELETE", "/v1/lists/a/entries/b"), scope_of("GET", "/metrics")
    (<Scope.DECIDE: 'decide'>, <Scope.LISTS: 'lists'>, <Scope.READ: 'read'>)
    """
    if path.startswith("/v1/personal"):
        return Scope.PERSONAL
    if path.startswith("/v1/audit"):
        return Scope.ADMIN
    if method in {"GET", "HEAD", "OPTIONS"}:
        return Scope.CASES if DISCLOSES.fullmatch(path) else Scope.READ
    if path in {"/v1/decisions", "/v1/events"}:
        return Scope.DECIDE
    if path == "/v1/measures/state" or path.startswith(CARRIED_OUT) or ACKNOWLEDGED.fullmatch(path):
        return Scope.MEASURES
    if path.startswith(("/v1/measures", "/v1/cases", "/v1/appeals", "/v1/clocks", "/v1/notices", "/v1/holds")):
        return Scope.CASES
    return Scope.LISTS if path.startswith("/v1/lists") else Scope.ADMIN
