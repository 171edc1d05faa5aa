"""The application that a server runs.

Receives a service. Gives one ASGI application: the edge in front, the quick lanes, and Litestar for the rest.
"""

import time
from collections.abc import Sequence
from typing import Any, cast

import structlog
from litestar import Litestar, Request, Response, get
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException

from tocsin.app.http.api.document import describe, template_of
from tocsin.app.http.api.listing import ListController
from tocsin.app.http.api.reading import (
    DecisionController,
    EntityController,
    PackController,
    live,
    metrics,
    ready,
)
from tocsin.app.http.api.search import read_search
from tocsin.app.http.edge import Asgi, Edge
from tocsin.app.http.exchange import Exchange
from tocsin.app.http.keep.audit import AuditController
from tocsin.app.http.keep.holds import HoldController
from tocsin.app.http.keep.persons import PersonalController
from tocsin.app.http.lanes import Lanes
from tocsin.app.http.limit import RateLimit
from tocsin.app.http.loop.appeals import AppealController
from tocsin.app.http.loop.batches import BatchController
from tocsin.app.http.loop.cases import CaseController, queues
from tocsin.app.http.loop.endpoints import EndpointController
from tocsin.app.http.loop.evidence import EvidenceController
from tocsin.app.http.loop.matters import MatterController
from tocsin.app.http.loop.measures import InstructionController, MeasureController
from tocsin.app.http.loop.reviews import reviews
from tocsin.app.http.loop.work import WorkController
from tocsin.app.http.problem import Refusal, body_of, language_of, refusal_of
from tocsin.app.http.telling.clocks import ClockController
from tocsin.app.http.telling.notices import NoticeController
from tocsin.app.http.telling.statements import StatementController
from tocsin.app.http.telling.warnings import WarningController
from tocsin.app.http.trial import Trial
from tocsin.app.service.service import Service
from tocsin.model.errors import TocsinError

log = structlog.get_logger("tocsin.http")

ROUTES = (
    *(DecisionController, EntityController, ListController, PackController, live, ready, metrics),
    *(MeasureController, InstructionController, CaseController, WorkController, queues, reviews, AppealController),
    *(BatchController, MatterController, EvidenceController, EndpointController),
    *(ClockController, NoticeController, StatementController, WarningController),
    *(AuditController, PersonalController, HoldController),
)
AnyRequest = Request[Any, Any, Any]
_CODES = {400: "invalid", 404: "not_found", 405: "method", 413: "too_large", 415: "media_type"}


def make_asgi(service: Service) -> Edge:
    """The whole application of a service."""
    rest = cast("Asgi", _make_rest(service))
    limit = RateLimit(service.settings.rate_per_s, time.monotonic)

    def make_lanes(trial: bool) -> Lanes:
        engine = Trial(service.engine, service.catalogue) if trial else service.engine
        return Lanes(engine, limit, service.settings.body_timeout_s)

    return Edge(service, rest, make_lanes)


def _make_rest(service: Service) -> Litestar:
    dependencies = {
        "service": Provide(lambda: service, sync_to_thread=False),
        "search": Provide(read_search, sync_to_thread=False),
        "caller": Provide(_exchange_of, sync_to_thread=False),
    }
    document = describe(ROUTES, dependencies, service.catalogue.types)

    @get("/v1/openapi.json", sync_to_thread=False, media_type="application/json")
    def openapi() -> bytes:
        return document.raw

    def check_query(request: AnyRequest) -> Response[bytes] | None:
        if request.method == "OPTIONS":
            return _options(document.methods_of(request.scope["path"]))
        place = (template_of(request.scope["path_template"]), request.method)
        unknown = set(request.query_params) - document.queries.get(place, frozenset())
        if unknown:
            raise Refusal(400, "invalid", "there is no such parameter", field=min(unknown)[:80])
        return None

    def refuse_http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
        return _refuse_http(request, error, document.methods_of(request.scope["path"]))

    return Litestar(
        route_handlers=[*ROUTES, openapi],
        dependencies=dependencies,
        before_request=check_query,
        exception_handlers={
            Refusal: _refuse,
            TocsinError: _refuse_ours,
            HTTPException: refuse_http,
            Exception: _fail,
        },
        openapi_config=None,
        request_max_body_size=1 << 20,
        logging_config=None,
    )


def _exchange_of(request: AnyRequest) -> Exchange:
    found = request.scope["exchange"]  # type: ignore[typeddict-item]
    assert isinstance(found, Exchange)
    return found


def _refuse(request: AnyRequest, refusal: Refusal) -> Response[bytes]:
    exchange = _exchange_of(request)
    lang = language_of(exchange.headers.get(b"accept-language", b""))
    headers = {"retry-after": str(refusal.retry_after_s)} if refusal.retry_after_s else {}
    body = body_of(refusal, exchange.request_id.decode(), lang)
    return Response(body, status_code=refusal.status, media_type="application/problem+json", headers=headers)


def _refuse_ours(request: AnyRequest, error: TocsinError) -> Response[bytes]:
    return _refuse(request, refusal_of(error))


def _options(known: Sequence[str]) -> Response[bytes]:
    return Response(b"", status_code=204, headers={"allow": ", ".join(known)})


def _fail(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A fault of ours: told without a trace, logged with one."""
    log.error("a request failed", request_id=_exchange_of(request).request_id.decode(), exc_info=error)
    return _refuse(request, Refusal(500, "internal", "the request could not be answered"))


def _refuse_http(request: AnyRequest, error: HTTPException, known: Sequence[str]) -> Response[bytes]:
    """What Litestar itself refuses: a wrong parameter, an unknown path, a method that the path has not."""
    if known and request.method == "OPTIONS":
        return _options(known)
    if known and error.status_code in {404, 405}:
        refused = _refuse(request, Refusal(405, "method", f"this path takes {', '.join(known)}"))
        refused.headers["allow"] = ", ".join(known)
        return refused
    if isinstance(error, NotFoundException):
        return _refuse(request, Refusal(404, "not_found", "no such path"))
    extra = error.extra if isinstance(error.extra, list) else []
    first = extra[0] if extra and isinstance(extra[0], dict) else {}
    field, told = str(first.get("key", "")), str(first.get("message", "")) or error.detail
    detail = "is required" if told == repr(field) else told[:300]
    code = _CODES.get(error.status_code, "invalid" if error.status_code < 500 else "internal")
    return _refuse(request, Refusal(error.status_code, code, detail, field=field))
