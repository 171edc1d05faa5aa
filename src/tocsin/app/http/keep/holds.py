"""Legal holds over HTTP: placed, listed, lifted."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.time import moment
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.measures import WantedAct
from tocsin.app.personal.past import hold_past, lift_past
from tocsin.app.retention.hold import CASE, lift_hold, list_holds, place_hold
from tocsin.app.retention.tables import LegalHold
from tocsin.history.retention import Order


class WantedHold(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be held, a subject or `case:NUMBER`; who orders it, and why."""

    target: str
    why: str
    by: str = ""


class HoldView(Struct, frozen=True):
    """A legal hold; in force while it has not been lifted."""

    number: int
    target: str
    why: str
    by: str
    at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_why: str


class HoldController(Controller):
    """What must not be deleted."""

    path = "/v1/holds"
    tags = ("personal",)

    @get("/", summary="Every legal hold, newest first", sync_to_thread=True)
    def index(
        self, service: Served, target: Annotated[str, QueryParameter(max_length=512, pattern=r"^[^\x00]*$")] = ""
    ) -> list[HoldView]:
        """Those that were lifted too; on one target where one is named."""
        with service.records.session() as session:
            return [_view(each) for each in list_holds(session, target)]

    @post("/", summary="Place a legal hold", sync_to_thread=True, status_code=200)
    def place(self, service: Served, caller: Called, data: JSONBody[WantedHold]) -> HoldView:
        """On the records and, where it is on a subject, on this service's history too."""
        with acting(service, caller, data.by) as (session, stamp):
            hold = place_hold(session, data.target, stamp, data.why)
            shown, order = _view(hold), Order(hold.why, hold.by, stamp.at)
            if not data.target.startswith(CASE):
                hold_past(service.history.journal, data.target, hold.number, order)
        return shown

    @post("/{number:int}/lift", summary="Lift a legal hold", sync_to_thread=True, status_code=200)
    def lift(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> HoldView:
        """Others on the same target go on."""
        with acting(service, caller, data.by) as (session, stamp):
            hold = lift_hold(session, number, stamp, data.why)
            shown = _view(hold)
        lift_past(service.history.journal, shown.target, number, stamp.at)
        return shown


def _view(hold: LegalHold) -> HoldView:
    lifted = None if hold.lifted_at is None else moment(hold.lifted_at)
    return HoldView(
        hold.number, hold.target, hold.why, hold.by, moment(hold.at), hold.lifted_by, lifted, hold.lifted_why
    )
