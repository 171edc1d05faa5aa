"""How much history there is, and where it lies.

Receives journal and lake. Gives counts and sizes, from the register and from what is not sealed yet. Never reads the lake's
files.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from tocsin.history.index import FOLDER as INDEX
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Lake, day_of
from tocsin.history.retention import held_entities, list_erasures


class TypeCount(Struct, frozen=True):
    """One event type: its entries in lake and journal, its days by event time, and its files in the lake."""

    type: str
    entries: int
    first_day: str
    last_day: str
    files: int
    bytes: int


class Statistics(Struct, frozen=True):
    """The whole history. `rewritten` counts groups that have lost content; `holds` are those in force."""

    entries: int
    journal_entries: int
    journal_bytes: int
    lake_entries: int
    lake_files: int
    lake_bytes: int
    index_bytes: int
    rewritten: int
    holds: int
    erasures: int
    types: list[TypeCount]


def count_history(journal: Journal, lake: Lake) -> Statistics:
    """Counts what is committed now.

    Raises:
        HistoryError: the journal cannot be read, or is not what was committed.
    """
    with journal.snapshot():
        files = lake.files()
        last = journal.head()[0]
        entries: Counter[str] = Counter()
        days: dict[str, set[str]] = {}
        for entry in journal.read():
            entries[entry.type] += 1
            days.setdefault(entry.type, set()).add(day_of(entry.at))
        rewritten = journal.rows("select count(distinct first_seq) from rewriting")[0][0]
    waiting = sum(entries.values())
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for file in files:
        entries[file.type] += file.entries
        sizes[file.type] += file.bytes
        counts[file.type] += 1
        days.setdefault(file.type, set()).add(file.day)
    return Statistics(
        entries=last,
        journal_entries=waiting,
        journal_bytes=_size(journal.folder.glob(f"{journal.path.name}*")),
        lake_entries=last - waiting,
        lake_files=len(files),
        lake_bytes=sum(sizes.values()),
        index_bytes=_size((journal.folder / INDEX).glob("*")),
        rewritten=rewritten,
        holds=len(held_entities(journal)),
        erasures=len(list_erasures(journal)),
        types=[
            TypeCount(name, entries[name], min(days[name]), max(days[name]), counts[name], sizes[name])
            for name in sorted(entries)
        ],
    )


def _size(files: Iterable[Path]) -> int:
    """Bytes of files, some of which may be gone by now."""
    size = 0
    for file in files:
        with suppress(OSError):
            size += file.stat().st_size
    return size
