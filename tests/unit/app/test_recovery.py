"""A snapshot that cannot be used is never in the way: the history is replayed instead."""

import json
import os
import time
from pathlib import Path

import pytest

from tocsin.app.bootstrap import load_packs, make_service_decider, shipped_packs
from tocsin.app.service.recovery import Recovery
from tocsin.app.service.snapshots import Snapshots
from tocsin.features.snapshot import MAGIC, PAGE
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.history.ownership import is_owned
from tocsin.ingest.reader import EventReader
from tocsin.model.event_type import EventTypeName
from tocsin.model.outcome import Outcome

LATENESS_US = 3_600_000_000
CATALOGUE = load_packs([])
READER = EventReader(CATALOGUE.types)
COUNT = 30


def raw_event(number: int) -> bytes:
    sender, payee = f"account:{number % 3}", f"account:m{number % 2}"
    at = 1_700_000_000 + number
    wire = {
        "id": f"e{number}",
        "type": "payment.transfer",
        "time": at,
        "sender": sender,
        "payee": payee,
        "amount": number,
    }
    return json.dumps(wire).encode()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A history of some events with a snapshot of all of them."""
    history, decider = History(tmp_path), make_service_decider(CATALOGUE, LATENESS_US)
    entries = []
    for number in range(COUNT):
        event = READER.read_json(raw_event(number))
        decider.judge(event)
        kind = EventTypeName("payment.transfer")
        entries.append(
            Entry(number + 1, event.id, kind, event.at, event.at, Outcome.ALLOW, (), (), raw_event(number), b"{}")
        )
    history.journal.append(tuple(entries), 0)
    history.close()
    Snapshots(tmp_path).write(decider.features, COUNT)
    return tmp_path


def recover(folder: Path, catalogue_of: list[Path]) -> tuple[int, int, object]:
    """Where it began, how much it replayed, and what the next event reads."""
    catalogue = load_packs(catalogue_of)
    history, decider = History(folder), make_service_decider(catalogue, LATENESS_US)
    recovery = Recovery(history, Snapshots(folder), decider, READER)
    list(recovery.slices())
    history.close()
    assert recovery.done is not None
    features = decider.judge(READER.read_json(raw_event(COUNT))).features
    return recovery.done.snapshot_seq, recovery.done.replayed, features


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: b"TOCSIN-FEATURES-1\n" + whole[len(MAGIC) :],
        lambda whole: b"TOCSIN-FEATURES-9\n" + whole[len(MAGIC) :],
        lambda whole: whole[: 2 * PAGE] + bytes([whole[2 * PAGE] ^ 1]) + whole[2 * PAGE + 1 :],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"",
    ],
    ids=["earlier version", "later version", "damaged", "cut", "empty"],
)
def test_a_snapshot_of_another_version_or_a_damaged_one_is_replaced_by_a_replay(kept: Path, change: object) -> None:
    began, replayed, expected = recover(kept, [])
    assert (began, replayed) == (COUNT, 0)
    (snapshot,) = (kept / "snapshots").iterdir()
    assert callable(change)
    snapshot.write_bytes(change(snapshot.read_bytes()))
    assert recover(kept, []) == (0, COUNT, expected)


def test_what_is_decided_after_a_restart_stays_out_of_the_snapshot_and_needs_it_no_more(kept: Path) -> None:
    (snapshot,) = (kept / "snapshots").iterdir()
    before = snapshot.read_bytes()
    assert snapshot.stat().st_blocks * 512 < len(before), "what the arrays keep free takes no place"
    decider = make_service_decider(CATALOGUE, LATENESS_US)
    Snapshots(kept).restore(decider.features, COUNT)
    plain = make_service_decider(CATALOGUE, LATENESS_US)
    plain.replay([READER.read_json(raw_event(number)) for number in range(COUNT)])
    for number in range(COUNT, COUNT + 2_000):
        if number == COUNT + 1_000:
            assert snapshot.read_bytes() == before
            snapshot.unlink()
        event = READER.read_json(raw_event(number))
        assert decider.judge(event).features == plain.judge(event).features


def test_other_features_after_a_change_of_packs_are_replayed(kept: Path) -> None:
    began, replayed, features = recover(kept, [shipped_packs() / "payments"])
    assert (began, replayed) == (0, COUNT)
    assert features


def test_a_snapshot_that_is_being_written_holds_no_folder_of_a_service_that_was_killed(tmp_path: Path) -> None:
    history, snapshots = History(tmp_path), Snapshots(tmp_path)
    state = make_service_decider(CATALOGUE, LATENESS_US).features
    waits = tmp_path / "snapshots/000000000007.new"
    os.mkfifo(waits)  # whoever writes there waits until somebody reads
    child = snapshots.begin(state, 7)
    try:
        history.close()
        deadline = time.monotonic() + 20
        while is_owned(tmp_path):
            assert time.monotonic() < deadline, "the child still has the folder"
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it is still at work"
    finally:
        with waits.open("rb") as reader:
            reader.read()
        os.waitpid(child, 0)
