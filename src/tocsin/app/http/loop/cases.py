"""Cases over HTTP: found, claimed, worked on, closed."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.http.api.finding import found, newest
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import CURSOR, MOST, PAGE
from tocsin.app.http.api.time import micros
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.detail import detail_of
from tocsin.app.http.loop.views import CaseDetail, CasePage, CaseView, view_case
from tocsin.app.http.problem import Refusal
from tocsin.app.service.service import Service
from tocsin.cases.case import NewCase, SourceKind, open_case
from tocsin.cases.clocks.receipt import Receipt
from tocsin.cases.queue import Waiting, Wish, claim, look_at_queues
from tocsin.cases.routing import route_case
from tocsin.cases.tables import Case

Text = Annotated[str, QueryParameter(max_length=512)]
State = Annotated[str, QueryParameter(name="state", max_length=16)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(pattern=CURSOR)]


class WantedReceipt(Struct, frozen=True, forbid_unknown_fields=True):
    """When and how a notice, a request or a report took effect: clocks of the law run from that moment. `event` such as
    `notice.received`, `sender` such as `police`; `stated` is the date that it names itself.
    """

    event: str
    effective_at: datetime
    channel: str
    sender: str = "person"
    received_at: datetime | None = None
    request: str = ""
    stated: str = ""


class WantedCase(Struct, frozen=True, forbid_unknown_fields=True):
    """What is suspected. `reference` names where it comes from: the same one again joins nothing twice."""

    subject: str
    reference: str
    queue: str
    due_at: datetime
    source: SourceKind = SourceKind.PERSON
    typology: str = "OTHER"
    role: str = "principal"
    title: str = ""
    skill: str = ""
    lang: str = ""
    harm: int = 0
    note: str = ""
    four_eyes: bool = False
    receipt: WantedReceipt | None = None
    by: str = ""


class WantedClaim(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is free for the next case, of which queues, with which skills and languages."""

    by: str
    queues: tuple[str, ...]
    skills: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()


class CaseController(Controller):
    """Cases as they are found and opened."""

    path = "/v1/cases"
    tags = ("cases",)

    @get("/", summary="Cases, newest first", sync_to_thread=True)
    def index(
        self, service: Served, queue: Text = "", in_state: State = "", limit: Limit = PAGE, cursor: Cursor = None
    ) -> CasePage:
        """Of one queue or in one state, or all."""
        only = {Case.queue: queue, Case.state: in_state}
        with service.records.session() as session:
            cases, after = newest(session, Case, only, limit, cursor)
            return CasePage([view_case(each) for each in cases], after)

    @get("/{number:int}", summary="One case, whole", sync_to_thread=True)
    def show(self, service: Served, number: FromPath[int]) -> CaseDetail:
        """With everything that keeps it open."""
        return show_case(service, number)

    @post("/", summary="Open a case", sync_to_thread=True, status_code=200)
    def add(self, service: Served, caller: Called, data: JSONBody[WantedCase]) -> CaseView:
        """A matter that has an open case joins it; the platform's rules on queues hold."""
        fields = {name: getattr(data, name) for name in NewCase.__struct_fields__ if name not in {"due_at", "receipt"}}
        wanted = NewCase(**fields, due_at=micros(data.due_at) or 0, receipt=_receipt(data.receipt))
        with acting(service, caller, data.by) as (session, stamp):
            return view_case(open_case(session, route_case(wanted, service.routes, stamp.at), stamp))

    @post("/claim", summary="The next case", sync_to_thread=True, status_code=200)
    def claim(self, service: Served, caller: Called, data: JSONBody[WantedClaim]) -> CasePage:
        """Held for half an hour by who asked; an empty page where nothing waits."""
        if not 0 < len(data.queues) <= 50:
            raise Refusal(422, "invalid", "1 to 50 queues are named", field="queues")
        with acting(service, caller, data.by) as (session, stamp):
            found = claim(session, Wish(queues=data.queues, skills=data.skills, langs=data.langs), stamp)
            return CasePage([] if found is None else [view_case(found)], None)


@get("/v1/queues", tags=["cases"], summary="How every queue stands", sync_to_thread=True)
def queues(service: Served) -> list[Waiting]:
    """Cases that wait, are held or sleep, and the earliest due time (microseconds since 1970 UTC)."""
    with service.records.session() as session:
        return list(look_at_queues(session, service.clock()))


def _receipt(told: WantedReceipt | None) -> Receipt | None:
    if told is None:
        return None
    fields = {name: getattr(told, name) for name in ("event", "channel", "sender", "request", "stated")}
    return Receipt(**fields, effective_at=micros(told.effective_at) or 0, received_at=micros(told.received_at))


def find_case(session: Session, number: int) -> Case:
    """A case by its number.

    Raises:
        Refusal: there is none.
    """
    return found(session, Case, number, "case")


def show_case(service: Service, number: int) -> CaseDetail:
    """A case with all that belongs to it.

    Raises:
        Refusal: there is none.
    """
    with service.records.session() as session:
        return detail_of(session, find_case(session, number))
