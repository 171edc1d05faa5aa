"""A service is backed up while it works, lost, restored, and goes on as if nothing had happened."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.reference.serving import Running, give_key, run_tocsin, serving
from tocsin.app.backup.making import make_backup
from tocsin.app.backup.manifest import Manifest
from tocsin.app.backup.restoring import restore_backup
from tocsin.app.bootstrap import load_packs, make_service_decider, now_us
from tocsin.history.history import History
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import Shown

BATCH = 40
BUSY = {"TOCSIN_STRETCH": "200", "TOCSIN_COMPACT_EVERY_S": "0.1", "TOCSIN_SNAPSHOT_EVERY_S": "0.1"}
MADE_ANEW = {"index", "owner.lock", "lake.lock", "journal.db-wal", "journal.db-shm", "records.db-wal", "records.db-shm"}
COPIED = {"journal.db", "lake", "records.db", "snapshots", "evidence", "anchors", "audit.pub"}
KEPT_ELSEWHERE = {"audit.key", "seal.keys"}
BEGAN_S = time.time() - 3_000


def events(first: int, count: int) -> list[dict[str, object]]:
    """Transfers of few people to few payees, so that every window is busy."""
    return [
        {
            "id": f"e{number}",
            "type": "payment.transfer",
            "time": BEGAN_S + number * 0.1,
            "sender": f"account:{number * 7 % 23}",
            "payee": f"account:m{number * 5 % 11}",
            "amount": number % 97,
        }
        for number in range(first, first + count)
    ]


class Sender(threading.Thread):
    """Sends batch after batch until it is told to end."""

    def __init__(self, service: Running) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.acknowledged = 0
        self.enough = threading.Event()
        self.refused: list[object] = []

    def run(self) -> None:
        while not self.enough.is_set():
            status, answer = self.service.ask("/v1/events", events(self.acknowledged, BATCH))
            if status != 200 or answer["accepted"] != BATCH:
                self.refused.append(answer)
                return
            self.acknowledged += BATCH


def expected_features(history: Path, further: int) -> Iterator[tuple[str, dict[str, Shown] | None]]:
    """What an uninterrupted run says: everything that is kept, then further events, through one decider."""
    catalogue = load_packs([])
    reader, decider = EventReader(catalogue.types), make_service_decider(catalogue, 3_600_000_000)
    opened = History(history)
    kept = [entry.event for entry in opened.read()]
    opened.close()
    for raw in [*kept, *(json.dumps(each).encode() for each in events(len(kept), further))]:
        decision = decider.judge(reader.read_json(raw))
        yield decision.event_id, decision.features


def test_a_backup_made_under_load_is_restored_and_goes_on_with_the_same_features(tmp_path: Path) -> None:
    data = tmp_path / "data"
    key = give_key(data)
    backups: list[Manifest] = []
    with serving(data, key, env=BUSY) as service:
        sender = Sender(service)
        sender.start()
        deadline = time.monotonic() + 60
        while len(backups) < 3 or len(backups[-1].files) < 6:
            assert time.monotonic() < deadline
            assert sender.is_alive(), sender.refused
            before = sender.acknowledged
            backups.append(make_backup(data, tmp_path / f"backup-{len(backups)}", now_us()))
            assert backups[-1].last_seq >= before, "everything acknowledged before is in it"
        assert {path.name for path in data.iterdir()} <= MADE_ANEW | COPIED | KEPT_ELSEWHERE, "does a backup need it?"
        sender.enough.set()
        sender.join()
        assert sender.refused == []
    for number in {0, len(backups) // 2, len(backups) - 1}:
        target = tmp_path / f"restored-{number}"
        assert restore_backup(tmp_path / f"backup-{number}", target).proof.entries == backups[number].last_seq
        assert target.stat().st_mode & 0o077 == 0
    last = backups[-1].last_seq
    target = tmp_path / f"restored-{len(backups) - 1}"
    expected = dict(expected_features(target, BATCH))
    with serving(target, key) as again:
        ready = next(line for line in again.logs() if line["event"] == "ready")
        assert ready["snapshot_seq"] + ready["replayed"] == last
        status, answer = again.ask("/v1/events?decisions=true", events(last, BATCH))
        assert (status, answer["accepted"], answer["duplicates"]) == (200, BATCH, 0)
        for decision in answer["decisions"]:
            assert decision["features"] == json.loads(json.dumps(expected[decision["event_id"]]))
        status, answer = again.ask("/v1/events", events(0, BATCH))
        assert answer["duplicates"] == BATCH, "nothing is decided twice after a restore"


def test_the_commands_say_what_was_done_and_what_cannot_be(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    History(data).close()
    made = run_tocsin("backup", backup, "--data", data)
    assert (made.returncode, made.stdout) == (0, f"{backup}: 1 files, 0 MiB, up to event 0\n")
    proved = run_tocsin("restore", backup, "--check", "--lang", "zh")
    assert (proved.returncode, "完好，截至第 0 个事件" in proved.stdout) == (0, True)
    over = run_tocsin("restore", backup, "--data", data)
    assert (over.returncode, "is not empty" in over.stderr) == (1, True)
    put = run_tocsin("restore", backup, "--data", tmp_path / "new", "--lang", "zh")
    assert (put.returncode, "0 条记录已通过验证" in put.stdout) == (0, True)
