"""Who acts at the command line on the records of the loop.

Receives the settings. Gives the records, opened beside a running service, and the stamp of the person who is logged in.
"""

import getpass
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.orm import Session

from tocsin.app.bootstrap import now_us
from tocsin.app.cli.evidence.verify import printable
from tocsin.app.logs import set_up_logs
from tocsin.app.settings import Settings
from tocsin.app.storage.address import find_address
from tocsin.app.storage.records import Records
from tocsin.model.errors import InputError
from tocsin.model.window import SECOND_US
from tocsin.records.actor import NAME_LIMIT, Actor, ActorKind, Stamp


@contextmanager
def open_records(settings: Settings) -> Iterator[Records]:
    """The records that are there.

    Raises:
        InputError: there are none yet.
    """
    set_up_logs(sys.stderr, logging.CRITICAL)  # what goes wrong is told once, by the error
    place = find_address(settings.data, settings.database)
    if not place.is_server and not place.file.is_file():
        raise InputError(f"{place.file}: there are no records yet; `tocsin serve` begins them")
    records = Records(settings.data, settings.database)
    try:
        yield records
    finally:
        records.close()


@contextmanager
def at_desk(settings: Settings, by: str | None) -> Iterator[tuple[Session, Stamp]]:
    """A change of the records that are there, and who makes it.

    Raises:
        InputError: as `open_records` and `stamp_of`.
        ChangedMeanwhile: somebody else has changed a record since it was read.
    """
    with open_records(settings) as records, records.change() as session:
        yield session, stamp_of(by)


def stamp_of(by: str | None, option: str = "--by") -> Stamp:
    """The person who acts now: who is named with the option, else who is logged in.

    Raises:
        InputError: nobody is.
    """
    try:
        name = by or getpass.getuser()
    except (OSError, KeyError):
        raise InputError(f"nobody is logged in; say who acts with {option}") from None
    if not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
        raise InputError(f"a person's name has 1 to {NAME_LIMIT} characters that can be seen")
    return Stamp(Actor(ActorKind.PERSON, name), now_us())


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Shows rows to a person; what stands in them is harmless on a terminal."""
    table = Table(*(Column(head, overflow="fold") for head in heads), box=None)
    for row in rows:
        table.add_row(*map(printable, row))
    Console(markup=False, highlight=False).print(table)


def show_moment(at: int) -> str:
    """A time for machines, in UTC."""
    return datetime.fromtimestamp(at // SECOND_US, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
