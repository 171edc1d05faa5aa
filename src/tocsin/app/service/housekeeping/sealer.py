"""The child process that seals stretches of the journal.

Receives a Job on standard input. Gives the number of entries sealed on standard output. It loads no packs and no
kernel, so that it is small and starts quickly.
"""

import os
import sys
import time
from pathlib import Path

import msgspec

from tocsin.app.service.housekeeping.job import Job
from tocsin.history.journal import Journal
from tocsin.history.lake.compaction import compact
from tocsin.history.lake.files import Lake, Typing
from tocsin.ingest.reader import EventReader
from tocsin.model.errors import EventError, HistoryError
from tocsin.model.event import Row
from tocsin.model.event_type import EventType, EventTypes

NICENESS = 10


def typing_of(types: EventTypes) -> Typing:
    """How events of these types become columns."""
    reader = EventReader(types)

    def read_row(raw: bytes) -> Row | None:
        try:
            return reader.read_json(raw).row
        except EventError:
            return None

    return Typing(types, read_row)


def main() -> int:
    """Does one job."""
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    os.nice(NICENESS)
    types = {kind.name: kind for kind in msgspec.msgpack.decode(job.types, type=list[EventType])}
    journal = Journal(Path(job.folder))
    try:
        moved = compact(journal, Lake(Path(job.folder), journal), typing_of(types), time.time_ns() // 1_000, job.least)
    except HistoryError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        journal.close()
    print(moved)
    return 0


if __name__ == "__main__":
    sys.exit(main())
