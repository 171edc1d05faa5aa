"""`tocsin history`: count, prove, ask and export what is kept, also while the service runs.

Receives the settings and a question. Gives tables for people, JSON for machines. Never changes anything and needs no
ownership.
"""

import os
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.history.lake.files import Typing
from tocsin.history.lake.query import TIME_LIMIT_S, ask
from tocsin.history.lake.query import export as write
from tocsin.history.reading import open_reading
from tocsin.history.statistics import count_history
from tocsin.history.verification import Verification

NICENESS = 10
CELL = 300
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")

_encode = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode


def stats(settings: Settings, lang: str, *, as_json: bool) -> int:
    """How much there is, and where it lies."""
    say = Wording(lang).say
    with open_reading(settings.data) as reading:
        found = count_history(reading.journal, reading.lake)
    if as_json:
        print(to_json(found))
        return 0
    print(
        say(
            "{entries:,} entries: {journal:,} in the journal ({journal_size}), {lake:,} in {files:,} files of the lake"
            " ({lake_size}); index {index_size}",
            entries=found.entries,
            journal=found.journal_entries,
            journal_size=size(found.journal_bytes),
            lake=found.lake_entries,
            files=found.lake_files,
            lake_size=size(found.lake_bytes),
            index_size=size(found.index_bytes),
        )
    )
    print(
        say(
            "{holds} legal holds in force, {erasures} erasures, {groups:,} groups without all of their content",
            holds=found.holds,
            erasures=found.erasures,
            groups=found.rewritten,
        )
    )
    table = Table(say("event type"))
    for word in (say("entries"), say("first day"), say("last day"), say("files"), say("size")):
        table.add_column(word, justify="right")
    for each in found.types:
        table.add_row(
            each.type, f"{each.entries:,}", each.first_day, each.last_day, f"{each.files:,}", size(each.bytes)
        )
    if found.types:
        Console(markup=False, highlight=False).print(table)
    return 0


def verify(settings: Settings, lang: str, *, as_json: bool) -> int:
    """Whether all of it is what was committed; exit code 1 where something is not."""
    say = Wording(lang).say
    os.nice(NICENESS)
    with open_reading(settings.data) as reading:
        proof = Verification(reading.journal, reading.lake).run()
    if as_json:
        print(to_json(proof))
        return 1 if proof.faults else 0
    for fault in proof.faults:
        print(fault)
    print(
        say(
            "{entries:,} entries in {groups:,} groups and {files:,} files; {erased:,} groups with erased content",
            entries=proof.entries,
            groups=proof.groups,
            files=proof.files,
            erased=proof.erased,
        )
    )
    print(say("last seal {seal}", seal=proof.last_hash))
    print(say("last note {seal}", seal=proof.last_note))
    print(say("{count} faults", count=len(proof.faults)) if proof.faults else say("everything is as it was committed"))
    return 1 if proof.faults else 0


def query(settings: Settings, sql: str, time_limit_s: float | None, lang: str, *, as_json: bool) -> int:
    """One SELECT over the whole history."""
    say = Wording(lang).say
    typing = typing_for(settings)
    os.nice(NICENESS)
    with open_reading(settings.data) as reading:
        told = ask(reading.journal, reading.lake, typing, sql, TIME_LIMIT_S if time_limit_s is None else time_limit_s)
    if as_json:
        print(_encode({"columns": told.columns, "rows": told.rows, "cut": told.cut}).decode())
        return 0
    table = Table(*told.columns)
    for row in told.rows:
        table.add_row(*map(cell, row))
    Console(markup=False, highlight=False).print(table)
    count = say("{count:,} rows", count=len(told.rows))
    print(say("{rows}, and more that are not shown", rows=count) if told.cut else count, file=sys.stderr)
    return 0


def export(settings: Settings, out: Path, sql: str, lang: str) -> int:
    """The answer of one SELECT as a file."""
    typing = typing_for(settings)
    os.nice(NICENESS)
    with open_reading(settings.data) as reading:
        count = write(reading.journal, reading.lake, typing, sql, out)
    print(Wording(lang).say("{count:,} rows in {path}", count=count, path=out))
    return 0


def typing_for(settings: Settings) -> Typing:
    """How events of the loaded packs become columns."""
    from tocsin.app import bootstrap
    from tocsin.app.service.housekeeping.sealer import typing_of

    return typing_of(bootstrap.load_packs(settings.packs).types)


def cell(value: Any) -> str:
    """A value in a table."""
    match value:
        case None:
            return ""
        case datetime():
            text = value.isoformat().replace("+00:00", "Z")
        case Decimal():
            text = f"{value.normalize():f}" if value.is_finite() else str(value)
        case list() | tuple():
            text = ", ".join(map(cell, value))
        case dict():
            text = ", ".join(f"{name}: {cell(each)}" for name, each in value.items())
        case _:
            text = str(value)
    return text if len(text) <= CELL else text[:CELL] + "…"


def size(count: int) -> str:
    """Bytes as people read them.

    >>> size(0), size(1536), size(5 << 30)
    ('0 B', '1.5 KiB', '5.0 GiB')
    """
    amount = float(count)
    for unit in UNITS:
        if amount < 1024 or unit == UNITS[-1]:
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
