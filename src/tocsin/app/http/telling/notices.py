"""Notices over HTTP: found, acknowledged, kept back, written anew."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.http.api.finding import found, newest
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import CURSOR, MOST, PAGE
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.views import view
from tocsin.cases.telling import known_of_notice
from tocsin.measures.notices.delivery import mark_delivered, mark_seen, withhold
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.telling import issue_notice
from tocsin.model.event_type import Title

NUMBER = r"^([1-9][0-9]{0,17})?$"


class WantedReason(Struct, frozen=True, forbid_unknown_fields=True):
    """Who keeps a notice back, and why."""

    by: str
    why: str


class WantedWords(Struct, frozen=True, forbid_unknown_fields=True):
    """The facts of a notice in other words, in both languages, where those of the measure cannot be told."""

    by: str
    en: str
    zh: str


class NoticeView(Struct, frozen=True):
    """A notice to one person. A time is null where it has not come."""

    number: int
    event: str
    state: str
    measure: int
    appeal: int | None
    subject: str
    lang: str
    template: str
    title: str
    failure: str
    why: str
    owed_at: datetime
    issued_at: datetime | None
    delivered_at: datetime | None
    seen_at: datetime | None


class NoticeDetail(Struct, frozen=True):
    """A notice with its text."""

    notice: NoticeView
    body: str


class NoticePage(Struct, frozen=True):
    """Notices, newest first. `cursor` asks for the page after; it is null on the last one."""

    notices: list[NoticeView]
    cursor: str | None


class NoticeController(Controller):
    """What people are told of measures, lifts and appeals."""

    path = "/v1/notices"
    tags = ("notices",)

    @get("/", summary="Notices, newest first", sync_to_thread=True)
    def index(
        self,
        service: Served,
        in_state: Annotated[str, QueryParameter(name="state", max_length=16)] = "",
        measure: Annotated[str, QueryParameter(pattern=NUMBER)] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = PAGE,
        cursor: Annotated[str | None, QueryParameter(pattern=CURSOR)] = None,
    ) -> NoticePage:
        """In one state, such as `issued` (written and not delivered), or about one measure, or all."""
        only = {NoticeRecord.state: in_state, NoticeRecord.measure: int(measure) if measure else None}
        with service.records.session() as session:
            notices, after = newest(session, NoticeRecord, only, limit, cursor)
            return NoticePage([view(NoticeView, each) for each in notices], after)

    @get("/{number:int}", summary="One notice, with its text", sync_to_thread=True)
    def show(self, service: Served, number: FromPath[int]) -> NoticeDetail:
        """As it was written; empty where it was not yet."""
        with service.records.session() as session:
            notice = find_notice(session, number)
            return NoticeDetail(view(NoticeView, notice), notice.body)

    @post("/{number:int}/delivered", summary="The person has it", sync_to_thread=True, status_code=200)
    def delivered(self, service: Served, caller: Called, number: FromPath[int]) -> NoticeView:
        """Said twice, it is said once. From now on the time to object runs."""
        with acting(service, caller) as (session, stamp):
            notice = find_notice(session, number)
            mark_delivered(session, notice, stamp)
            return view(NoticeView, notice)

    @post("/{number:int}/seen", summary="The person has looked at it", sync_to_thread=True, status_code=200)
    def seen(self, service: Served, caller: Called, number: FromPath[int]) -> NoticeView:
        """And so has it."""
        with acting(service, caller) as (session, stamp):
            notice = find_notice(session, number)
            mark_seen(session, notice, stamp)
            return view(NoticeView, notice)

    @post("/{number:int}/withhold", summary="Keep a notice back", sync_to_thread=True, status_code=200)
    def withhold(
        self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedReason]
    ) -> NoticeView:
        """Before it was written; a person answers for it."""
        with acting(service, caller, data.by) as (session, stamp):
            notice = find_notice(session, number)
            withhold(session, notice, stamp, data.why)
            return view(NoticeView, notice)

    @post("/{number:int}/issue", summary="Write it in other words", sync_to_thread=True, status_code=200)
    def issue(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedWords]) -> NoticeView:
        """Where the measure's own facts cannot be told, because they would say who reported. It fails again in the same way."""
        premises = service.premises
        with acting(service, caller, data.by) as (session, stamp):
            notice = find_notice(session, number)
            known = known_of_notice(session, notice, premises.library)
            known = msgspec.structs.replace(known, facts=Title(data.en, data.zh))
            issue_notice(session, notice, known, premises.house, stamp)
            return view(NoticeView, notice)


def find_notice(session: Session, number: int) -> NoticeRecord:
    """A notice by its number.

    Raises:
        Refusal: there is none.
    """
    return found(session, NoticeRecord, number, "notice")
