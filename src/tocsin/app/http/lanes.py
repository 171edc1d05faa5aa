"""The two quick ways in: one event, and many.

Receives a request whose caller may decide. Gives decisions when they are on the disk. Written against ASGI itself,
because these two are on the path of payments.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from tocsin.app.http.body import read_body
from tocsin.app.http.exchange import Exchange
from tocsin.app.http.limit import RateLimit
from tocsin.app.http.problem import Refusal
from tocsin.app.service.engine import Engine, Ticket
from tocsin.history.journal import Request
from tocsin.ingest.reader import SIZE_LIMIT
from tocsin.model.errors import EventError

REQUEST_KEY = re.compile(rb"[!-~]{1,256}")
BATCH_LIMIT = 1_000
BATCH_BYTES = 16 << 20
TURN = 100
"""Events of a batch that are decided before others get their turn."""

SINGLE_KINDS = (b"application/json", b"application/cloudevents+json")
BATCH_KINDS = (b"application/json", b"application/cloudevents-batch+json", b"application/x-ndjson")


class Rejected(Struct, frozen=True):
    """An event of a batch that was not taken in; `index` counts from 0."""

    index: int
    code: str
    field: str
    detail: str


class Lanes:
    """Both lanes of one service."""

    def __init__(self, engine: Engine, limit: RateLimit, body_timeout_s: float) -> None:
        self._engine = engine
        self._limit = limit
        self._body_timeout_s = body_timeout_s

    async def decide(self, exchange: Exchange) -> None:
        """POST /v1/decisions: one event, answered with its decision.

        Raises:
            Refusal: see problem.py.
            TocsinError: the event or the store is at fault.
        """
        _check_kind(exchange, SINGLE_KINDS)
        if exchange.scope.get("query_string"):
            _flags(exchange)
        self._engine.check_open()
        raw = await read_body(exchange.headers, exchange.receive, SIZE_LIMIT, self._body_timeout_s)
        self._spend(exchange, 1)
        ticket = self._engine.submit(raw, self._request(exchange, raw))
        await self._engine.wait((ticket,))
        if ticket.duplicate:
            exchange.extra.append((b"tocsin-duplicate", b"true"))
        await exchange.answer(200, ticket.decision)

    async def take(self, exchange: Exchange) -> None:
        """POST /v1/events: up to 1,000 events; with ?decisions=true their decisions are answered.

        Raises:
            Refusal: see problem.py.
            TocsinError: the store is at fault; what was decided may be on the disk, ask again with the same ids.
        """
        _check_kind(exchange, BATCH_KINDS)
        wanted = _flags(exchange, "decisions")["decisions"]
        self._engine.check_open()
        body = await read_body(exchange.headers, exchange.receive, BATCH_BYTES, self._body_timeout_s)
        events = _split(body, exchange.headers.get(b"content-type", b""))
        self._spend(exchange, len(events))
        tickets, rejected = await self._submit(events, self._request(exchange, body))
        await self._engine.wait([ticket for ticket in tickets if ticket is not None])
        await exchange.answer(200, _receipt(tickets, rejected, with_decisions=wanted))

    async def _submit(
        self, events: Sequence[bytes], request: Request | None
    ) -> tuple[list[Ticket | None], list[Rejected]]:
        tickets: list[Ticket | None] = []
        rejected: list[Rejected] = []
        for index, raw in enumerate(events):
            try:
                tickets.append(self._engine.submit(raw, request))
                request = None
            except EventError as error:
                tickets.append(None)
                rejected.append(Rejected(index, error.code, error.field, error.reason))
            if index % TURN == TURN - 1:
                await asyncio.sleep(0)
        return tickets, rejected

    def _spend(self, exchange: Exchange, events: int) -> None:
        caller = exchange.caller.id if exchange.caller else ""
        left = self._limit.take(caller, events)
        exchange.extra += self._limit.headers(left)
        if left < 0:
            raise Refusal(429, "rate", f"at most {self._limit.per_s} events in a second", retry_after_s=1)

    def _request(self, exchange: Exchange, body: bytes) -> Request | None:
        """The Idempotency-Key with what it stands for; keys of different callers are different."""
        sent = exchange.headers.get(b"idempotency-key")
        if sent is None:
            return None
        if not REQUEST_KEY.fullmatch(sent):
            raise Refusal(400, "invalid", "1 to 256 visible ASCII characters", field="Idempotency-Key")
        caller = exchange.caller.id if exchange.caller else ""
        key = hashlib.sha256(b"\0".join([caller.encode(), exchange.path.encode(), sent])).hexdigest()
        request = Request(key, hashlib.sha256(body).digest(), self._engine.now_us())
        self._engine.check_request(request)
        return request


def _check_kind(exchange: Exchange, kinds: Sequence[bytes]) -> None:
    kind = exchange.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind not in kinds:
        expected = ", ".join(each.decode() for each in kinds)
        raise Refusal(415, "media_type", f"expected {expected}", field="Content-Type")


def _flags(exchange: Exchange, *known: str) -> dict[str, bool]:
    """The request's parameters, each true or false; false where nothing is said."""
    found = dict.fromkeys(known, False)
    for name, value in parse_qsl(exchange.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True):
        if name not in found:
            raise Refusal(400, "invalid", "there is no such parameter", field=name[:80])
        if value not in {"true", "false"}:
            raise Refusal(400, "invalid", "true or false", field=name)
        found[name] = value == "true"
    return found


def _split(body: bytes, kind: bytes) -> list[bytes]:
    if kind.startswith(b"application/x-ndjson"):
        events = [line for line in body.split(b"\n") if line.strip()]
    else:
        try:
            events = [bytes(each) for each in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal(400, "malformed", f"not a JSON array of events: {str(error)[:120]}") from None
    if len(events) > BATCH_LIMIT:
        raise Refusal(413, "too_large", f"at most {BATCH_LIMIT} events are taken at once")
    return events


def _receipt(tickets: Sequence[Ticket | None], rejected: Sequence[Rejected], *, with_decisions: bool) -> bytes:
    taken = [ticket for ticket in tickets if ticket is not None]
    head = {"accepted": len(taken), "duplicates": sum(ticket.duplicate for ticket in taken), "rejected": rejected}
    body = msgspec.json.encode(head)
    if not with_decisions:
        return body
    decisions = b",".join(b"null" if ticket is None else ticket.decision for ticket in tickets)
    return body[:-1] + b',"decisions":[' + decisions + b"]}"
