"""Journal, lake and index are one history, through compaction, crashes, erasure and the end of time."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reference.entries import START, TYPING, make_entries, make_entry
from tocsin.history.entry import Entry
from tocsin.history.history import Filter, History
from tocsin.history.journal import Batch, Journal, Request
from tocsin.history.lake import compaction
from tocsin.history.lake.compaction import compact
from tocsin.history.lake.query import ask, export
from tocsin.history.verification import Proof, Verification
from tocsin.model.errors import HistoryBusy, HistoryDamaged, QueryError, StorageFull

NOW = START + 86_400_000_000 * 30


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path)
    yield opened
    opened.close()


def keep(history: History, first: int, last: int, group: int = 7) -> None:
    for begin in range(first, last + 1, group):
        entries = make_entries(begin, min(last, begin + group - 1))
        history.journal.append(entries, NOW)
        history.index.add(entries)


def verify(history: History) -> Proof:
    return Verification(history.journal, history.lake).run()


def seqs(entries: Iterator[Entry] | list[Entry]) -> list[int]:
    return [entry.seq for entry in entries]


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "STRETCH", 20)


def test_what_was_appended_is_read_again_each_once_in_order(history: History) -> None:
    keep(history, 1, 50)
    assert list(history.read()) == list(make_entries(1, 50))
    assert seqs(history.read(33)) == list(range(34, 51))
    assert history.find("e17") == make_entries(17, 17)[0]
    assert history.find("nobody") is None


@pytest.mark.usefixtures("small_stretches")
def test_compaction_changes_nothing_for_a_reader(history: History) -> None:
    keep(history, 1, 95)
    before = list(history.read())
    assert compact(history.journal, history.lake, TYPING, NOW, least=20) == 84
    assert list(history.read()) == before
    assert history.find("e3") == before[2]
    assert seqs(history.newest(Filter(outcome="hold"), 4, before=75)[0]) == [70, 60, 50, 40]
    assert seqs(history.newest(Filter(type="payment.transfer"), 3)[0]) == [95, 94, 93]
    assert seqs(history.newest(Filter(rule="r1", since=START + 30 * 3_600_000_000), 100)[0]) == [
        90,
        80,
        70,
        60,
        50,
        40,
        30,
    ]
    assert seqs(history.of_entity("account:3", 3)) == [94, 87, 80]
    assert seqs(history.of_entity("account:3", 2, before=80)) == [73, 66]
    assert verify(history).faults == ()
    assert verify(history).entries == 95
    keep(history, 96, 100)
    assert seqs(history.read(90)) == list(range(91, 101))
    assert verify(history).faults == ()


@pytest.mark.usefixtures("small_stretches")
def test_a_reader_in_mid_way_sees_each_entry_once_while_a_stretch_moves(history: History) -> None:
    keep(history, 1, 60)
    found = []
    for entry in history.read():
        found.append(entry.seq)
        if entry.seq == 5:
            compact(history.journal, history.lake, TYPING, NOW, least=1)
    assert found == list(range(1, 61))


@pytest.mark.usefixtures("small_stretches")
def test_a_compaction_that_a_crash_cut_short_leaves_no_trace(history: History) -> None:
    keep(history, 1, 42)
    orphan = history.lake.folder / "2023-11-14" / "payment.transfer" / "000000000001-000000000099.parquet"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"half a file")
    assert list(history.read()) == list(make_entries(1, 42))
    compact(history.journal, history.lake, TYPING, NOW, least=20)
    assert not orphan.exists()
    assert seqs(history.read()) == list(range(1, 43))


def test_the_chain_goes_on_after_a_restart_and_after_everything_was_sealed(tmp_path: Path) -> None:
    first = History(tmp_path)
    keep(first, 1, 10)
    compact(first.journal, first.lake, TYPING, NOW, least=1)
    first.close()
    again = History(tmp_path)
    assert again.journal.last_seq == 10
    keep(again, 11, 20)
    assert verify(again).faults == ()
    assert verify(again).entries == 20
    again.close()


def test_an_index_that_was_lost_is_made_again(tmp_path: Path) -> None:
    first = History(tmp_path)
    keep(first, 1, 30)
    compact(first.journal, first.lake, TYPING, NOW, least=1)
    first.journal.append(make_entries(31, 33), NOW)  # committed, not yet in the index: killed in between
    first.close()
    again = History(tmp_path)
    assert again.caught_up == 3
    assert again.find("e32") == make_entries(32, 32)[0]
    again.close()
    for file in (tmp_path / "index").iterdir():
        file.unlink()
    rebuilt = History(tmp_path)
    assert rebuilt.caught_up == 33
    assert rebuilt.find("e1") == make_entries(1, 1)[0]
    rebuilt.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.reference.entries import make_entries
from tocsin.history.history import History

history = History(Path(sys.argv[1]))
entries = make_entries(1, 30)
history.journal.append(entries, 1)
history.index.add(entries)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_index_outlives_a_process_that_is_killed_and_is_made_again_where_the_machine_went_too(
    tmp_path: Path,
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    again = History(tmp_path)
    assert again.caught_up == 0
    assert again.find("e30") == make_entries(30, 30)[0]
    again.close()
    killed = subprocess.run([sys.executable, "-c", KILLED.replace("1, 30", "31, 60"), str(tmp_path)], check=False)
    for file in (tmp_path / "index").glob("*.log"):
        file.unlink()
    after = History(tmp_path)
    assert after.caught_up == 30
    assert after.find("e60") == make_entries(60, 60)[0]
    after.close()


def test_two_processes_cannot_have_one_folder(tmp_path: Path, history: History) -> None:
    with pytest.raises(HistoryBusy):
        History(tmp_path)


def test_a_changed_byte_is_found(tmp_path: Path, history: History) -> None:
    keep(history, 1, 30)
    with sqlite3.connect(history.journal.path) as base:
        packed = base.execute("select entries from batch where first_seq = 8").fetchone()[0]
        base.execute("update batch set entries = ? where first_seq = 8", (packed.replace(b"account:m", b"account:x"),))
    base.close()
    assert verify(history).faults == ("entries 8 to 14 are not what was committed",)
    with pytest.raises(HistoryDamaged, match="8 to 14"):
        list(history.read())


def test_a_group_that_was_taken_out_is_found(history: History) -> None:
    keep(history, 1, 30)
    with history.journal.change() as base:
        base.execute("delete from batch where first_seq = 15")
    assert verify(history).faults == (
        "entries 15 to 21 are missing",
        "the group from 22 does not follow the group before it",
    )


def test_a_changed_lake_file_is_found(history: History) -> None:
    keep(history, 1, 10)
    compact(history.journal, history.lake, TYPING, NOW, least=1)
    file = history.lake.files()[0]
    other = file.path.replace("2023", "2022")
    history.lake.write_part(other, [make_entry(1, sender="account:forged"), *make_entries(2, file.last_seq)], TYPING)
    (history.lake.folder / other).replace(history.lake.folder / file.path)
    faults = verify(history).faults
    assert f"{file.path}: the file has been changed" in faults
    assert "entries 1 to 7 are not what was committed" in faults


def test_typed_columns_answer_questions_in_sql_over_journal_and_lake(history: History, tmp_path: Path) -> None:
    keep(history, 1, 20)
    compact(history.journal, history.lake, TYPING, NOW, least=1)
    keep(history, 21, 30)
    told = ask(
        history.journal,
        history.lake,
        TYPING,
        "select count(*), sum(amount), max(sender), count(distinct outcome) from payment_transfer",
    )
    assert told.columns == ("count_star()", "sum(amount)", "max(sender)", "count(DISTINCT outcome)")
    assert [(row[0], float(row[1]), row[2], row[3]) for row in told.rows] == [(30, 116.25, "account:6", 2)]
    assert ask(history.journal, history.lake, TYPING, "select count(*) from history").rows == [(30,)]
    for name in ("a.parquet", "a.csv", "a.jsonl"):
        assert export(history.journal, history.lake, TYPING, "select seq from history", tmp_path / name) == 30
        assert (tmp_path / name).stat().st_size > 50


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("select 1; select 2", "one SELECT"),
        ("delete from history", "one SELECT"),
        ("copy (select 1) to '/tmp/x.csv'", "one SELECT"),
        ("select * from read_csv('/etc/passwd')", "disabled"),
        ("select * from read_text('/etc/passwd')", "disabled"),
        ("selec 1", "syntax"),
        ("select nothing from history", "nothing"),
        ("pragma database_list", "one SELECT"),
    ],
)
def test_a_question_can_do_nothing_but_read_the_history(history: History, sql: str, fault: str) -> None:
    keep(history, 1, 3)
    with pytest.raises(QueryError, match=fault):
        ask(history.journal, history.lake, TYPING, sql)


def test_a_question_has_a_time_limit(history: History) -> None:
    sql = "select count(*) from range(10000000000) a, range(1000000) b where (a.range * b.range) % 7 = 3"
    with pytest.raises(QueryError, match="not answered within"):
        ask(history.journal, history.lake, TYPING, sql, time_limit_s=0.2)


def test_a_full_disk_loses_nothing_and_the_same_group_may_be_tried_again(history: History) -> None:
    keep(history, 1, 7)
    base = history.journal.reading()
    pages = base.execute("pragma page_count").fetchone()[0]
    base.execute(f"pragma max_page_count = {pages + 1}")
    big = tuple(make_entry(seq, sender="account:" + "x" * 5000) for seq in range(8, 15))
    with pytest.raises(StorageFull):
        history.journal.append(big, NOW)
    assert history.journal.last_seq == 7
    base.execute("pragma max_page_count = 1000000")
    history.journal.append(big, NOW)
    assert seqs(history.read()) == list(range(1, 15))
    assert verify(history).faults == ()


def test_a_torn_tail_is_dropped_and_counted(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for seq in range(1, 6):
        journal.append(make_entries(seq, seq), NOW)
    log = journal.path.with_name("journal.db-wal")
    torn, whole = log.read_bytes(), journal.path.read_bytes()
    other = tmp_path / "killed"
    other.mkdir()
    (other / "journal.db").write_bytes(whole)
    (other / "journal.db-wal").write_bytes(torn[:-1500])  # the power went while the last page was written
    journal.close()
    again = Journal(other)
    assert again.torn_frames >= 1
    assert seqs(again.read()) == [1, 2, 3, 4]
    again.append(make_entries(5, 5), NOW)
    assert seqs(again.read()) == [1, 2, 3, 4, 5]
    again.close()


def test_a_request_key_is_remembered_with_its_digest(history: History) -> None:
    history.journal.append(make_entries(1, 1), NOW, [Request("k1", b"d1", NOW)])
    assert history.journal.find_request("k1") == b"d1"
    assert history.journal.find_request("k2") is None


@pytest.mark.usefixtures("small_stretches")
def test_a_group_that_moves_to_the_lake_while_it_is_proved_is_proved_once(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(history, 1, 40)
    real = history.journal.batches
    asked: list[int] = []

    def batches(after: int = 0) -> Iterator[Batch]:
        asked.append(after)
        if len(asked) == 2:
            compact(history.journal, history.lake, TYPING, NOW, least=1)
        return real(after)

    monkeypatch.setattr(history.journal, "batches", batches)
    proof = verify(history)
    assert asked[1] > 0
    assert (proof.faults, proof.entries) == ((), 40)


def test_to_read_on_after_a_number_no_group_before_it_is_looked_at(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for seq in range(1, 3_001):
        journal.append((make_entry(seq),), seq)
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    journal.reading().set_progress_handler(count, 10)
    assert [entry.seq for entry in journal.read(2_900)] == list(range(2_901, 3_001))
    assert steps < 1_000, "100 groups take a few steps each; all groups before them would take ten times as many"
    assert list(journal.read(3_000)) == []
    journal.close()
