"""What is kept: the journal's file and the lake's files.

Opens the journal for reading only, beside the service that writes it. Never takes the folder and never waits long.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tocsin.app.doctor.finding import Finding, Subject, fault, ok, warning
from tocsin.app.storage.reading import open_for_reading
from tocsin.history.journal import FILE
from tocsin.history.lake.files import FOLDER as LAKE

LIMIT_S = 20.0
STEPS = 100_000
"""Instructions of SQLite between two looks at the time."""


def check_journal(subject: Subject) -> Iterator[Finding]:
    """Whether the journal's file is whole."""
    say = subject.wording.say
    path = subject.settings.data / FILE
    mend = say(
        "Stop the service, keep the folder aside, and restore the last backup: tocsin restore BACKUP --data FOLDER."
    )
    if not path.exists():
        yield ok(say("Nothing is kept yet in {folder}", folder=subject.settings.data))
        return
    try:
        told, count = _look(path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            text = say("The journal is too large to be looked through in {seconds:.0f} s", seconds=LIMIT_S)
            yield warning(text, say("Run `tocsin history verify`, which takes its time."))
        else:
            yield fault(say("The journal cannot be read: {reason}", reason=error), mend)
        return
    except sqlite3.DatabaseError as error:
        yield fault(say("The journal cannot be read: {reason}", reason=error), mend)
        return
    if told == "ok":
        yield ok(say("The journal is whole; {count:,} events are kept", count=count))
    else:
        yield fault(say("The journal is damaged: {reason}", reason=told[:200]), mend)


def check_lake(subject: Subject) -> Iterator[Finding]:
    """Whether every file of the lake is there with its size."""
    say = subject.wording.say
    try:
        with closing(open_for_reading(subject.settings.data / FILE)) as base:
            rows = base.execute("select path, bytes from lake_file order by path").fetchall()
    except sqlite3.Error:
        return  # the journal's own check has told it
    folder = subject.settings.data / LAKE
    wrong = [path for path, size in rows if _size(folder / path) != size]
    if wrong:
        yield fault(
            say("{count} files of the lake are missing or changed, {first} first", count=len(wrong), first=wrong[0]),
            say("Restore them from the last backup into {folder}; `tocsin history verify` proves them.", folder=folder),
        )
    elif rows:
        yield ok(say("All {count:,} files of the lake are there", count=len(rows)))


def last_commit_us(folder: Path) -> int | None:
    """When the newest group was committed; None where nothing is kept, or it cannot be read."""
    try:
        with closing(open_for_reading(folder / FILE)) as base:
            row = base.execute("select committed_at from batch order by first_seq desc limit 1").fetchone()
            row = row or base.execute("select sealed_at from stretch order by first_seq desc limit 1").fetchone()
    except sqlite3.Error:
        return None
    return int(row[0]) if row else None


def _look(path: Path) -> tuple[str, int]:
    """What SQLite says of the file, and how many entries were ever kept."""
    until = time.monotonic() + LIMIT_S
    with closing(open_for_reading(path)) as base:
        base.set_progress_handler(lambda: time.monotonic() > until, STEPS)
        told = str(base.execute("pragma quick_check(1)").fetchone()[0])
        last = base.execute(
            "select max((select coalesce(max(last_seq), 0) from batch), (select coalesce(max(last_seq), 0) from stretch))"
        )
        return told, int(last.fetchone()[0])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
