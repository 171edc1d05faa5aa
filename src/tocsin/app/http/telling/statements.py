"""Statements of reasons over HTTP: handed out in batches, acknowledged, told anew."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from tocsin.app.http.api.finding import newest
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import CURSOR, MOST, PAGE
from tocsin.app.http.api.views import Changed
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.views import view
from tocsin.app.http.problem import Refusal
from tocsin.cases.telling import known_of_measure
from tocsin.measures.statements.export import Fault, faults_of, mark_exported, ready_statements, state_reasons
from tocsin.measures.statements.statement import Statement
from tocsin.measures.statements.tables import StatementRecord
from tocsin.measures.tables import Measure
from tocsin.measures.text.dates import is_day
from tocsin.records.table import find_record

State = Literal["", "ready", "exported", "refused"]


class WantedExport(Struct, frozen=True, forbid_unknown_fields=True):
    """The statements for which the database has answered 201, and what it answered."""

    puids: Annotated[list[str], Meta(min_length=1, max_length=100)]
    receipt: Annotated[str, Meta(max_length=200)] = ""


class WantedDay(Struct, frozen=True, forbid_unknown_fields=True):
    """The day from which the platform has hosted what a measure is about; for an account, its registration."""

    by: str
    content_on: str


class StatementView(Struct, frozen=True):
    """A statement, where it stands, and everything for which it was refused."""

    number: int
    measure: int
    puid: str
    state: str
    faults: list[Fault]
    made_at: datetime
    exported_at: datetime | None
    receipt: str


class StatementPage(Struct, frozen=True):
    """Statements, newest first. `cursor` asks for the page after; it is null on the last one."""

    queue: list[StatementView]
    cursor: str | None


class StatementBatch(Struct, frozen=True):
    """At most 100 statements that are ready: the body of the database's `POST …/statements`, as it is."""

    statements: list[Statement]


class StatementController(Controller):
    """What the Transparency Database is told."""

    path = "/v1/statements"
    tags = ("statements",)

    @get("/", summary="Statements of reasons", sync_to_thread=True)
    def index(
        self,
        service: Served,
        format: Annotated[Literal["list", "dsa"], QueryParameter()] = "list",  # noqa: A002 - the name on the wire
        in_state: Annotated[State, QueryParameter(name="state")] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = PAGE,
        cursor: Annotated[str | None, QueryParameter(pattern=CURSOR)] = None,
    ) -> StatementPage | StatementBatch:
        """`format=dsa` gives the oldest that are ready, the same until they are acknowledged; else all, or those in one state."""
        with service.records.session() as session:
            if format == "dsa":
                ready = ready_statements(session)
                return StatementBatch([msgspec.json.decode(each.body, type=Statement) for each in ready])
            rows, after = newest(session, StatementRecord, {StatementRecord.state: in_state}, limit, cursor)
            return StatementPage([_view(each) for each in rows], after)

    @post("/exported", summary="The database has them", sync_to_thread=True, status_code=200)
    def exported(self, service: Served, caller: Called, data: JSONBody[WantedExport]) -> Changed:
        """Answers how many were not known to be exported."""
        with acting(service, caller) as (session, stamp):
            return Changed(mark_exported(session, data.puids, data.receipt, stamp))

    @post("/{number:int}/day", summary="Tell since when it is hosted", sync_to_thread=True, status_code=200)
    def tell_day(
        self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedDay]
    ) -> StatementView:
        """A statement that was refused for want of this day is made anew."""
        premises = service.premises
        if not is_day(data.content_on):
            raise Refusal(422, "invalid", "a day is written as 2026-02-01", field="content_on")
        with acting(service, caller, data.by) as (session, stamp):
            row = find_record(session, StatementRecord, number)
            if row is None or premises.publisher is None:
                raise Refusal(404, "not_found", "there is no such statement")
            measure = session.get_one(Measure, row.measure)
            if row.state == "refused":
                measure.content_on = data.content_on
                known = known_of_measure(session, measure, premises.library)
                state_reasons(session, measure, known, premises.publisher, stamp)
            return _view(row)


def _view(row: StatementRecord) -> StatementView:
    return view(StatementView, row, faults=faults_of(row))
