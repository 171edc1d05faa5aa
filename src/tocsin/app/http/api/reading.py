"""What a caller may look at: decisions, entities, packs, health, metrics.

Receives questions. Gives what the history, the state and the packs hold. Changes nothing.
"""

from litestar import Controller, MediaType, Response, get
from litestar.params import FromPath
from prometheus_client import CollectorRegistry, generate_latest

from tocsin.app.http.api.injected import Asked, Served
from tocsin.app.http.api.time import moment
from tocsin.app.http.api.views import (
    Alive,
    Kept,
    KeptPage,
    PackDetail,
    PackView,
    Ready,
    Standing,
    view_entry,
    view_pack,
    view_rule,
)
from tocsin.app.http.problem import Refusal
from tocsin.app.service.standing import features_of
from tocsin.model.decision import PackId
from tocsin.model.entity import ENTITY_LIMIT

RECENT = 20


class DecisionController(Controller):
    """Decisions that were taken."""

    path = "/v1/decisions"
    tags = ("decisions",)

    @get("/", summary="Find decisions, newest first", sync_to_thread=True)
    def search(self, service: Served, search: Asked) -> KeptPage:
        """Filters are combined; `since` is inclusive and `until` exclusive, over event time."""
        before = int(search.cursor) if search.cursor else None
        found, place = service.history.newest(search.filter, search.limit, before)
        return KeptPage([view_entry(entry) for entry in found], None if place is None else str(place))

    @get("/{event_id:str}", summary="One decision, by event id", sync_to_thread=True)
    def show(self, service: Served, event_id: FromPath[str]) -> Kept:
        """The event as it came and the decision as it was answered."""
        found = service.history.find(event_id)
        if found is None:
            raise Refusal(404, "not_found", "no event with this id is kept")
        return view_entry(found)


class EntityController(Controller):
    """Who or what events touch."""

    path = "/v1/entities"
    tags = ("entities",)

    @get("/{kind:str}/{value:path}", summary="An entity now", sync_to_thread=False)
    def show(self, service: Served, kind: FromPath[str], value: FromPath[str]) -> Standing:
        """Its features as an event at the newest time seen would read them, its newest events and the lists it stands on."""
        entity = f"{kind}:{value.removeprefix('/')}"
        as_of = service.decider.features.newest
        if len(entity) > ENTITY_LIMIT:
            raise Refusal(422, "out_of_range", f"an entity has at most {ENTITY_LIMIT} characters")
        standing = [
            name
            for name, values in service.catalogue.lists.items()
            if values.has(entity, as_of if as_of is not None else service.clock())
        ]
        return Standing(
            entity,
            None if as_of is None else moment(as_of),
            features_of(service, entity),
            standing,
            [view_entry(entry) for entry in service.history.of_entity(entity, RECENT)],
        )


class PackController(Controller):
    """The packs that are loaded."""

    path = "/v1/packs"
    tags = ("packs",)

    @get("/", summary="Every pack", sync_to_thread=False)
    def index(self, service: Served) -> list[PackView]:
        """Packs with their versions; a version is the hash of the content."""
        return [
            view_pack(pack, len(service.catalogue.rules_of([pack.id]))) for pack in service.catalogue.packs.values()
        ]

    @get("/{pack_id:str}", summary="One pack with its rules", sync_to_thread=False)
    def show(self, service: Served, pack_id: FromPath[str]) -> PackDetail:
        """The rules as they run, with their reasons in both languages."""
        pack = service.catalogue.packs.get(PackId(pack_id))
        if pack is None:
            raise Refusal(404, "not_found", "no such pack is loaded")
        rules = service.catalogue.rules_of([pack.id])
        return PackDetail(view_pack(pack, len(rules)), [view_rule(rule) for rule in rules])


@get("/health/live", tags=["health"], summary="Whether the process answers", security=[], sync_to_thread=False)
def live() -> Alive:
    """Always true where there is an answer."""
    return Alive(True)


@get("/health/ready", tags=["health"], summary="Whether decisions are taken", security=[], sync_to_thread=False)
def ready(service: Served) -> Response[Ready]:
    """503 while the history is replayed, and while the disk is full. Without its records Tocsin goes on deciding."""
    fault = str(service.committer.fault or "") and "the journal cannot be written"
    is_ready = service.engine.ready and not fault
    fault = fault or (service.records.fault and "the records cannot be reached; decisions go on")
    answer = Ready(is_ready, service.replayed_to, service.history.journal.last_seq, fault)
    return Response(answer, status_code=200 if answer.ready else 503)


@get("/metrics", tags=["health"], summary="Counts for Prometheus", media_type=MediaType.TEXT, sync_to_thread=False)
def metrics(service: Served) -> str:
    """Decisions by outcome and rule, latency, lateness, rejects, the journal's lag, the state's size."""
    registry = CollectorRegistry()
    registry.register(service.tally)
    return generate_latest(registry).decode()
