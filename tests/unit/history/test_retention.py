"""What must go goes, everywhere and with a record; what is held stays; what is left can still be proved."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reference.entries import START, TYPING, make_entries
from tocsin.history import retention
from tocsin.history.history import History
from tocsin.history.lake import compaction
from tocsin.history.lake.compaction import compact
from tocsin.history.lake.files import Lake
from tocsin.history.lake.query import ask
from tocsin.history.ownership import sole_change
from tocsin.history.retention import (
    Order,
    erase_entity,
    expire,
    hold_entity,
    lift_hold,
    list_erasures,
    list_holds,
)
from tocsin.history.rewriting import Rewriting, read_notes
from tocsin.history.verification import Proof, Verification
from tocsin.model.errors import HistoryBusy, HistoryDamaged, HistoryError, StorageFull

DAY = 86_400_000_000
NOW = (START // DAY + 30) * DAY  # a midnight; the first entry is an hour and 46 minutes before the end of its day
REQUEST = Order("request 17", "dpo", NOW)


@pytest.fixture(autouse=True)
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "STRETCH", 20)


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


def seal(history: History) -> None:
    compact(history.journal, history.lake, TYPING, NOW, least=1)


def verify(history: History) -> Proof:
    return Verification(history.journal, history.lake).run()


def erased(history: History) -> list[int]:
    return [entry.seq for entry in history.read() if entry.erased]


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_erasing_a_person_leaves_the_rest_provable(tmp_path: Path) -> None:
    history = History(tmp_path)
    keep(history, 1, 30)
    seal(history)
    keep(history, 31, 40)
    lift_hold(history.journal, hold_entity(history.journal, "account:3", Order("court order", "counsel", NOW)), NOW)
    record = erase_entity(history, TYPING, "account:3", REQUEST)
    assert record.entries == 6
    assert "account:3" not in record.entity
    assert list_erasures(history.journal) == [record]
    kept = list(history.read())
    assert [entry.seq for entry in kept] == list(range(1, 41))
    assert erased(history) == [3, 10, 17, 24, 31, 38]
    assert [entry for entry in kept if not entry.erased] == [
        e for e in make_entries(1, 40) if "account:3" not in e.entities
    ]
    assert history.of_entity("account:3", 10) == []
    proof = verify(history)
    assert proof.faults == ()
    assert proof.erased == 6
    assert [entry.seq for entry in history.of_entity("account:4", 10)] == [39, 32, 25, 18, 11, 4]
    assert ask(history.journal, history.lake, TYPING, "select count(sender) from payment_transfer").rows == [(34,)]
    sql = "select count(decision->>'$.outcome'), count(event), count(*) from history"
    assert ask(history.journal, history.lake, TYPING, sql).rows == [(34, 34, 40)]
    assert history.find("e3") is not None, "its event id stays known, so that it is not decided a second time"
    history.close()
    History(tmp_path).close()
    assert b"account:3" not in bytes_of(tmp_path), "no file of the folder names the person"


def test_what_was_erased_in_the_journal_stays_provable_when_it_is_sealed_and_erased_again(history: History) -> None:
    keep(history, 1, 45)
    erase_entity(history, TYPING, "account:3", REQUEST)
    seal(history)
    assert verify(history).faults == ()
    erase_entity(history, TYPING, "account:4", REQUEST)
    erase_entity(history, TYPING, "account:5", REQUEST)
    proof = verify(history)
    assert (proof.faults, proof.entries) == ((), 45)
    assert erased(history) == sorted(n for n in range(1, 46) if n % 7 in {3, 4, 5})
    assert {note.why for note, _ in read_notes(history.journal)} == {"erasure 1", "erasure 2", "erasure 3"}
    names = [path.name for path in history.lake.folder.rglob("*.parquet") if "chain" not in path.parts]
    assert sorted(names) == sorted(Path(file.path).name for file in history.lake.files()), "old versions are gone"


def test_an_erasure_of_nobody_is_recorded_too(history: History) -> None:
    keep(history, 1, 5)
    assert erase_entity(history, TYPING, "account:99", REQUEST).entries == 0
    assert len(list_erasures(history.journal)) == 1
    assert verify(history).faults == ()


def test_a_legal_hold_is_stronger_than_erasure_and_time(history: History) -> None:
    keep(history, 1, 30)
    seal(history)
    hold = hold_entity(history.journal, "account:3", Order("court order", "counsel", NOW))
    with pytest.raises(HistoryError, match="legal hold"):
        erase_entity(history, TYPING, "account:3", REQUEST)
    assert list_erasures(history.journal) == []
    assert expire(history, TYPING, {"*": 10}, NOW) == 30 - 4
    assert [entry.seq for entry in history.read() if not entry.erased] == [3, 10, 17, 24]
    assert history.find("e4") is None
    assert lift_hold(history.journal, hold, NOW + 5)
    assert not lift_hold(history.journal, hold, NOW + 6)
    assert [(each.number, each.lifted_at) for each in list_holds(history.journal)] == [(hold, NOW + 5)]
    assert expire(history, TYPING, {"*": 10}, NOW) == 4
    assert verify(history).faults == ()


def test_a_hold_on_who_stands_beside_a_person_stops_the_erasure(history: History) -> None:
    keep(history, 1, 10)
    hold_entity(history.journal, "account:m", Order("court order", "counsel", NOW))
    with pytest.raises(HistoryError, match="beside"):
        erase_entity(history, TYPING, "account:3", REQUEST)
    assert erased(history) == []


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("person", [True, False])
def test_a_hold_that_is_set_at_the_last_moment_is_respected(
    history: History, monkeypatch: pytest.MonkeyPatch, sealed: bool, person: bool
) -> None:
    keep(history, 1, 10)
    if sealed:
        seal(history)
    before, files = list(history.read()), history.lake.files()
    honest = Rewriting.commit

    def late(self: Rewriting, *arguments: object) -> None:
        hold_entity(history.journal, "account:3", Order("court order", "counsel", NOW))
        honest(self, *arguments)

    monkeypatch.setattr(Rewriting, "commit", late)
    with pytest.raises(HistoryError, match="hold"):
        erase_entity(history, TYPING, "account:3", REQUEST) if person else expire(history, TYPING, {"*": 0}, NOW)
    monkeypatch.undo()
    assert list(history.read()) == before
    assert history.lake.files() == files
    assert len(list(history.lake.folder.rglob("*.parquet"))) == len(files) + sealed
    assert verify(history).faults == ()


def test_a_day_is_over_as_a_whole_by_type_in_lake_and_journal(history: History) -> None:
    keep(history, 1, 60)  # hourly: 1 is the last of its day, 2 to 25 are the second day, 26 to 49 the third
    compact(history.journal, history.lake, TYPING, NOW, least=20)
    assert history.journal.first_seq() < 60
    assert expire(history, TYPING, {"message.send": 1}, NOW) == 0
    assert expire(history, TYPING, {"message.send": 1, "*": 30}, NOW) == 0
    assert expire(history, TYPING, {"payment.transfer": 29, "*": 1}, NOW) == 1
    assert erased(history) == [1]
    assert expire(history, TYPING, {"payment.transfer": 28}, NOW) == 24
    assert expire(history, TYPING, {"payment.transfer": 28}, NOW) == 0
    assert erased(history) == list(range(1, 26))
    assert expire(history, TYPING, {"*": 0}, NOW) == 35
    assert erased(history) == list(range(1, 61))
    assert verify(history).faults == ()
    seal(history)
    proof = verify(history)
    assert (proof.faults, proof.entries, proof.groups, proof.erased) == ((), 60, 9, 9)
    assert history.of_entity("account:3", 5) == []


def test_the_journal_expires_without_ever_being_sealed(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    keep(history, 1, 30)
    assert expire(history, TYPING, {"*": 1}, NOW) == 30
    assert history.lake.files() == []
    assert b"account:3" not in history.journal.path.read_bytes()
    assert verify(history).faults == ()


def test_a_file_that_has_expired_is_not_read_again(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(history, 1, 30)
    seal(history)
    expire(history, TYPING, {"*": 0}, NOW)

    def refuse(*_: object) -> None:
        raise AssertionError("it is written again")

    monkeypatch.setattr(Lake, "write_part", refuse)
    assert expire(history, TYPING, {"*": 0}, NOW) == 0


def test_a_full_disk_in_mid_erasure_changes_nothing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(history, 1, 40)
    seal(history)
    before, files = list(history.read()), sorted(history.lake.folder.rglob("*"))
    honest, left = Lake.write_part, 1

    def fill(self: Lake, *arguments: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise StorageFull("no space left")
        return honest(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "write_part", fill)
    with pytest.raises(StorageFull):
        erase_entity(history, TYPING, "account:3", REQUEST)
    assert list(history.read()) == before
    assert sorted(history.lake.folder.rglob("*")) == files
    assert list_erasures(history.journal) == []
    assert verify(history).faults == ()


def test_nobody_seals_or_erases_while_another_does(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(history, 1, 5)
    monkeypatch.setattr("tocsin.history.ownership.PATIENCE_S", 0.1)
    with sole_change(tmp_path):
        for work in (
            lambda: erase_entity(history, TYPING, "account:3", REQUEST),
            lambda: expire(history, TYPING, {"*": 1}, NOW),
            lambda: seal(history),
        ):
            with pytest.raises(HistoryBusy, match="sealing or erasing"):
                work()
    assert erase_entity(history, TYPING, "account:3", REQUEST).entries == 1


def test_what_an_orphan_of_a_killed_service_is_sealing_is_not_swept_away(tmp_path: Path) -> None:
    orphan = tmp_path / "lake" / "2023-11-14" / "x.parquet"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"at work")
    with sole_change(tmp_path):
        History(tmp_path).close()
        assert orphan.exists()
    History(tmp_path).close()
    assert not orphan.exists()


def test_a_stretch_that_changed_while_it_was_sealed_is_not_taken_out(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(history, 1, 14)
    honest = Lake.write

    def late(self: Lake, *arguments: object) -> object:
        made = honest(self, *arguments)
        forge(history, 8, "delete from batch where first_seq = ?")
        return made

    monkeypatch.setattr(Lake, "write", late)
    with pytest.raises(HistoryDamaged, match="while they were sealed"):
        seal(history)
    assert history.lake.stretches() == []
    assert history.lake.files() == []
    assert history.at(3) == make_entries(3, 3)[0]


def forge(history: History, seq: int, sql: str) -> None:
    with sqlite3.connect(history.journal.path) as base:
        base.execute(sql, (seq,))
    base.close()


def test_a_note_that_was_changed_or_taken_out_is_found(history: History) -> None:
    keep(history, 1, 30)
    seal(history)
    erase_entity(history, TYPING, "account:3", REQUEST)
    erase_entity(history, TYPING, "account:4", REQUEST)
    assert len(read_notes(history.journal)) == 8
    forge(history, 2, "update rewriting set why = 'age' where number = ?")
    assert verify(history).faults == ("note 2 on entries from 8 does not follow the note before it",)
    forge(history, 2, "delete from rewriting where number = ?")
    assert "note 2 on entries from 15 does not follow the note before it" in verify(history).faults


def test_content_that_comes_back_after_its_erasure_is_found(history: History) -> None:
    keep(history, 1, 30)
    seal(history)
    erase_entity(history, TYPING, "account:3", REQUEST)
    entries = [entry for file in history.lake.files(1, 30) for entry in history.lake.read_file(file)]
    erase_entity(history, TYPING, "account:4", REQUEST)
    file = history.lake.files(4, 4)[0]
    back = history.lake.write_part(file.path, [e for e in entries if file.first_seq <= e.seq <= file.last_seq], TYPING)
    with history.journal.change() as base:
        base.execute("update lake_file set sha256 = ? where path = ?", (back.sha256, file.path))
    assert any("are not what was committed" in fault for fault in verify(history).faults)
