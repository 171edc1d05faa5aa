"""Appeals over HTTP: received, listed, decided."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.acts.appeals import measure_of_code, take_objection
from tocsin.app.http.api.finding import found
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import MOST, PAGE
from tocsin.app.http.exchange import Exchange
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.measures import find_measure
from tocsin.app.http.loop.views import AppealPage, AppealView, view_appeal
from tocsin.app.http.problem import Refusal
from tocsin.app.service.service import Service
from tocsin.cases.appeals.appeal import Objection, Verdict, decide_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.measures.tables import Measure
from tocsin.records.actor import NAME_LIMIT, Actor, ActorKind, Stamp


class WantedAppeal(Struct, frozen=True, forbid_unknown_fields=True):
    """An objection: to the measure with a number, by `subject:account:7` or by `person:NAME` of the staff; or with the code
    of a notice, by the person who has it.
    """

    text: str
    channel: str
    measure: int | None = None
    code: str = ""
    by: str = ""
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
        """While one on the same measure is undecided, that one is answered. Wrong codes all get the same answer, and not many."""
        if (data.measure is None) is not bool(data.code) or not (data.code or data.by):
            raise Refusal(422, "invalid", "an objection names its measure and who objects, or the notice's code")
        objection = Objection(text=data.text, channel=data.channel, materials=data.materials)
        with acting(service, caller, data.by) as (session, stamp):
            by_code = bool(data.code)
            measure = _of_code(service, caller, session, data) if by_code else find_measure(session, data.measure or 0)
            person = Actor(ActorKind.SUBJECT, measure.subject[:NAME_LIMIT])
            who = stamp if data.by else Stamp(person, stamp.at)
            return view_appeal(take_objection(session, measure, objection, who, service.premises))

    @post("/{number:int}/decide", summary="Decide an appeal", sync_to_thread=True, status_code=200)
    def decide(
        self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedVerdict]
    ) -> AppealView:
        """Upheld, the measure and all that it brought about is lifted at once."""
        with acting(service, caller, data.by) as (session, stamp):
            appeal = found(session, Appeal, number, "appeal")
            decide_appeal(session, appeal, Verdict(upheld=data.upheld, why=data.why, redress=data.redress), stamp)
            return view_appeal(appeal)


def _of_code(service: Service, caller: Exchange, session: Session, data: WantedAppeal) -> Measure:
    """The measure of the notice whose code was given.

    Raises:
        Refusal: no notice has it, or too many codes were wrong before; the right one is then refused too.
    """
    assert caller.caller is not None
    key = caller.caller.id
    if not service.guesses.may_try(key, data.by):
        raise Refusal(429, "rate", "too many codes were wrong; wait a minute", retry_after_s=60)
    measure = measure_of_code(session, data.code)
    if measure is None:
        service.guesses.wrong(key, data.by)
        raise Refusal(404, "not_found", "no notice has this code", field="code")
    return measure
