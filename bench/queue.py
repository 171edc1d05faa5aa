"""Many people at one queue: 50 workers claim cases, work on each for a moment, and finish it, give it back, or vanish.

Every claim is checked: no case is ever held by two, and at the end each is either finished once or still in the queue.
Workers are threads of one process, as the service is one; each works 100 to 300 ms on a case, so that 250 cases a second
are wanted. On SQLite (one file, every commit on the disk) and PostgreSQL (fsync on).
"""

import argparse
import itertools
import json
import random
import tempfile
import threading
import time
from pathlib import Path

import msgspec
from sqlalchemy import func, insert, select

from tests.servers.postgres import DURABLE, PostgresServer
from tocsin.app.bootstrap import now_us
from tocsin.app.storage.records import Records
from tocsin.cases.case import CaseState, matter_of, rank_of
from tocsin.cases.queue import Wish, claim, release, route
from tocsin.cases.tables import Case
from tocsin.model.errors import TocsinError
from tocsin.records.actor import Actor, ActorKind, Stamp

QUEUE, DONE = "mule-accounts", "done"
LEASE_US = 1_500_000
DAY_US = 86_400_000_000
AT_ONCE = 5_000
IN_QUEUES = select(Case.queue, func.count()).group_by(Case.queue)
VANISH, GIVE_BACK = 0.02, 0.1
"""Shares of cases whose worker vanishes, or skips them."""


class Hold(msgspec.Struct, frozen=True):
    """One hold of one case, in microseconds since 1970 UTC; `until` is when it was given up or the lease ended."""

    case: int
    since: int
    until: int
    finished: bool
    waited_us: int


class Result(msgspec.Struct, frozen=True):
    claims: int
    claims_per_s: float
    p50_ms: float
    p95_ms: float
    double: int
    lost: int


def fill(records: Records, count: int) -> None:
    """A queue of cases as they come: due within a week, of every harm."""
    draw = random.Random(1)
    now = now_us()
    with records.change() as session:
        for begin in range(0, count, AT_ONCE):
            rows = []
            for number in range(begin, min(begin + AT_ONCE, count)):
                due, harm = now + draw.randrange(7 * DAY_US), draw.randrange(100_000)
                subject = f"account:{number}"
                rows.append(
                    {
                        "matter": matter_of(subject, "AIDING"), "state": CaseState.OPEN, "queue": QUEUE, "subject": subject,
                        "typology": "AIDING", "title": "", "skill": "", "lang": "", "harm": harm, "due_at": due,
                        "rank": rank_of(due, harm), "opened_at": now, "opened_by": "system:bench", "free_at": now,
                        "four_eyes": False, "verification": "", "lesson": "", "reopened": 0, "version": 1,
                    }
                )  # fmt: skip
            session.execute(insert(Case), rows)
    if records.address.is_server:
        with records.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum analyze case_file")


def work(records: Records, seconds: float, name: str, holds: list[Hold]) -> None:
    """One worker, until the time is over."""
    draw = random.Random(name)
    me = Actor(ActorKind.PERSON, name)
    ends = time.monotonic() + seconds
    wish = Wish(queues=(QUEUE,), lease_us=LEASE_US)
    time.sleep(draw.random() * 0.2)
    while time.monotonic() < ends:
        began = time.perf_counter()
        try:
            with records.change() as session:
                since = now_us()
                found = claim(session, wish, Stamp(me, since))
                number, until = (found.number, since + LEASE_US) if found else (0, 0)
        except TocsinError:
            continue
        waited = round((time.perf_counter() - began) * 1e6)
        if not number:
            return
        time.sleep(0.1 + draw.random() * 0.2)
        finished, until = finish(records, number, me, draw, until)
        holds.append(Hold(number, since, until, finished, waited))


def finish(records: Records, number: int, me: Actor, draw: random.Random, lease_ends: int) -> tuple[bool, int]:
    """Finishes a case, gives it back, or vanishes with it; answers whether it is finished, and until when it was held."""
    fate = draw.random()
    if fate < VANISH:
        time.sleep(max(0.0, (lease_ends - now_us()) / 1e6))
        return False, lease_ends
    try:
        with records.change() as session:
            case = session.get_one(Case, number)
            stamp = Stamp(me, now_us())
            if fate < VANISH + GIVE_BACK:
                release(session, case, stamp, "not mine")
                case.free_at = stamp.at + DAY_US
            elif case.holder == str(me) and (case.held_until or 0) > stamp.at:
                route(session, case, DONE, stamp, "done")
            else:
                return False, lease_ends
    except TocsinError:
        return False, lease_ends
    return fate >= VANISH + GIVE_BACK, stamp.at


def run(folder: Path, database: str, cases: int, workers: int, seconds: float) -> Result:
    """One run on one database."""
    records = Records(folder, database)
    fill(records, cases)
    holds: list[list[Hold]] = [[] for _ in range(workers)]
    threads = [
        threading.Thread(target=work, args=(records, seconds, f"reviewer-{number}", mine))
        for number, mine in enumerate(holds)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with records.session() as session:
        counted = {name: number for name, number in session.execute(IN_QUEUES)}  # noqa: C416 - a row is no pair for dict()
    records.close()
    return judge([hold for mine in holds for hold in mine], counted, cases, seconds)


def judge(holds: list[Hold], counted: dict[str, int], cases: int, seconds: float) -> Result:
    """Whether any case was held by two at once, finished twice, or is nowhere."""
    by_case: dict[int, list[Hold]] = {}
    for hold in holds:
        by_case.setdefault(hold.case, []).append(hold)
    double = 0
    for mine in by_case.values():
        mine.sort(key=lambda hold: hold.since)
        double += sum(after.since < before.until for before, after in itertools.pairwise(mine))
        double += max(0, sum(hold.finished for hold in mine) - 1)
    finished = sum(any(hold.finished for hold in mine) for mine in by_case.values())
    lost = abs(cases - counted.get(QUEUE, 0) - counted.get(DONE, 0)) + abs(finished - counted.get(DONE, 0))
    waits = sorted(hold.waited_us for hold in holds)
    return Result(
        claims=len(holds),
        claims_per_s=round(len(holds) / seconds, 1),
        p50_ms=round(waits[len(waits) // 2] / 1_000, 2),
        p95_ms=round(waits[len(waits) * 95 // 100] / 1_000, 2),
        double=double,
        lost=lost,
    )


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--cases", type=int, default=100_000)
    told.add_argument("--workers", type=int, default=50)
    told.add_argument("--seconds", type=float, default=30.0)
    told.add_argument("--json", action="store_true")
    chosen = told.parse_args()
    found: dict[str, Result] = {}
    server = PostgresServer(DURABLE)
    server.start()
    try:
        for name, url in (("sqlite", ""), ("postgresql", server.url())):
            with tempfile.TemporaryDirectory() as folder:
                found[name] = run(Path(folder), url, chosen.cases, chosen.workers, chosen.seconds)
    finally:
        server.stop()
    result = {"cases": chosen.cases, "workers": chosen.workers, "databases": msgspec.to_builtins(found)}
    print(json.dumps(result, indent=None if chosen.json else 2))


if __name__ == "__main__":
    main()
