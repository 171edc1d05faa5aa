"""`tocsin history` where it changes something: seal, erase, hold.

Receives the settings and an order. Gives the record of what was done. Sealing and erasing need the folder for themselves,
and say so where a service has it; a hold can be set and lifted beside a service, because it may not wait.
"""

import getpass
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.keep.history import typing_for
from tocsin.app.logs import set_up_logs
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.history.history import History
from tocsin.history.journal import FILE, Journal
from tocsin.history.lake.compaction import compact as seal
from tocsin.history.reading import open_reading
from tocsin.history.retention import (
    Order,
    entity_digest,
    erase_entity,
    hold_entity,
    lift_hold,
    list_erasures,
    list_holds,
)
from tocsin.model.entity import ENTITY_LIMIT, parse_entity
from tocsin.model.errors import InputError
from tocsin.model.window import SECOND_US

TEXT_LIMIT = 1_000


class Why(Struct, frozen=True):
    """Why something is done, and by whom; None stands for who is logged in."""

    reason: str
    by: str | None


def compact(settings: Settings, lang: str, *, everything: bool, as_json: bool) -> int:
    """Seals what makes whole stretches, or everything."""
    typing = typing_for(settings)
    with _owned(settings) as history:
        least = 1 if everything else settings.stretch
        moved = seal(history.journal, history.lake, typing, _now_us(), least)
        left = history.journal.last_seq - history.journal.first_seq() + 1
    if as_json:
        print(to_json({"sealed": moved, "left": left}))
    else:
        print(Wording(lang).say("{moved:,} entries sealed, {left:,} left in the journal", moved=moved, left=left))
    return 0


def erase(settings: Settings, entity: str, why: Why, lang: str, *, sure: bool) -> int:
    """Deletes one person's data for good, and shows the record of it."""
    say = Wording(lang).say
    _check_entity(entity)
    order = _order(why)
    typing = typing_for(settings)
    with _owned(settings) as history:
        count = sum(1 for _ in history.index.of_entity(entity))
        if not sure and not typer.confirm(
            say("Erase {count:,} entries that touch {entity}?", count=count, entity=entity)
        ):
            return 1
        record = erase_entity(history, typing, entity, order)
    with _owned(settings):
        pass  # opened once more, the index writes its own register anew, in which the name may have stood
    print(say("erasure {number}: {count:,} entries", number=record.number, count=record.entries))
    return 0


def erasures(settings: Settings, entity: str | None, lang: str, *, as_json: bool) -> int:
    """The records of what was erased; of one person where one is named."""
    say = Wording(lang).say
    with open_reading(settings.data) as reading:
        found = list_erasures(reading.journal)
    if entity is not None:
        found = [each for each in found if each.entity == entity_digest(entity)]
    if as_json:
        print(to_json(found))
        return 0
    table = Table(say("number"), say("when"), say("entries"), say("by"), say("reason"), say("entity"))
    for each in found:
        digest = each.entity.removeprefix("sha256:")[:16] + "…"
        table.add_row(str(each.number), _moment(each.at), f"{each.entries:,}", each.by, each.reason, digest)
    Console(markup=False, highlight=False).print(table)
    return 0


def hold(settings: Settings, entity: str, why: Why, lang: str) -> int:
    """Sets a legal hold, at once."""
    _check_entity(entity)
    order = _order(why)
    with _journal(settings) as journal:
        number = hold_entity(journal, entity, order)
    print(Wording(lang).say("hold {number} is in force", number=number))
    return 0


def release(settings: Settings, number: int, lang: str) -> int:
    """Lifts a legal hold, at once."""
    with _journal(settings) as journal:
        if not lift_hold(journal, number, _now_us()):
            raise InputError(f"there is no hold {number} in force; `tocsin history holds` shows those that are")
    print(Wording(lang).say("hold {number} is lifted", number=number))
    return 0


def holds(settings: Settings, lang: str, *, as_json: bool) -> int:
    """Every hold that was ever set."""
    say = Wording(lang).say
    with open_reading(settings.data) as reading:
        found = list_holds(reading.journal)
    if as_json:
        print(to_json(found))
        return 0
    table = Table(say("number"), say("entity"), say("since"), say("lifted"), say("by"), say("reason"))
    for each in found:
        lifted = "" if each.lifted_at is None else _moment(each.lifted_at)
        table.add_row(str(each.number), each.entity, _moment(each.at), lifted, each.by, each.reason)
    Console(markup=False, highlight=False).print(table)
    return 0


@contextmanager
def _owned(settings: Settings) -> Iterator[History]:
    """The history, with the folder for this process alone."""
    from tocsin.app.service.service import open_history

    set_up_logs(sys.stderr, logging.WARNING)
    _check_there(settings)
    history = open_history(settings.data)
    try:
        yield history
    finally:
        history.close()


@contextmanager
def _journal(settings: Settings) -> Iterator[Journal]:
    _check_there(settings)
    journal = Journal(settings.data)
    try:
        yield journal
    finally:
        journal.close()


def _check_there(settings: Settings) -> None:
    if not (settings.data / FILE).is_file():
        raise InputError(f"{settings.data}: there is no history here")


def _check_entity(text: str) -> None:
    if parse_entity(text) is None or len(text) > ENTITY_LIMIT or not _is_text(text):
        raise InputError(f"an entity is written `kind:value`, such as account:9, not {text[:40]!a}")


def _order(why: Why) -> Order:
    by = _user() if why.by is None else why.by
    for name, text in (("--reason", why.reason), ("--by", by)):
        if not 0 < len(text) <= TEXT_LIMIT or not _is_text(text):
            raise InputError(f"{name} takes a text of 1 to {TEXT_LIMIT} characters")
    return Order(why.reason, by, _now_us())


def _is_text(text: str) -> bool:
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid:{os.getuid()}"


def _now_us() -> int:
    return time.time_ns() // 1_000


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND_US, UTC).strftime("%Y-%m-%d %H:%M")
