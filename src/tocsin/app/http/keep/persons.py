"""Personal data over HTTP: sealed fields opened, persons shown and removed.

Everything is asked for by POST, so that no contact stands in an address; everything is in the audit log with its purpose.
"""

from datetime import datetime

from litestar import Controller, post
from litestar.params import JSONBody
from msgspec import Struct

from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.time import moment
from tocsin.app.http.loop.acting import acting
from tocsin.app.personal.past import erase_past, past_of
from tocsin.app.personal.person import Held, show_person
from tocsin.app.personal.removal import remove_person
from tocsin.app.personal.viewing import check_purpose, view_personal
from tocsin.app.retention.standing import Look
from tocsin.app.service.service import Service
from tocsin.history.retention import Order, held_entities


class WantedView(Struct, frozen=True, forbid_unknown_fields=True):
    """A record such as `appeal:3` or `case_answer:5`, who wants to see it, and what for."""

    record: str
    purpose: str
    by: str = ""


class WantedPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """A person, `kind:value`; who asks, and what for."""

    entity: str
    purpose: str
    by: str = ""


class FieldView(Struct, frozen=True):
    """A field that was sealed. `kind` is a kind of personal data."""

    field: str
    kind: str
    text: str


class PersonalView(Struct, frozen=True):
    """What was sealed of one record."""

    record: str
    fields: list[FieldView]


class HeldView(Struct, frozen=True):
    """A record about a person. `stays` is why it may not go now (`open`, `held`, `kept`, `needed`), or empty."""

    record: str
    state: str
    at: datetime
    stays: str
    until: datetime | None


class PersonView(Struct, frozen=True):
    """Everything that is held on a person. `entries` are those of the history, `newest` their numbers."""

    entity: str
    held: bool
    records: list[HeldView]
    elsewhere: dict[str, int]
    entries: int
    newest: list[int]


class RemovalView(Struct, frozen=True):
    """What was removed, and what stays and why. `history` is why the history stays, or empty."""

    entity: str
    removed: list[str]
    stays: list[HeldView]
    elsewhere: dict[str, int]
    entries: int
    history: str


class PersonalController(Controller):
    """What is held on people."""

    path = "/v1/personal"
    tags = ("personal",)

    @post("/view", summary="Open what is sealed of a record", sync_to_thread=True, status_code=200)
    def open(self, service: Served, caller: Called, data: JSONBody[WantedView]) -> PersonalView:
        """Written down as `personal.view`, with the purpose."""
        with acting(service, caller, data.by) as (session, stamp):
            found = view_personal(session, data.record, data.purpose, stamp)
        return PersonalView(data.record, [FieldView(each.field, each.kind, each.text) for each in found])

    @post("/show", summary="Everything that is held on a person", sync_to_thread=True, status_code=200)
    def show(self, service: Served, caller: Called, data: JSONBody[WantedPerson]) -> PersonView:
        """In the records and in this service's history; nothing sealed is opened."""
        purpose = check_purpose(data.purpose)
        with acting(service, caller, data.by) as (session, stamp):
            report = show_person(session, data.entity, purpose, _look(service, stamp.at), stamp)
        past = past_of(service.history, data.entity)
        shown = [_view(each) for each in report.records]
        held = report.held or past.held
        return PersonView(report.entity, held, shown, report.elsewhere, past.entries, past.newest)

    @post("/remove", summary="Remove what is held on a person", sync_to_thread=True, status_code=200)
    def remove(self, service: Served, caller: Called, data: JSONBody[WantedPerson]) -> RemovalView:
        """What may go, goes; what must stay is named with the reason."""
        purpose = check_purpose(data.purpose)
        with acting(service, caller, data.by) as (session, stamp):
            done = remove_person(session, data.entity, purpose, _look(service, stamp.at), stamp)
        order = Order(purpose, str(stamp.by), stamp.at)
        gone = erase_past(service.history, service.typing, data.entity, order, held=done.held)
        stays = [_view(each) for each in done.stays]
        return RemovalView(done.entity, done.removed, stays, done.elsewhere, gone.entries, gone.stays)


def _look(service: Service, now_us: int) -> Look:
    return Look(service.terms, now_us, frozenset(held_entities(service.history.journal)))


def _view(held: Held) -> HeldView:
    until = None if held.until is None else moment(held.until)
    return HeldView(held.record, held.state, moment(held.at), held.stays, until)
