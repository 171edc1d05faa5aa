"""A reader sees journal and lake as one history while it grows, moves and is erased, and changes nothing itself."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reference.entries import START, TYPING, make_entries
from tocsin.history.history import Filter, History
from tocsin.history.journal import Journal
from tocsin.history.lake import compaction, query
from tocsin.history.lake.compaction import compact
from tocsin.history.lake.files import Lake, LakeFile, Typing
from tocsin.history.lake.query import ask, export
from tocsin.history.reading import open_reading
from tocsin.history.retention import Order, erase_entity
from tocsin.history.verification import Verification
from tocsin.model.errors import HistoryDamaged, InputError, OutputError, QueryError, StorageFull

NOW = START + 86_400_000_000 * 30
PLAIN = Typing({}, lambda _: None)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "STRETCH", 40)


def keep(history: History, first: int, last: int, group: int = 7) -> None:
    for begin in range(first, last + 1, group):
        entries = make_entries(begin, min(last, begin + group - 1))
        history.journal.append(entries, NOW)
        history.index.add(entries)


def listing(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }


def test_a_reader_needs_no_ownership_sees_what_is_committed_and_changes_nothing(
    history: History, tmp_path: Path
) -> None:
    keep(history, 1, 20)
    compact(history.journal, history.lake, TYPING, NOW, least=1)
    keep(history, 21, 30)
    before = listing(tmp_path)
    with open_reading(tmp_path) as reading:
        assert list(reading.read()) == list(make_entries(1, 30))
        assert ask(reading.journal, reading.lake, TYPING, "select count(*), max(seq) from history").rows == [(30, 30)]
        assert Verification(reading.journal, reading.lake).run().faults == ()
        with pytest.raises(StorageFull, match="readonly"), reading.journal.change() as base:
            base.execute("delete from batch")
        assert listing(tmp_path) == before
        keep(history, 31, 33)
        assert [entry.seq for entry in reading.read(30)] == [31, 32, 33]
        assert reading.at(32) == make_entries(32, 32)[0]


KILLED = """
import os, sys
from pathlib import Path
from tests.reference.entries import make_entries
from tocsin.history.journal import Journal
journal = Journal(Path(sys.argv[1]))
for seq in range(1, 6):
    journal.append(make_entries(seq, seq), 1)
os._exit(9)
"""


def test_a_reader_reads_after_a_kill_and_after_a_clean_end(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, cwd=root).returncode == 9
    assert (tmp_path / "journal.db-wal").stat().st_size > 0
    with open_reading(tmp_path) as reading:
        assert [entry.seq for entry in reading.read()] == [1, 2, 3, 4, 5]
    History(tmp_path).close()
    assert not (tmp_path / "journal.db-wal").exists()
    with open_reading(tmp_path) as reading:
        assert [entry.seq for entry in reading.read()] == [1, 2, 3, 4, 5]


def test_a_folder_without_a_history_is_told_and_left_alone(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="no history"), open_reading(place):
            raise AssertionError("there is nothing to read")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "journal.db").write_bytes(b"not a database, but long enough to be one" * 20)
    with pytest.raises(HistoryDamaged), open_reading(tmp_path):
        raise AssertionError("there is nothing to read")


def test_a_journal_of_a_newer_tocsin_is_left_alone(history: History, tmp_path: Path) -> None:
    with history.journal.change() as base:
        base.execute("pragma user_version = 99")
    with pytest.raises(HistoryDamaged, match="newer Tocsin"):
        Journal(tmp_path)
    with pytest.raises(HistoryDamaged, match="newer Tocsin"), open_reading(tmp_path):
        raise AssertionError("it is not understood")


def each_once(entries: list[int], last: int) -> None:
    assert entries == list(range(1, last + 1)), f"{len(entries)} of {last}"


class Watchers:
    """Threads that look at the history until they are told to stop; what went wrong in them is raised at the end."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.rounds: dict[str, int] = {}
        self.faults: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def begin(self, name: str, look: Callable[[], None]) -> None:
        def run() -> None:
            self.rounds[name] = 0
            while not self.stop.is_set():
                try:
                    look()
                except BaseException as error:  # noqa: BLE001 - raised again by `end`
                    self.faults.append(error)
                    return
                self.rounds[name] += 1

        self._threads.append(threading.Thread(target=run, name=name))
        self._threads[-1].start()

    def end(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()
        if self.faults:
            raise self.faults[0]


@pytest.mark.usefixtures("small_stretches")
def test_every_reader_sees_one_history_while_it_grows_is_sealed_and_is_erased(history: History, tmp_path: Path) -> None:
    last = 280
    keep(history, 1, 105)
    watchers = Watchers()
    entries = make_entries(1, last)

    def read() -> None:
        head = history.journal.last_seq
        found = [entry.seq for entry in history.read()]
        each_once(found, len(found))
        assert len(found) >= head

    def at() -> None:
        head = history.journal.last_seq
        for seq in range(1, head + 1, 13):
            entry = history.at(seq)
            assert entry is not None, f"{seq} of {head} was not seen"
            assert entry.erased or entry == entries[seq - 1]

    def find() -> None:
        head = history.index.applied
        for seq in (1, head // 2, head):
            assert history.find(f"e{seq}") is not None

    def newest() -> None:
        head = history.journal.last_seq
        found, _ = history.newest(Filter(), 10_000)
        seqs = [entry.seq for entry in found]
        assert seqs == sorted(set(seqs), reverse=True)
        assert {seq for seq in range(1, head + 1) if seq % 7 not in {3, 4}} <= set(seqs)

    def question() -> None:
        with open_reading(tmp_path) as reading:
            sql = "select count(*), count(distinct seq), max(seq) from history"
            (row,) = ask(reading.journal, reading.lake, PLAIN, sql).rows
            assert row[0] == row[1] == row[2]

    def verify() -> None:
        with open_reading(tmp_path) as reading:
            assert Verification(reading.journal, reading.lake).run().faults == ()

    for look in (read, at, find, newest, question, verify):
        watchers.begin(look.__name__, look)
    try:
        for place in range(106, last, 35):
            keep(history, place, min(last, place + 34))
            compact(history.journal, history.lake, PLAIN, NOW, least=40)
            if place % 3 == 0:
                erase_entity(history, PLAIN, "account:3", Order("r", "b", NOW))
        erase_entity(history, PLAIN, "account:4", Order("r", "b", NOW))
    finally:
        watchers.end()
    assert all(count >= 1 for count in watchers.rounds.values()), watchers.rounds
    each_once([entry.seq for entry in history.read()], last)
    assert Verification(history.journal, history.lake).run().faults == ()


@pytest.mark.usefixtures("small_stretches")
def test_an_entry_is_found_though_it_moves_between_the_look_into_the_journal_and_the_look_into_the_lake(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(history, 1, 80)
    honest = Journal.find

    def late(self: Journal, seq: int) -> object:
        found = honest(self, seq)
        compact(history.journal, history.lake, PLAIN, NOW, least=1)
        return found

    monkeypatch.setattr(Journal, "find", late)
    assert history.at(5) == make_entries(5, 5)[0]
    assert history.at(6) == make_entries(6, 6)[0]
    assert history.journal.first_seq() == 81
    assert history.at(81) is None


def test_a_question_is_of_one_moment_though_a_stretch_moves_while_it_is_prepared(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(history, 1, 60)
    honest, moved = Lake.files, []

    def late(self: Lake, *places: int) -> list[LakeFile]:
        found = honest(self, *places)
        if not moved:
            moved.append(True)
            mover = threading.Thread(target=compact, args=(history.journal, history.lake, PLAIN, NOW, 1))
            mover.start()
            mover.join()
        return found

    monkeypatch.setattr(Lake, "files", late)
    sql = "select count(*), count(distinct seq) from history"
    assert ask(history.journal, history.lake, PLAIN, sql).rows == [(60, 60)]
    assert history.journal.first_seq() == 61
    assert ask(history.journal, history.lake, PLAIN, sql).rows == [(60, 60)]


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(history, 1, 10)
    compact(history.journal, history.lake, PLAIN, NOW, least=1)
    honest, erased = Lake.read_file, []

    def late(self: Lake, file: LakeFile, *places: int) -> object:
        if not erased:
            erased.append(True)
            erase_entity(history, PLAIN, "account:3", Order("r", "b", NOW))
        return honest(self, file, *places)

    monkeypatch.setattr(Lake, "read_file", late)
    assert [entry.seq for entry in history.lake.entries(1, 10)] == list(range(1, 11))


def test_what_is_appended_while_it_is_read_is_no_missing_entry(history: History) -> None:
    keep(history, 1, 10)
    found = []
    for entry in history.read():
        found.append(entry.seq)
        if entry.seq in {9, 10}:
            keep(history, history.journal.last_seq + 1, history.journal.last_seq + 7)
    assert found[:10] == list(range(1, 11))
    assert found == list(range(1, len(found) + 1))


@pytest.mark.usefixtures("small_stretches")
def test_a_stretch_that_is_gone_is_missed_and_not_read_over(history: History) -> None:
    keep(history, 1, 120)
    compact(history.journal, history.lake, PLAIN, NOW, least=40)
    with history.journal.change() as base:
        base.execute("delete from lake_file where first_seq between 43 and 84")
    with pytest.raises(HistoryDamaged, match="entry 43 is missing"):
        list(history.read())
    with history.journal.change() as base:
        base.execute("delete from stretch where first_seq = 43")
    with pytest.raises(HistoryDamaged, match="entry 43 is missing"):
        list(history.read())


def test_times_intervals_and_large_sums_come_as_rows_in_utc(history: History) -> None:
    keep(history, 1, 5)
    sql = "select event_at, date_trunc('day', event_at), sum(seq) over (), interval 1 day, uuid() from history order by seq"
    row = ask(history.journal, history.lake, TYPING, sql).rows[0]
    assert [str(value) for value in row[:3]] == ["2023-11-14 23:13:20+00:00", "2023-11-14 00:00:00+00:00", "15"]


def test_event_types_whose_names_differ_in_signs_only_have_a_view_each(history: History) -> None:
    kinds = ("a.b", "a_b", "history", "A.B")
    entries = [
        entry.__class__(*(kind if name == "type" else getattr(entry, name) for name in entry.__struct_fields__))
        for kind, entry in zip(kinds, make_entries(1, 4), strict=True)
    ]
    history.journal.append(tuple(entries), NOW)
    told = {
        view: ask(history.journal, history.lake, PLAIN, f"select type from {view}").rows
        for view in ("a_b", "a_b_2", "history_2", "A_B_3")
    }
    assert told == {"a_b": [("a.b",)], "a_b_2": [("a_b",)], "history_2": [("history",)], "A_B_3": [("A.B",)]}
    assert ask(history.journal, history.lake, PLAIN, "select count(*) from history").rows == [(4,)]


def test_an_answer_has_a_size_and_says_where_it_is_cut(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(history, 1, 30)
    monkeypatch.setattr("tocsin.history.lake.query.ROW_LIMIT", 20)
    told = ask(history.journal, history.lake, PLAIN, "select seq from history order by seq")
    assert ([row[0] for row in told.rows], told.cut) == (list(range(1, 21)), True)
    assert not ask(history.journal, history.lake, PLAIN, "select seq from history limit 20").cut
    monkeypatch.setattr("tocsin.history.lake.query.BYTE_LIMIT", 100_000)
    told = ask(history.journal, history.lake, PLAIN, "select repeat('x', 100000) from range(15)")
    assert told.cut


def test_an_export_replaces_a_file_whole_and_a_failed_one_leaves_it(history: History, tmp_path: Path) -> None:
    keep(history, 1, 30)
    out = tmp_path / "it's.csv"
    out.write_text("before")
    for sql in (
        "select 1 from nothing",
        "select cast('x' as int) from history",
        "select * from read_csv('/etc/passwd')",
    ):
        with pytest.raises(QueryError):
            export(history.journal, history.lake, PLAIN, sql, out)
        assert out.read_text() == "before"
    assert export(history.journal, history.lake, PLAIN, "select seq from history order by 1 -- all of it", out) == 30
    assert out.read_text().splitlines()[:2] == ["seq", "1"]
    assert [path.name for path in tmp_path.glob("*.csv*")] == ["it's.csv"]
    with pytest.raises(OutputError, match="no such folder"):
        export(history.journal, history.lake, PLAIN, "select 1", tmp_path / "nowhere" / "a.csv")
    with pytest.raises(QueryError, match="must end in"):
        export(history.journal, history.lake, PLAIN, "select 1", tmp_path / "a.txt")


def test_a_question_sees_nothing_of_the_program_that_asks_it(history: History) -> None:
    keep(history, 1, 3)
    secret = "a local variable"  # noqa: F841 - a question must not find it
    for sql in (
        "select * from secret",
        "select * from 'journal.db'",
        "select getenv('HOME')",
        "select * from glob('/*')",
    ):
        with pytest.raises(QueryError):
            ask(history.journal, history.lake, PLAIN, sql)


def test_a_question_that_outgrows_its_memory_spills_into_a_folder_that_is_gone_afterwards(
    history: History, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(query.SETTINGS, "memory_limit", "40MB")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    keep(history, 1, 3)
    sql = "select count(*) from (select hash(range) h, range r from range(3000000) order by h, r limit 2999999)"
    assert ask(history.journal, history.lake, PLAIN, sql).rows == [(2_999_999,)]
    assert not list(tmp_path.glob("tocsin-*"))
    monkeypatch.setitem(query.SETTINGS, "max_temp_directory_size", "1MB")
    with pytest.raises(QueryError, match="Out of Memory"):
        ask(history.journal, history.lake, PLAIN, sql)
    assert not list(tmp_path.glob("tocsin-*"))
