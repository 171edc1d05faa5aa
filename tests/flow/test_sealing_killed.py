"""Whoever seals, erases or expires is killed at random moments: all that was acknowledged is there, each entry once, and an
erasure is done with its record or not at all.
"""

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reference.entries import make_entry
from tocsin.history.history import History
from tocsin.history.retention import entity_digest, list_erasures
from tocsin.history.verification import Verification

KILLS = 15
LONGEST_S = 0.6
DAY = 86_400_000_000
WORKER = """
import os, random, sys
from pathlib import Path
from tests.reference.entries import START, TYPING, make_entries
from tocsin.history.history import History
from tocsin.history.lake import compaction
from tocsin.history.retention import Order, erase_entity, expire

DAY = 86_400_000_000
compaction.STRETCH = 30

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def work(folder, chance):
    history = History(folder)
    say("begun", os.getpid())
    while True:
        first = history.journal.last_seq + 1
        entries = make_entries(first, first + chance.randrange(1, 12))
        history.journal.append(entries, 1)
        say("kept", history.journal.last_seq)
        history.index.add(entries)
        what = chance.choice(("seal", "seal", "erase", "erase", "expire"))
        if what == "seal":
            compaction.compact(history.journal, history.lake, TYPING, 1, least=25)
        elif what == "erase":
            number = chance.randrange(7)
            erase_entity(history, TYPING, f"account:{number}", Order("r", "b", history.journal.last_seq))
            say("erased", number)
        else:
            at = START + (history.journal.last_seq - 150) * 3_600_000_000
            expire(history, TYPING, {"*": 0}, at)
            say("expired", at // DAY)

say("ready")
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        work(Path(sys.argv[1]), random.Random(int(line)))
    os.waitpid(child, 0)
    say("ended")
"""


class Workers:
    """Starts workers from one process that has loaded everything, so that a kill costs no loading."""

    def __init__(self, folder: Path) -> None:
        root = Path(__file__).resolve().parents[2]
        self._root = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )
        self._read = b""
        self.expect("ready")

    def lines(self, until: float) -> Iterator[list[str]]:
        """What workers say, until a time."""
        assert self._root.stdout
        handle = self._root.stdout.fileno()
        while True:
            head, mark, rest = self._read.partition(b"\n")
            if mark:
                self._read = rest
                yield head.decode().split()
            elif select.select([handle], [], [], max(0.0, until - time.monotonic()))[0]:
                some = os.read(handle, 1 << 16)
                assert some, "the workers have ended"
                self._read += some
            else:
                return

    def expect(self, word: str) -> list[list[str]]:
        """What is said until a word comes."""
        said = []
        for line in self.lines(time.monotonic() + 60):
            said.append(line)
            if line[0] == word:
                return said
        raise AssertionError(f"nobody said {word}: {said[-3:]}")

    def run_and_kill(self, seed: int, after_s: float) -> list[list[str]]:
        """One worker's life; what it said in it."""
        assert self._root.stdin
        self._root.stdin.write(b"%d\n" % seed)
        self._root.stdin.flush()
        said = self.expect("begun")
        said += self.lines(time.monotonic() + after_s)
        os.kill(int(next(line[1] for line in said if line[0] == "begun")), signal.SIGKILL)
        return said + self.expect("ended")

    def close(self) -> None:
        assert self._root.stdin
        self._root.stdin.close()
        self._root.wait(60)
        assert self._root.stdout
        self._root.stdout.close()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    made = Workers(tmp_path)
    yield made
    made.close()


def check(folder: Path, kept: int, erased: set[int], expired: int) -> dict[str, int]:
    history = History(folder)
    try:
        proof = Verification(history.journal, history.lake).run()
        assert proof.faults == ()
        entries = list(history.read())
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert len(entries) >= kept, "an acknowledged entry is lost"
        records = {record.entity: record.at for record in list_erasures(history.journal)}
        assert erased <= {number for number in range(7) if entity_digest(f"account:{number}") in records}
        over = max((note[0] for note in history.journal.rows("select at from rewriting where why = 'age'")), default=0)
        for entry in entries:
            at = records.get(entity_digest(f"account:{entry.seq % 7}"), 0)
            must = entry.seq <= at or entry.at < expired * DAY
            may = must or entry.at < over // DAY * DAY
            assert entry.erased or not must, f"{entry.seq} was to be erased"
            assert may or not entry.erased, f"{entry.seq} is erased without a record"
            assert entry.erased or entry.event == make_entry(entry.seq).event
        files = {
            str(path.relative_to(history.lake.folder)) for path in history.lake.folder.rglob("*") if path.is_file()
        }
        named = {file.path for file in history.lake.files()}
        assert {file for file in files if not file.startswith("chain/")} == named, "something half done was left"
        return {
            "entries": len(entries),
            "files": len(named),
            "erasures": len(list_erasures(history.journal)),
            "expired": int(over > 0),
        }
    finally:
        history.close()


def test_kills_while_sealing_erasing_and_expiring_leave_all_or_nothing(workers: Workers, tmp_path: Path) -> None:
    chance = random.Random(20191)
    kept, erased, expired = 0, set[int](), 0
    came_to: dict[str, int] = {}
    for seed in range(KILLS):
        for line in workers.run_and_kill(seed, chance.uniform(0, LONGEST_S)):
            if line[0] == "kept":
                kept = int(line[1])
            elif line[0] == "erased":
                erased.add(int(line[1]))
            elif line[0] == "expired":
                expired = max(expired, int(line[1]))
        came_to = check(tmp_path, kept, erased, expired)
    assert came_to["entries"] > 100, came_to
    assert came_to["files"] >= 5, came_to
    assert came_to["erasures"] >= 1, came_to
