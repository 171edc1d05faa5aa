"""`tocsin keys`: make, list, rotate and revoke API keys, also while the service runs.

Receives the settings and what is wanted. Gives a new key on standard output, once; everything that is said about it goes to
standard error, so that a script may take the key as it is.
"""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from msgspec import Struct
from rich.console import Console
from rich.table import Column, Table

from tocsin.app.access.key import NewKey, Scope, list_keys, make_key, revoke_key, rotate_key
from tocsin.app.access.tables import ApiKey
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.logs import set_up_logs
from tocsin.app.settings import Settings
from tocsin.app.storage.address import find_address
from tocsin.app.storage.records import Records
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError, KeyWrong
from tocsin.model.window import SECOND_US, parse_span


class Shown(Struct, frozen=True):
    """A key as machines read it. `key` is there once, when it is made."""

    id: str
    name: str
    scopes: list[str]
    made_at: str
    expires_at: str | None
    revoked_at: str | None
    replaced_by: str | None
    state: str


class Wish(Struct, frozen=True):
    """What is wanted of a key, as it was typed. `keep` is how long the key that is replaced still works."""

    scopes: tuple[str, ...] = ()
    expires: str | None = None
    keep: str = "24h"


def new(settings: Settings, name: str, wish: Wish, lang: str, *, as_json: bool) -> int:
    """Makes a key and shows it, this once."""
    now = now_us()
    end = None if wish.expires is None else now + _span(wish.expires, "--expires")
    wanted = NewKey(name=name, scopes=tuple(map(_scope, wish.scopes)), expires_at=end)
    with _records(settings) as records, records.session() as session:
        made, clear = make_key(session, wanted, now)
        shown = show(made, now)
    _give(clear, shown, Wording(lang), as_json=as_json)
    return 0


def rotate(settings: Settings, number: str, wish: Wish, lang: str, *, as_json: bool) -> int:
    """Makes the key that takes another one's place, and shows it, this once."""
    now, wording = now_us(), Wording(lang)
    keep_until = now + _span(wish.keep, "--keep")
    end = None if wish.expires is None else now + _span(wish.expires, "--expires")
    with _records(settings, made=True) as records, records.session() as session:
        made, clear = rotate_key(session, number, keep_until, now, end)
        shown = show(made, now)
        old_ends = next(key.expires_at for key in list_keys(session) if key.id == number) or keep_until
    _give(clear, shown, wording, as_json=as_json)
    said = wording.say("The key {number} works until {end}.", number=number, end=_moment(old_ends))
    print(said, file=sys.stderr)
    return 0


def revoke(settings: Settings, number: str, lang: str) -> int:
    """Ends a key at once."""
    with _records(settings, made=True) as records, records.session() as session:
        revoke_key(session, number, now_us())
    print(Wording(lang).say("The key {number} is revoked.", number=number))
    return 0


def index(settings: Settings, lang: str, *, as_json: bool) -> int:
    """Every key that was ever made; never its secret."""
    now, say = now_us(), Wording(lang).say
    with _records(settings, made=True) as records, records.session() as session:
        found = [show(key, now) for key in list_keys(session)]
    if as_json:
        print(to_json(found))
        return 0
    states = {
        "in_force": say("in force"),
        "replaced": say("replaced"),
        "expired": say("expired"),
        "revoked": say("revoked"),
    }
    table = Table(Column("id", no_wrap=True), say("name"), say("scopes"))
    table.add_column(say("made"), no_wrap=True)
    table.add_column(say("ends"), no_wrap=True)
    table.add_column(say("state"))
    for key in found:
        end = key.revoked_at or key.expires_at
        ends = end[:16].replace("T", " ") if end else say("never")
        table.add_row(key.id, key.name, " ".join(key.scopes), key.made_at[:10], ends, states[key.state])
    Console(markup=False, highlight=False).print(table)
    return 0


def show(key: ApiKey, now_us: int) -> Shown:
    """A key without its secret."""
    state = "in_force"
    if key.revoked_at is not None:
        state = "revoked"
    elif key.expires_at is not None and key.expires_at <= now_us:
        state = "expired"
    elif key.replaced_by is not None:
        state = "replaced"
    return Shown(
        key.id,
        key.name,
        key.scopes.split(),
        _moment(key.made_at),
        None if key.expires_at is None else _moment(key.expires_at),
        None if key.revoked_at is None else _moment(key.revoked_at),
        key.replaced_by,
        state,
    )


@contextmanager
def _records(settings: Settings, *, made: bool = False) -> Iterator[Records]:
    """The records; `made` where a file that is not there yet must not be made."""
    set_up_logs(sys.stderr, logging.CRITICAL)  # what goes wrong is told once, by the error
    place = find_address(settings.data, settings.database)
    if made and not place.is_server and not place.file.is_file():
        raise InputError(f"{place.file}: there are no records yet; `tocsin keys new` begins them")
    records = Records(settings.data, settings.database)
    try:
        yield records
    finally:
        records.close()


def _give(clear: str, shown: Shown, wording: Wording, *, as_json: bool) -> None:
    if as_json:
        print(to_json({"key": clear, **{name: getattr(shown, name) for name in Shown.__struct_fields__}}))
        return
    say = wording.say
    end = shown.expires_at or say("never")
    facts = say("{number}, {scopes}; ends: {end}", number=shown.id, scopes=" ".join(shown.scopes), end=end)
    print(say("The new key. It is shown this once; keep it where secrets are kept."), file=sys.stderr)
    print(facts, file=sys.stderr)
    print(clear)


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise KeyWrong(f"there is no scope `{text[:20]}`; there are {', '.join(Scope)}") from None


def _span(text: str, option: str) -> int:
    parsed = parse_span(text)
    if parsed is None:
        raise InputError(f"{option} takes a span such as 24h or 90d, at most 1000d, not `{text[:20]}`")
    return parsed


def now_us() -> int:
    """The wall clock in microseconds since 1970 UTC."""
    return time.time_ns() // 1_000


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND_US, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
