"""What these commands share: the records, who acts, and times as people read them.

Receives the settings. Gives a transaction on records that are there, with the person who is logged in, or who is named.
"""

import getpass
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from tocsin.app.logs import set_up_logs
from tocsin.app.settings import Settings
from tocsin.app.storage.address import find_address
from tocsin.app.storage.records import Records
from tocsin.model.errors import InputError
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Actor, ActorKind, Stamp, parse_actor


@contextmanager
def open_records(settings: Settings) -> Iterator[Records]:
    """The records, which must be there.

    Raises:
        InputError: there are none.
    """
    set_up_logs(sys.stderr, logging.CRITICAL)  # what goes wrong is told once, by the error
    place = find_address(settings.data, settings.database)
    if not place.is_server and not place.file.is_file():
        raise InputError(f"{place.file}: there are no records yet; a service begins them")
    records = Records(settings.data, settings.database)
    try:
        yield records
    finally:
        records.close()


@contextmanager
def at_desk(settings: Settings, by: str | None) -> Iterator[tuple[Session, Stamp]]:
    """A transaction and who acts in it."""
    with open_records(settings) as records, records.change() as session:
        yield session, stamp_of(by)


def stamp_of(by: str | None) -> Stamp:
    """Who acts, now: `by`, else the user who is logged in.

    Raises:
        ActorWrong: nobody.
    """
    return Stamp(parse_actor(by) if by else Actor(ActorKind.PERSON, _user()), time.time_ns() // 1_000)


def moment(at: int | None) -> str:
    """A time in UTC; empty where there is none."""
    return "" if at is None else datetime.fromtimestamp(at // SECOND_US, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid:{os.getuid()}"
