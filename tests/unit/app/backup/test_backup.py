"""A backup is as of one moment whatever happens meanwhile, and a restored folder is proved byte by byte."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reference.entries import START, TYPING, make_entries
from tests.reference.serving import give_key
from tocsin.app.access.ring import KeyRing
from tocsin.app.backup import making
from tocsin.app.backup.copying import copy_file
from tocsin.app.backup.making import make_backup
from tocsin.app.backup.manifest import Noted, read_manifest
from tocsin.app.backup.restoring import check_backup, restore_backup
from tocsin.app.bootstrap import now_us
from tocsin.app.service import snapshots
from tocsin.app.storage.records import Records
from tocsin.history.history import History
from tocsin.history.lake import compaction
from tocsin.history.lake.compaction import compact
from tocsin.history.retention import Order, erase_entity
from tocsin.history.verification import Verification
from tocsin.model.errors import HistoryBusy, HistoryDamaged, InputError, OutputError

NOW = START + 86_400_000_000 * 30


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def history(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[History]:
    monkeypatch.setattr(compaction, "STRETCH", 20)
    opened = History(data)
    keep(opened, 1, 50)
    compact(opened.journal, opened.lake, TYPING, NOW, least=20)
    (data / "snapshots").mkdir()
    yield opened
    opened.close()


def keep(history: History, first: int, last: int) -> None:
    for begin in range(first, last + 1, 5):
        entries = make_entries(begin, min(last, begin + 4))
        history.journal.append(entries, NOW)
        history.index.add(entries)


def restored(backup: Path) -> list[int]:
    folder = backup.with_name(f"{backup.name}-restored")
    done = restore_backup(backup, folder)
    opened = History(folder)
    try:
        assert done.proof.entries == opened.journal.last_seq
        assert Verification(opened.journal, opened.lake).run().faults == ()
        entries = list(opened.read())
        for entry in entries:
            assert entry.erased or opened.find(entry.id) == entry, "the index is made anew"
        assert opened.caught_up == 0
        return [entry.seq for entry in entries]
    finally:
        opened.close()


def test_a_backup_holds_everything_and_only_plain_files(history: History, data: Path, tmp_path: Path) -> None:
    (data / "snapshots/000000000040.snapshot").write_bytes(b"older")
    (data / "snapshots/000000000050.snapshot").write_bytes(b"newest")
    (data / "snapshots/000000000051.snapshot").write_bytes(b"ahead of the journal")
    key = give_key(data)
    out = tmp_path / "deep" / "backup"
    made = make_backup(data, out, now_us())
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert sorted([*(file.path for file in made.files), "manifest.json"]) == names
    assert {"journal.db", "records.db", "snapshots/000000000050.snapshot"} <= set(names)
    assert "snapshots/000000000051.snapshot" not in names
    assert all(path.stat().st_mode & 0o077 == 0 for path in [out, *out.rglob("*")] if path.is_file() or path == out)
    assert not list(tmp_path.rglob(".*"))
    assert check_backup(out) == made == read_manifest(out)
    assert snapshots.FOLDER == making.SNAPSHOTS
    assert restored(out) == list(range(1, 51))
    records = Records(tmp_path / "deep/backup-restored")
    assert KeyRing(records, now_us).find(key) is not None
    records.close()
    assert (tmp_path / "deep/backup-restored/snapshots/000000000050.snapshot").read_bytes() == b"newest"
    keep(history, 51, 60)


def during_the_first_copy(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Lets something happen between the journal's copy and the first file of the lake."""
    done: list[bool] = []

    def copy(source: Path, target: Path, name: str) -> Noted:
        if not done:
            done.append(True)
            act()
        return copy_file(source, target, name)

    monkeypatch.setattr(making, "copy_file", copy)


def test_what_moves_to_the_lake_meanwhile_is_there_once(
    history: History, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move() -> None:
        keep(history, 51, 100)
        assert compact(history.journal, history.lake, TYPING, NOW, least=1) > 0

    during_the_first_copy(monkeypatch, move)
    assert make_backup(data, tmp_path / "backup", now_us()).last_seq == 50
    assert restored(tmp_path / "backup") == list(range(1, 51))


def test_what_is_erased_meanwhile_is_not_in_the_backup(
    history: History, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    during_the_first_copy(monkeypatch, lambda: erase_entity(history, TYPING, "account:3", Order("request", "dpo", NOW)))
    make_backup(data, tmp_path / "backup", now_us())
    everything = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    assert b"account:3" not in everything
    assert restored(tmp_path / "backup") == list(range(1, 51))


def test_a_backup_gives_up_where_erasing_never_ends(
    history: History, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(source: Path, target: Path, name: str) -> Noted:
        raise FileNotFoundError(source)

    monkeypatch.setattr(making, "copy_file", gone)
    with pytest.raises(HistoryBusy, match="try again"):
        make_backup(data, tmp_path / "backup", now_us())
    assert [path.name for path in tmp_path.iterdir()] == ["data"], "nothing half made is left"
    assert history.journal.last_seq == 50


def test_what_a_crash_left_in_the_write_ahead_log_is_in_the_backup(
    history: History, data: Path, tmp_path: Path
) -> None:
    crashed = tmp_path / "crashed"
    shutil.copytree(data, crashed, ignore=shutil.ignore_patterns("*-shm", "owner.lock"))
    assert (crashed / "journal.db-wal").stat().st_size > 0
    make_backup(crashed, tmp_path / "backup", now_us())
    assert restored(tmp_path / "backup") == list(range(1, 51))
    assert history.journal.last_seq == 50


def test_a_damaged_file_of_the_lake_is_not_backed_up_as_if_it_were_whole(
    history: History, data: Path, tmp_path: Path
) -> None:
    file = data / "lake" / history.lake.files()[0].path
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(HistoryDamaged, match="has been changed"):
        make_backup(data, tmp_path / "backup", now_us())
    assert not (tmp_path / "backup").exists()


def test_a_backup_is_never_written_over_anything(history: History, data: Path, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(OutputError, match="exists"):
        make_backup(data, tmp_path / "backup", now_us())
    with pytest.raises(InputError, match="nothing is kept here"):
        make_backup(tmp_path / "elsewhere", tmp_path / "new", now_us())
    with pytest.raises(OutputError):
        make_backup(data, Path("/proc/nowhere/backup"), now_us())
    assert history.journal.last_seq == 50


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_and_leaves_nothing(history: History, data: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left"):
        copy_file(data / "journal.db", full, "journal.db")
    assert history.journal.last_seq == 50


def test_a_backup_that_was_changed_is_found_and_nothing_is_restored(
    history: History, data: Path, tmp_path: Path
) -> None:
    backup, target = tmp_path / "backup", tmp_path / "target"
    made = make_backup(data, backup, now_us())
    for file in made.files:
        path = backup / file.path
        whole = path.read_bytes()
        for changed in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-1], None):
            path.unlink()
            if changed is not None:
                path.write_bytes(changed)
            with pytest.raises(HistoryDamaged):
                check_backup(backup)
            with pytest.raises(HistoryDamaged):
                restore_backup(backup, target)
            assert [each.name for each in target.iterdir()] == ["owner.lock"]
            path.write_bytes(whole)
    assert restored(backup) == list(range(1, 51))
    assert history.journal.last_seq == 50


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": 2}, "format 2; this version of Tocsin reads 1"),
        ({"files": [{"path": "../journal.db", "bytes": 1, "sha256": ""}]}, "cannot be part of a backup"),
        ({"files": [{"path": "/etc/passwd", "bytes": 1, "sha256": ""}]}, "cannot be part of a backup"),
        ({"files": [{"path": "lake/../../x.parquet", "bytes": 1, "sha256": ""}]}, "cannot be part of a backup"),
        ({"files": []}, "the journal is not named"),
        ({"files": [{"path": "journal.db", "bytes": 1, "sha256": ""}] * 2}, "named twice"),
        ({"files": 5}, "Expected `array`"),
    ],
)
def test_what_a_list_names_is_not_believed(
    history: History, data: Path, tmp_path: Path, change: dict[str, object], told: str
) -> None:
    make_backup(data, tmp_path / "backup", now_us())
    file = tmp_path / "backup/manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises((InputError, HistoryDamaged), match=told):
        restore_backup(tmp_path / "backup", tmp_path / "target")
    assert not (tmp_path / "target").exists()
    file.write_text("[" * 100_000)
    with pytest.raises(HistoryDamaged):
        check_backup(tmp_path / "backup")
    file.unlink()
    with pytest.raises(InputError, match="is no backup"):
        check_backup(tmp_path / "backup")
    assert history.journal.last_seq == 50


def test_a_link_in_a_backup_leads_nowhere(history: History, data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", now_us())
    journal = tmp_path / "backup/journal.db"
    journal.rename(tmp_path / "journal")
    journal.symlink_to(tmp_path / "journal")
    with pytest.raises(HistoryDamaged):
        restore_backup(tmp_path / "backup", tmp_path / "target")
    journal.unlink()
    os.mkfifo(journal)
    with pytest.raises(HistoryDamaged, match="not a plain file"):
        check_backup(tmp_path / "backup")
    assert history.journal.last_seq == 50


def test_nothing_is_restored_over_anything(history: History, data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", now_us())
    with pytest.raises(HistoryBusy, match="has this folder"):
        restore_backup(tmp_path / "backup", data)
    target = tmp_path / "target"
    target.mkdir()
    (target / "mine").touch()
    with pytest.raises(OutputError, match="is not empty"):
        restore_backup(tmp_path / "backup", target)
    (target / "mine").unlink()
    (target / "lost+found").mkdir()
    assert restore_backup(tmp_path / "backup", target).proof.entries == 50
    assert history.journal.last_seq == 50


def test_a_backup_of_what_was_damaged_before_is_told_when_it_is_restored(
    history: History, data: Path, tmp_path: Path
) -> None:
    with history.journal.change() as base:
        base.execute("update batch set crc = crc + 1 where first_seq = (select min(first_seq) from batch)")
    with history.journal.change() as base:
        base.execute("update batch set entries = zeroblob(length(entries)) where first_seq = 46")
    make_backup(data, tmp_path / "backup", now_us())
    with pytest.raises(HistoryDamaged):
        restore_backup(tmp_path / "backup", tmp_path / "target")


def test_an_empty_history_can_be_backed_up(tmp_path: Path) -> None:
    History(tmp_path / "empty").close()
    made = make_backup(tmp_path / "empty", tmp_path / "backup", now_us(), with_records=False)
    assert (made.last_seq, made.records, [file.path for file in made.files]) == (0, "elsewhere", ["journal.db"])
    assert restored(tmp_path / "backup") == []
