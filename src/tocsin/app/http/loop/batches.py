"""Bulk acts over HTTP: planned, taken in parts, undone as a whole."""

from litestar import Controller, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from tocsin.app.acts.bulk import take_part, undo_all
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.loop.acting import acting, stamp_of
from tocsin.app.http.loop.measures import TOLD_AT_ONCE, WantedAct, WantedMeasure, check_case, new_measure
from tocsin.app.http.problem import Refusal
from tocsin.measures.bulk import Plan, Undone, plan_batch


class WantedBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Measures that are wanted together, who wants them and why."""

    by: str
    why: str
    measures: list[WantedMeasure]


class WantedPart(Struct, frozen=True, forbid_unknown_fields=True):
    """From which place of the plan on; who does it."""

    by: str
    start: int = 0


class Taken(Struct, frozen=True):
    """The place from which to go on; null where everything was taken."""

    next: int | None


class BatchController(Controller):
    """Many measures in one act."""

    path = "/v1/measures/batches"
    tags = ("measures",)

    @post("/", summary="Plan a bulk act", sync_to_thread=True, status_code=200)
    def plan(self, service: Served, caller: Called, data: JSONBody[WantedBatch]) -> Plan:
        """A dry run: what would be taken, what is in force already, what may not be. No measure is touched."""
        if len(data.measures) > TOLD_AT_ONCE:
            raise Refusal(413, "too_large", f"at most {TOLD_AT_ONCE} measures are planned at once")
        with acting(service, caller, data.by) as (session, stamp):
            for each in data.measures:
                check_case(session, each)
            return plan_batch(session, [new_measure(each) for each in data.measures], stamp, data.why)

    @post("/{number:int}/apply", summary="Take a part of it", sync_to_thread=True, status_code=200)
    def apply(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedPart]) -> Taken:
        """Ask again with `next` until it is null; the same part again changes nothing."""
        if data.start < 0:
            raise Refusal(422, "out_of_range", "a plan begins at 0", field="start")
        with acting(service, caller, data.by) as (session, stamp):
            return Taken(take_part(session, number, stamp, data.start))

    @post("/{number:int}/undo", summary="Undo it as a whole", sync_to_thread=True, status_code=200)
    def undo(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> Undone:
        """While its window is open; names what could not be undone. Interrupted, ask again."""
        return undo_all(service.records.change, number, stamp_of(service, caller, data.by))
