"""Warnings over HTTP: given, followed, and what they achieve."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.http.api.finding import found, newest
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import CURSOR, MOST, PAGE
from tocsin.app.http.exchange import Exchange
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.views import view
from tocsin.app.service.service import Service
from tocsin.measures.warnings.effect import Effect
from tocsin.measures.warnings.giving import NewWarning, Step, effect_by_template, give_warning, mark_warning
from tocsin.measures.warnings.grade import CHANNELS, Channel, Grade
from tocsin.measures.warnings.tables import WarningRecord


class WantedWarning(Struct, frozen=True, forbid_unknown_fields=True):
    """A warning to give: which, to whom, about whom, because of which event, and how likely the harm is (0 to 1)."""

    template: str
    event: str
    subject: str
    suspect: str = ""
    likelihood: float = 0.6
    lang: str = ""


class WarningView(Struct, frozen=True):
    """A warning as the person sees it, and what became of it. `subject` is empty where the event says who is warned."""

    number: int
    template: str
    event: str
    rule: str
    subject: str
    grade: str
    channels: list[Channel]
    lang: str
    heading: str
    title: str
    body: str
    given_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None
    heeded_at: datetime | None


class WarningPage(Struct, frozen=True):
    """Warnings, newest first. `cursor` asks for the page after; it is null on the last one."""

    warnings: list[WarningView]
    cursor: str | None


class WarningController(Controller):
    """Warnings to people who may be about to lose money."""

    path = "/v1/warnings"
    tags = ("warnings",)

    @get("/", summary="Warnings, newest first", sync_to_thread=True)
    def index(
        self,
        service: Served,
        event: Annotated[str, QueryParameter(max_length=256)] = "",
        subject: Annotated[str, QueryParameter(max_length=512)] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = PAGE,
        cursor: Annotated[str | None, QueryParameter(pattern=CURSOR)] = None,
    ) -> WarningPage:
        """Because of one event, to one person, or all."""
        only = {WarningRecord.event: event, WarningRecord.subject: subject}
        with service.records.session() as session:
            rows, after = newest(session, WarningRecord, only, limit, cursor)
            return WarningPage([_view(each) for each in rows], after)

    @get("/effect", summary="What warnings achieve", sync_to_thread=True)
    def effect(self, service: Served) -> list[Effect]:
        """Delivered, seen and heeded by template, with the 95 % interval of each share."""
        with service.records.session() as session:
            return effect_by_template(session)

    @post("/", summary="Give a warning", sync_to_thread=True, status_code=200)
    def add(self, service: Served, caller: Called, data: JSONBody[WantedWarning]) -> WarningView:
        """The same because of the same event is answered as it stands."""
        wanted = NewWarning(
            template=service.templates.warning(data.template),
            event=data.event,
            subject=data.subject,
            suspect=data.suspect,
            likelihood=data.likelihood,
            lang=data.lang or service.settings.notices.lang,
        )
        with acting(service, caller) as (session, stamp):
            return _view(give_warning(session, wanted, stamp))

    @post("/{number:int}/delivered", summary="The person has it", sync_to_thread=True, status_code=200)
    def delivered(self, service: Served, caller: Called, number: FromPath[int]) -> WarningView:
        """Said twice, it is said once."""
        return _mark(service, caller, number, Step.DELIVERED)

    @post("/{number:int}/seen", summary="The person has looked at it", sync_to_thread=True, status_code=200)
    def seen(self, service: Served, caller: Called, number: FromPath[int]) -> WarningView:
        """And so has it."""
        return _mark(service, caller, number, Step.SEEN)

    @post("/{number:int}/heeded", summary="The person has heeded it", sync_to_thread=True, status_code=200)
    def heeded(self, service: Served, caller: Called, number: FromPath[int]) -> WarningView:
        """They stopped, or did something else."""
        return _mark(service, caller, number, Step.HEEDED)


def _mark(service: Service, caller: Exchange, number: int, step: Step) -> WarningView:
    with acting(service, caller) as (session, stamp):
        warning = _find(session, number)
        mark_warning(session, warning, step, stamp)
        return _view(warning)


def _find(session: Session, number: int) -> WarningRecord:
    return found(session, WarningRecord, number, "warning")


def _view(row: WarningRecord) -> WarningView:
    return view(WarningView, row, channels=list(CHANNELS[Grade(row.grade)]))
