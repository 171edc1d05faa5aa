"""Appeals over HTTP: received, listed, decided."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy import select

from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import MOST, PAGE
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.measures import find_measure
from tocsin.app.http.loop.views import AppealPage, AppealView, view_appeal
from tocsin.app.http.problem import Refusal
from tocsin.cases.appeals.appeal import Objection, Verdict, decide_appeal, receive_appeal
from tocsin.cases.appeals.tables import Appeal


class WantedAppeal(Struct, frozen=True, forbid_unknown_fields=True):
    """An objection to a measure. `by` is who objects: `subject:account:7`, or `person:NAME` of the staff."""

    measure: int
    text: str
    channel: str
    by: str
    materials: tuple[str, ...] = ()


class WantedVerdict(Struct, frozen=True, forbid_unknown_fields=True):
    """What is decided of an appeal, by whom and why; a refusal says where else to turn."""

    by: str
    upheld: bool
    why: str
    redress: str = ""


class AppealController(Controller):
    """What affected persons object."""

    path = "/v1/appeals"
    tags = ("appeals",)

    @get("/", summary="Appeals, the earliest due first", sync_to_thread=True)
    def index(
        self,
        service: Served,
        in_state: Annotated[str, QueryParameter(name="state", max_length=16)] = "received",
        limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = PAGE,
    ) -> AppealPage:
        """Those that wait, where no other state is asked for."""
        asked = select(Appeal).where(Appeal.state == in_state).order_by(Appeal.due_at, Appeal.number).limit(limit)
        with service.records.session() as session:
            return AppealPage([view_appeal(each) for each in session.scalars(asked)])

    @post("/", summary="Object to a measure", sync_to_thread=True, status_code=200)
    def add(self, service: Served, caller: Called, data: JSONBody[WantedAppeal]) -> AppealView:
        """While one on the same measure is undecided, that one is answered."""
        objection = Objection(text=data.text, channel=data.channel, materials=data.materials)
        with acting(service, caller, data.by) as (session, stamp):
            return view_appeal(receive_appeal(session, find_measure(session, data.measure), objection, stamp))

    @post("/{number:int}/decide", summary="Decide an appeal", sync_to_thread=True, status_code=200)
    def decide(
        self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedVerdict]
    ) -> AppealView:
        """Upheld, the measure and all that it brought about is lifted at once."""
        with acting(service, caller, data.by) as (session, stamp):
            appeal = session.get(Appeal, number) if 0 < number < 1 << 62 else None
            if appeal is None:
                raise Refusal(404, "not_found", "there is no such appeal")
            decide_appeal(session, appeal, Verdict(upheld=data.upheld, why=data.why, redress=data.redress), stamp)
            return view_appeal(appeal)
