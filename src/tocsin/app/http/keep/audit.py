"""The audit log over HTTP. Whoever reads it is written into it."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from msgspec import Struct

from tocsin.app.acts.audit import Question, read_log
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import CURSOR, MOST, PAGE
from tocsin.app.http.api.time import micros, moment
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.problem import Refusal
from tocsin.records.tables import AuditEntry, AuditLink

Text = Annotated[str, QueryParameter(max_length=600)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(pattern=CURSOR)]
Time = Annotated[str | None, QueryParameter(max_length=64, schema_extra={"format": "date-time"})]


class AuditView(Struct, frozen=True):
    """One act. `before` and `after` are JSON as it was written, or empty; `position` is its place in the chain, once linked."""

    number: int
    at: datetime
    by: str
    act: str
    record: str
    before: str
    after: str
    why: str
    position: int | None
    hash: str | None


class AuditPage(Struct, frozen=True):
    """Acts, newest first. `cursor` asks for the page after; it is null on the last one."""

    entries: list[AuditView]
    cursor: str | None


def read_question(record: Text = "", by: Text = "", act: Text = "", since: Time = None, until: Time = None) -> Question:
    """The question of a request.

    Raises:
        Refusal: a time has no zone, or a text holds what no text holds.
    """
    if "\0" in record + by + act:
        raise Refusal(400, "invalid", "a text holds U+0000")
    return Question(record, by, act, _read_time("since", since), _read_time("until", until))


class AuditController(Controller):
    """The log of acts."""

    path = "/v1/audit"
    tags = ("audit",)
    dependencies = {"asked": Provide(read_question, sync_to_thread=False)}  # noqa: RUF012 - Litestar's name

    @get("/", summary="Who did what, newest first", sync_to_thread=True)
    def index(
        self,
        service: Served,
        caller: Called,
        asked: NamedDependency[Question],
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> AuditPage:
        """Of one record, by one actor, of one kind (`case.` for every act on cases), from one time to another."""
        asked = msgspec.structs.replace(asked, before=None if cursor is None else int(cursor))
        with acting(service, caller) as (session, stamp):
            found = read_log(session, asked, limit, stamp)
            shown = [_view(entry, link) for entry, link in found.rows]
        return AuditPage(shown, str(shown[-1].number) if found.more else None)


def _read_time(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else micros(msgspec.convert(text, datetime))
    except msgspec.ValidationError:
        raise Refusal(400, "invalid", "expected RFC 3339, such as 2026-01-15T12:00:00Z", field=name) from None


def _view(entry: AuditEntry, link: AuditLink | None) -> AuditView:
    fields = {name: getattr(entry, name) for name in ("number", "by", "act", "record", "before", "after", "why")}
    place = (None, None) if link is None else (link.position, link.hash.hex())
    return AuditView(**fields, at=moment(entry.at), position=place[0], hash=place[1])
