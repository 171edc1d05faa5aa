"""No damage goes unseen: a torn tail is dropped and counted, a changed byte is found, and what is read is what was kept."""

import random
import shutil
from pathlib import Path

import pytest

from tests.reference.entries import START, make_entries
from tocsin.history.history import History
from tocsin.history.journal import Journal
from tocsin.history.lake import compaction
from tocsin.history.lake.compaction import compact
from tocsin.history.lake.files import Typing
from tocsin.history.reading import open_reading
from tocsin.history.retention import Order, erase_entity
from tocsin.history.verification import Verification
from tocsin.model.errors import HistoryError

NOW = START + 86_400_000_000 * 30
PLAIN = Typing({}, lambda _: None)
GROUPS = 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history with a lake, a journal, and an erasure in both."""
    folder = tmp_path_factory.mktemp("whole")
    history = History(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "STRETCH", 30)
        for begin in range(1, 100, 9):
            entries = make_entries(begin, begin + 8)
            history.journal.append(entries, NOW)
            history.index.add(entries)
            compact(history.journal, history.lake, PLAIN, NOW, least=30)
    erase_entity(history, PLAIN, "account:3", Order("r", "b", NOW))
    assert history.journal.first_seq() < 99
    history.close()
    return folder


def flip(path: Path, place: int, mask: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= mask
    path.write_bytes(content)


def look(folder: Path) -> tuple[list[str], object]:
    """What a proof finds wrong, and what a reader reads; the error where one ends in it."""
    faults: list[str] = []
    try:
        with open_reading(folder) as reading:
            faults += Verification(reading.journal, reading.lake).run().faults
            try:
                return faults, list(reading.read())
            except HistoryError as error:
                return faults, error
    except HistoryError as error:
        return [*faults, str(error)], error


def test_a_flipped_byte_anywhere_is_found_or_changes_nothing_that_is_read(whole: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    _, truth = look(whole)
    files = [path for path in whole.rglob("*") if path.suffix == ".parquet" or path.name == "journal.db"]
    found = 0
    for turn in range(45):
        file = chance.choice(files) if turn % 3 else whole / "journal.db"
        copy = tmp_path / str(turn)
        shutil.copytree(whole, copy)
        place, mask = chance.randrange(file.stat().st_size), 1 << chance.randrange(8)
        flip(copy / file.relative_to(whole), place, mask)
        faults, read = look(copy)
        where = f"byte {place} of {file.name} with {mask}"
        if file.suffix == ".parquet" and "chain" not in file.parts:
            assert faults, where
        assert faults or read == truth, where
        assert isinstance(read, HistoryError) or read == truth, f"{where}: something else was read"
        found += bool(faults)
        shutil.rmtree(copy)
    assert found >= 18


def test_a_flipped_byte_in_a_group_is_found_by_the_proof_and_by_every_reader(whole: Path, tmp_path: Path) -> None:
    with open_reading(whole) as reading:
        batch = next(reading.journal.batches())
        seqs = range(batch.first_seq, batch.last_seq + 1)
        content = (whole / "journal.db").read_bytes()
    start = content.index(batch.entries[:200])
    for turn, place in enumerate(range(start, start + 200, 23)):
        copy = tmp_path / str(turn)
        shutil.copytree(whole, copy)
        flip(copy / "journal.db", place, 4)
        faults, read = look(copy)
        assert f"entries {seqs[0]} to {seqs[-1]} are not what was committed" in faults
        assert isinstance(read, HistoryError)
        with open_reading(copy) as reading:
            for seq in seqs:
                with pytest.raises(HistoryError, match="not what was committed"):
                    reading.at(seq)
            with pytest.raises(HistoryError, match="not what was committed"):
                reading.journal.batch_below(seqs[-1] + 1)


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A journal whose groups all stand in its log, as a kill leaves it; the log's bytes."""
    folder = tmp_path_factory.mktemp("torn")
    journal = Journal(folder)
    for seq in range(1, GROUPS + 1):
        journal.append(make_entries(seq, seq), NOW)
    log = (folder / "journal.db-wal").read_bytes()
    killed = folder / "killed"
    killed.mkdir()
    shutil.copy(folder / "journal.db", killed)
    journal.close()
    return killed, log


def opened(killed: Path, log: bytes, folder: Path) -> tuple[int, list[int]]:
    """Torn frames and numbers read, once such a log was opened; the journal must go on from there."""
    folder.mkdir()
    shutil.copy(killed / "journal.db", folder)
    (folder / "journal.db-wal").write_bytes(log)
    journal = Journal(folder)
    seqs = [entry.seq for entry in journal.read()]
    journal.append(make_entries(journal.last_seq + 1, journal.last_seq + 1), NOW)
    with open_reading(folder) as reading:
        assert Verification(reading.journal, reading.lake).run().faults == ()
    journal.close()
    shutil.rmtree(folder)
    return journal.torn_frames, seqs


def test_a_log_cut_at_any_byte_gives_a_prefix_and_tells_what_was_torn(torn: tuple[Path, bytes], tmp_path: Path) -> None:
    killed, log = torn
    frame = 4_096 + 24
    assert (len(log) - 32) % frame == 0
    chance = random.Random(3)
    cuts = sorted(
        {len(log), len(log) - 1, len(log) - frame, 32, 31, 0, *(chance.randrange(len(log)) for _ in range(40))}
    )
    before = 0
    for cut in cuts:
        frames, seqs = opened(killed, log[:cut], tmp_path / "cut")
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) >= before, "a longer log gives no less"
        before = len(seqs)
        if cut > 32 and (cut - 32) % frame:
            assert frames >= 1, f"cut at {cut}"
    assert before == GROUPS
    assert opened(killed, log, tmp_path / "uncut")[0] == 0


def test_a_flipped_byte_in_the_log_gives_a_prefix_and_is_told(torn: tuple[Path, bytes], tmp_path: Path) -> None:
    killed, log = torn
    chance = random.Random(5)
    for place in [*range(0, 32, 5), *(chance.randrange(32, len(log)) for _ in range(40))]:
        damaged = bytearray(log)
        damaged[place] ^= 1 << chance.randrange(8)
        frames, seqs = opened(killed, bytes(damaged), tmp_path / "flip")
        assert seqs == list(range(1, len(seqs) + 1))
        assert frames >= 1 or len(seqs) == GROUPS, f"byte {place}: {GROUPS - len(seqs)} groups went without a word"
