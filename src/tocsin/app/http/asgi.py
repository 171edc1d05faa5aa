"""The application that a server runs.

Receives a service. Gives one ASGI application: the edge in front, the quick lanes, and Litestar for the rest.
"""

import time
from typing import Any, cast

from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from tocsin import __version__
from tocsin.app.http.api.listing import ListController
from tocsin.app.http.api.reading import (
    DecisionController,
    EntityController,
    PackController,
    live,
    metrics,
    ready,
)
from tocsin.app.http.api.schema import add_lanes, make_components
from tocsin.app.http.api.search import read_search
from tocsin.app.http.edge import Asgi, Edge
from tocsin.app.http.exchange import Exchange
from tocsin.app.http.lanes import Lanes
from tocsin.app.http.limit import RateLimit
from tocsin.app.http.problem import Refusal, body_of, language_of, refusal_of
from tocsin.app.http.trial import Trial
from tocsin.app.service.service import Service
from tocsin.model.errors import TocsinError

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
    openapi = OpenAPIConfig(
        title="Tocsin",
        version=__version__,
        path="/v1",
        components=make_components(),
        security=[{"key": []}],
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        use_handler_docstrings=True,
    )
    app = Litestar(
        route_handlers=[DecisionController, EntityController, ListController, PackController, live, ready, metrics],
        dependencies={
            "service": Provide(lambda: service, sync_to_thread=False),
            "search": Provide(read_search, sync_to_thread=False),
            "caller": Provide(_exchange_of, sync_to_thread=False),
        },
        exception_handlers={
            Refusal: _refuse,
            TocsinError: _refuse_ours,
            HTTPException: _refuse_http,
        },
        openapi_config=openapi,
        request_max_body_size=1 << 20,
        logging_config=None,
    )
    add_lanes(app.openapi_schema, service.catalogue.types)
    return app


def _exchange_of(request: Request[Any, Any, Any]) -> Exchange:
    found = request.scope["exchange"]  # type: ignore[typeddict-item]
    assert isinstance(found, Exchange)
    return found


def _refuse(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    exchange = _exchange_of(request)
    lang = language_of(exchange.headers.get(b"accept-language", b""))
    headers = {"retry-after": str(refusal.retry_after_s)} if refusal.retry_after_s else {}
    body = body_of(refusal, exchange.request_id.decode(), lang)
    return Response(body, status_code=refusal.status, media_type="application/problem+json", headers=headers)


def _refuse_ours(request: Request[Any, Any, Any], error: TocsinError) -> Response[bytes]:
    return _refuse(request, refusal_of(error))


def _refuse_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar itself refuses: a wrong parameter, an unknown path."""
    extra = error.extra if isinstance(error.extra, list) else []
    field = str(extra[0].get("key", "")) if extra and isinstance(extra[0], dict) else ""
    told = str(extra[0].get("message", "")) if extra and isinstance(extra[0], dict) else ""
    detail = "no such path" if isinstance(error, NotFoundException) else (told or error.detail)[:300]
    code = _CODES.get(error.status_code, "invalid" if error.status_code < 500 else "internal")
    return _refuse(request, Refusal(error.status_code, code, detail, field=field))
