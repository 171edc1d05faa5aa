"""Webhook endpoints over HTTP: made, listed, stopped, started, replayed."""

from datetime import datetime

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.delivery.endpoint import (
    NewEndpoint,
    change_secret,
    list_endpoints,
    make_endpoint,
    start_endpoint,
    stop_endpoint,
)
from tocsin.app.delivery.outbox import replay
from tocsin.app.delivery.tables import Endpoint
from tocsin.app.http.api.finding import found
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.time import micros, moment
from tocsin.app.http.api.views import Changed
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.measures import WantedAct


class WantedEndpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """An address to tell. `internal` allows one inside the house."""

    url: str
    types: tuple[str, ...] = ("*",)
    internal: bool = False


class WantedReplay(Struct, frozen=True, forbid_unknown_fields=True):
    """From when on everything is told once more."""

    since: datetime


class EndpointView(Struct, frozen=True):
    """An endpoint. `secret` is shown once, when it was made or changed."""

    number: int
    url: str
    types: list[str]
    internal: bool
    made_at: datetime
    stopped_at: datetime | None
    stopped_why: str
    secret: str | None = None


class EndpointController(Controller):
    """Who is told what happens."""

    path = "/v1/endpoints"
    tags = ("endpoints",)

    @get("/", summary="Every endpoint", sync_to_thread=True)
    def index(self, service: Served) -> list[EndpointView]:
        """Without their secrets."""
        with service.records.session() as session:
            return [_view(each) for each in list_endpoints(session)]

    @post("/", summary="Make an endpoint", sync_to_thread=True, status_code=200)
    def add(self, service: Served, caller: Called, data: JSONBody[WantedEndpoint]) -> EndpointView:
        """It is told what happens from now on, signed with its secret as Standard Webhooks says."""
        wanted = NewEndpoint(url=data.url, types=data.types, internal=data.internal)
        with acting(service, caller) as (session, stamp):
            endpoint, secret = make_endpoint(session, wanted, service.vault.seal, stamp)
            return _view(endpoint, secret)

    @post("/{number:int}/secret", summary="Change its secret", sync_to_thread=True, status_code=200)
    def change(self, service: Served, caller: Called, number: FromPath[int]) -> EndpointView:
        """The one before it goes on signing beside it until the next change."""
        with acting(service, caller) as (session, stamp):
            endpoint = _find(session, number)
            return _view(endpoint, change_secret(session, endpoint, (service.vault.seal, service.vault.unseal), stamp))

    @post("/{number:int}/stop", summary="Tell it nothing more", sync_to_thread=True, status_code=200)
    def stop(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> EndpointView:
        """What waits for it stays and goes out when it is started again."""
        with acting(service, caller, data.by) as (session, stamp):
            endpoint = _find(session, number)
            stop_endpoint(session, endpoint, data.why, stamp)
            return _view(endpoint)

    @post("/{number:int}/start", summary="Go on telling it", sync_to_thread=True, status_code=200)
    def start(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> EndpointView:
        """From where it was stopped."""
        with acting(service, caller, data.by) as (session, stamp):
            endpoint = _find(session, number)
            start_endpoint(session, endpoint, stamp)
            return _view(endpoint)

    @post("/{number:int}/replay", summary="Tell it everything once more", sync_to_thread=True, status_code=200)
    def replay(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedReplay]) -> Changed:
        """Since a time, with the same ids."""
        with acting(service, caller) as (session, stamp):
            return Changed(replay(session, _find(session, number), micros(data.since) or 0, stamp.at))


def _find(session: Session, number: int) -> Endpoint:
    return found(session, Endpoint, number, "endpoint")


def _view(endpoint: Endpoint, secret: str | None = None) -> EndpointView:
    stopped = None if endpoint.stopped_at is None else moment(endpoint.stopped_at)
    return EndpointView(
        endpoint.number, endpoint.url, endpoint.types.split(), endpoint.internal, moment(endpoint.made_at),
        stopped, endpoint.stopped_why, secret,
    )  # fmt: skip
