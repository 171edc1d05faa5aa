"""`tocsin person`: what is held on somebody, shown and removed, also beside a service.

Receives a person and a purpose, which goes into the audit log. Gives tables for people, JSON for machines. The history of a
service that runs is erased by that service, over HTTP.
"""

from typing import Any

import msgspec
import typer
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.keep.history import typing_for
from tocsin.app.cli.looped.desk import at_desk, show_moment
from tocsin.app.cli.private.beside import past_beside
from tocsin.app.personal.past import Erased, Past, erase_past
from tocsin.app.personal.person import Held, check_entity, show_person
from tocsin.app.personal.removal import remove_person
from tocsin.app.personal.viewing import check_purpose, view_personal
from tocsin.app.retention.binding import terms_of
from tocsin.app.retention.standing import Look
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.history.journal import FILE
from tocsin.history.reading import open_reading
from tocsin.history.retention import Order, held_entities
from tocsin.model.errors import HistoryBusy


class Asked(Struct, frozen=True):
    """Whom it is about, what for, and who asks; None stands for who is logged in."""

    entity: str
    purpose: str
    by: str | None


def show(settings: Settings, asked: Asked, lang: str, *, as_json: bool) -> int:
    """Everything that is held on a person."""
    check_entity(asked.entity)
    purpose = check_purpose(asked.purpose)
    look = _look(settings)
    with at_desk(settings, asked.by) as (session, stamp):
        report = show_person(session, asked.entity, purpose, look(stamp.at), stamp)
    past = past_beside(settings.data, typing_for(settings), asked.entity) or Past(0, [], held=False)
    if as_json:
        print(to_json({**_plain(report, report.records), "history": msgspec.structs.asdict(past)}))
        return 0
    say = Wording(lang).say
    _print(report.records, lang)
    if past.entries:
        print(say("{count:,} entries of the history", count=past.entries))
    _print_rest(report.elsewhere, lang)
    if report.held:
        print(say("a legal hold is in force"))
    return 0


def remove(settings: Settings, asked: Asked, lang: str, *, sure: bool, as_json: bool) -> int:
    """Removes what may go; says what stays and why. Exit code 0 also where something stays: that is the law's answer."""
    say = Wording(lang).say
    check_entity(asked.entity)
    purpose = check_purpose(asked.purpose)
    look = _look(settings)
    if not sure and not typer.confirm(say("Remove what is held on {entity}?", entity=asked.entity)):
        return 1
    with at_desk(settings, asked.by) as (session, stamp):
        done = remove_person(session, asked.entity, purpose, look(stamp.at), stamp)
    order = Order(purpose, str(stamp.by), stamp.at)
    gone = _erase(settings, asked.entity, order, held=done.held)
    if as_json:
        print(to_json({**_plain(done, done.stays, "stays"), "history": msgspec.structs.asdict(gone)}))
        return 0
    print(say("{count:,} records removed", count=len(done.removed)))
    print(gone.stays or say("{count:,} entries of the history", count=gone.entries))
    if done.stays:
        print(say("What stays, and why:"))
        _print(done.stays, lang)
    _print_rest(done.elsewhere, lang)
    return 0


def view(settings: Settings, record: str, purpose: str, by: str | None, *, as_json: bool) -> int:
    """Opens what is sealed of one record."""
    with at_desk(settings, by) as (session, stamp):
        found = view_personal(session, record, purpose, stamp)
    if as_json:
        print(to_json({"record": record, "fields": found}))
        return 0
    for each in found:
        print(f"{each.field}: {each.text}")
    return 0


def _look(settings: Settings) -> Any:
    """The terms as of a time; the history's own holds are read once."""
    terms, held = terms_of(settings), frozenset[str]()
    if (settings.data / FILE).is_file():
        with open_reading(settings.data) as reading:
            held = frozenset(held_entities(reading.journal))
    return lambda now: Look(terms, now, held)


def _erase(settings: Settings, entity: str, order: Order, *, held: bool) -> Erased:
    from tocsin.app.service.service import open_history

    if not (settings.data / FILE).is_file():
        return Erased(0)
    try:
        history = open_history(settings.data)
    except HistoryBusy:
        return Erased(0, "the history stays: a service has this folder; ask it over HTTP (POST /v1/personal/remove)")
    try:
        return erase_past(history, typing_for(settings), entity, order, held=held)
    finally:
        history.close()


def _plain(report: Struct, records: list[Held], name: str = "records") -> dict[str, Any]:
    shown = [
        {
            **msgspec.structs.asdict(each),
            "at": show_moment(each.at),
            "until": show_moment(each.until) if each.until else None,
        }
        for each in records
    ]
    return {**msgspec.structs.asdict(report), name: shown}


def _print(records: list[Held], lang: str) -> None:
    say = Wording(lang).say
    words = {
        "": "", "open": say("open"), "held": say("on legal hold"), "kept": say("must be kept"),
        "needed": say("needed by what stays"),
    }  # fmt: skip
    table = Table(say("record"), say("state"), say("since"), say("stays because"), say("at least until"))
    for each in records:
        table.add_row(
            each.record,
            each.state,
            show_moment(each.at),
            words[each.stays],
            show_moment(each.until) if each.until else "",
        )
    Console(markup=False, highlight=False).print(table)


def _print_rest(elsewhere: dict[str, int], lang: str) -> None:
    for name, count in elsewhere.items():
        print(Wording(lang).say("{count:,} rows in {table}", count=count, table=name))
