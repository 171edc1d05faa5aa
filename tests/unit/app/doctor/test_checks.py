"""Each check finds what it is there for, says how to mend it, and leaves everything as it was."""

import json
import os
import resource
import shutil
import socket
import sqlite3
import stat
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.reference.entries import TYPING, make_entries
from tests.reference.serving import give_key
from tests.servers.postgres import PostgresServer
from tocsin.app.access.key import Scope
from tocsin.app.bootstrap import now_us, shipped_packs
from tocsin.app.doctor import clock, content, disk, font, machine
from tocsin.app.doctor.examination import examine
from tocsin.app.doctor.finding import Check, Finding, Level, Subject
from tocsin.app.doctor.folder import check_permissions, check_settings_file
from tocsin.app.doctor.journal import check_journal, check_lake
from tocsin.app.doctor.key import check_keys
from tocsin.app.doctor.port import check_port
from tocsin.app.doctor.record import check_records, known_revisions
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records
from tocsin.app.wording import Wording
from tocsin.history.history import History
from tocsin.history.lake.compaction import compact
from tocsin.history.ownership import Ownership, is_owned
from tocsin.model.errors import HistoryBusy
from tocsin.model.event_type import Title
from tocsin.rulebook.lists import NewEntry, add_entries
from tocsin.rules.value_list import ValueList

DAY_US = 86_400_000_000


def subject_of(data: Path, lang: str = "en", now: int = 0, **settings: object) -> Subject:
    made = Settings.model_validate({"data": data, **settings})
    return Subject(made, Wording(lang), now or now_us())


def look(check: Check, subject: Subject) -> list[Finding]:
    found = list(check(subject))
    for finding in found:
        assert (finding.level is Level.OK) == (not finding.mend), "what is not well can be mended"
    return found


def levels(check: Check, subject: Subject) -> list[Level]:
    return [finding.level for finding in look(check, subject)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def kept(data: Path) -> Iterator[History]:
    history = History(data)
    entries = make_entries(1, 60)
    history.journal.append(entries, now_us())
    history.index.add(entries)
    compact(history.journal, history.lake, TYPING, now_us(), least=1)
    history.journal.append(make_entries(61, 70), now_us())
    yield history
    history.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_empty_place_has_no_fault_and_nothing_is_made_there(tmp_path: Path, lang: str) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    subject = subject_of(tmp_path / "not" / "there", lang, port=port)
    found = dict.fromkeys(name for name, _ in examine(subject))
    faults = [finding.text for _, finding in examine(subject) if finding.level is Level.FAULT]
    assert faults == []
    assert {"disk", "clock", "machine", "folder", "history", "database", "packs", "keys", "port", "fonts"} <= set(found)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_looked_at_without_taking_or_changing_it(kept: History, data: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.suffix != ".db-shm"}
    findings = [finding for _, finding in examine(subject_of(data, port=0)) if finding.level is Level.FAULT]
    assert findings == []
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.suffix != ".db-shm"} == before
    kept.journal.append(make_entries(71, 71), now_us())


def test_a_folder_that_others_can_read_is_a_fault(data: Path) -> None:
    assert levels(check_permissions, subject_of(data)) == [Level.OK]
    data.chmod(0o750)
    assert levels(check_permissions, subject_of(data)) == [Level.OK]
    data.chmod(0o755)
    (finding,) = look(check_permissions, subject_of(data))
    assert (finding.level, finding.mend) == (Level.FAULT, f"Run: chmod 700 {data}")
    assert levels(check_permissions, subject_of(Path("/dev/null"))) == [Level.FAULT]


def test_a_settings_file_with_a_password_is_kept_from_others(tmp_path: Path) -> None:
    file = tmp_path / "tocsin.toml"
    file.write_text("")
    for database, mode, expected in (
        ("postgresql://u:p@h/d", 0o644, 1),
        ("postgresql://u:p@h/d", 0o600, 0),
        ("", 0o644, 0),
    ):
        file.chmod(mode)
        subject = Subject(Settings(database=database), Wording("en"), now_us(), file)
        assert len(look(check_settings_file, subject)) == expected


def test_a_disk_that_is_full_or_nearly_so_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage(data).free
    assert levels(disk.check_space, subject_of(data)) == [Level.OK]
    monkeypatch.setattr(disk, "LOW_BYTES", free * 2)
    assert levels(disk.check_space, subject_of(data)) == [Level.WARNING]
    monkeypatch.setattr(disk, "LEAST_BYTES", free * 2)
    assert levels(disk.check_space, subject_of(data)) == [Level.FAULT]


def test_a_disk_that_cannot_be_written_or_is_slow_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(disk.check_writing, subject_of(Path("/proc/nothing"))) == [Level.FAULT]
    monkeypatch.setattr(disk, "SLOW_S", 60.0)
    assert levels(disk.check_writing, subject_of(data)) == [Level.OK]
    monkeypatch.setattr(disk, "SLOW_S", 0.0)
    assert levels(disk.check_writing, subject_of(data)) == [Level.WARNING]
    assert list(data.iterdir()) == []


MOUNTS = (
    "22 1 8:1 / / rw,relatime shared:1 - {kind} /dev/sda1 rw\n"
    r"30 22 0:30 / /srv/with\040space rw - nfs4 host:/x rw"
    "\n30 22 0:30 / /srv/a rw master:1 - tmpfs tmpfs rw\nhalf a line\n"
)


@pytest.mark.parametrize(
    ("folder", "kind", "expected"),
    [
        ("/srv/with space/b", "ext4", "nfs4"),
        ("/srv/ab", "xfs", "xfs"),
        ("/srv/a", "xfs", "tmpfs"),
        ("/", "ext4", "ext4"),
    ],
)
def test_the_file_system_is_the_one_of_the_nearest_mount(folder: str, kind: str, expected: str) -> None:
    assert disk.filesystem_of(Path(folder), MOUNTS.format(kind=kind)) == expected


@pytest.mark.parametrize(
    ("kind", "words"), [("nfs4", "use a local disk"), ("tmpfs", "use a disk"), ("overlay", "mount a volume")]
)
def test_a_file_system_that_loses_what_is_kept_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    monkeypatch.setattr(disk, "filesystem_of", lambda _, __: kind)
    (finding,) = look(disk.check_filesystem, subject_of(data))
    assert (finding.level, words in finding.mend) == (Level.WARNING, True)


def test_a_clock_that_cannot_be_right_is_told(kept: History, data: Path) -> None:
    assert levels(clock.check_time, subject_of(data)) == [Level.OK]
    year_2001, year_9999 = 1_000_000_000_000_000, 253_400_000_000_000_000
    assert levels(clock.check_time, subject_of(data, now=year_2001)) == [Level.FAULT]
    assert levels(clock.check_time, subject_of(data, now=year_9999)) == [Level.FAULT]
    behind = look(clock.check_time, subject_of(data, now=now_us() - 600 * 1_000_000))
    assert [finding.level for finding in behind] == [Level.OK, Level.FAULT]
    assert "behind the last entry that was kept" in behind[1].text
    assert kept.journal.last_seq == 70


def test_a_disk_with_another_clock_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(clock.check_steadiness, subject_of(data)) == [Level.OK]
    assert levels(clock.check_skew, subject_of(data)) == [Level.OK]
    real = time.time
    monkeypatch.setattr(clock.time, "time", lambda: real() - 90)
    assert levels(clock.check_skew, subject_of(data)) == [Level.WARNING]


def test_too_few_open_files_are_told(data: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        for limit, expected in ((200, Level.FAULT), (1_024, Level.WARNING), (4_096, Level.OK)):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            assert levels(machine.check_open_files, subject_of(data)) == [expected]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_memory_is_the_containers_where_it_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = tmp_path / "system.slice/tocsin.service"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("1000\n")
    (group / "memory.current").write_text("400\n")
    assert machine.container_memory(tmp_path, "0::/system.slice/tocsin.service\n") == 600
    (group / "memory.max").write_text("max\n")
    assert machine.container_memory(tmp_path, "0::/system.slice/tocsin.service\n") is None
    assert machine.container_memory(tmp_path, "") is None
    for free, expected in ((1 << 20, Level.FAULT), (300 << 20, Level.WARNING), (4 << 30, Level.OK)):
        monkeypatch.setattr(machine, "container_memory", lambda free=free: free)
        monkeypatch.setattr(machine, "machine_memory", lambda _: 8 << 30)
        assert levels(machine.check_memory, subject_of(tmp_path)) == [expected]


def test_compiled_code_that_is_not_kept_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.tempfile, "gettempdir", lambda: "/nowhere")
    monkeypatch.setattr(machine, "cache_folder", lambda: tmp_path)
    assert levels(machine.check_cache, subject_of(tmp_path)) == [Level.WARNING]
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel/a.nbi").touch()
    assert levels(machine.check_cache, subject_of(tmp_path)) == [Level.OK]
    monkeypatch.setattr(machine.tempfile, "gettempdir", lambda: str(tmp_path))
    assert levels(machine.check_cache, subject_of(tmp_path)) == [Level.WARNING]


def test_a_misspelt_variable_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(machine.check_variables, subject_of(data)) == []
    monkeypatch.setenv("TOCSIN_STRECH", "5")
    (finding,) = look(machine.check_variables, subject_of(data))
    assert "TOCSIN_STRETCH" in finding.mend


def test_a_damaged_journal_is_a_fault(kept: History, data: Path) -> None:
    (finding,) = look(check_journal, subject_of(data))
    assert finding.text == "The journal is whole; 70 events are kept"
    kept.journal.close()
    path = data / "journal.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:8_192] + bytes(4_096) + whole[12_288:])
    assert levels(check_journal, subject_of(data)) == [Level.FAULT]
    path.write_bytes(b"no journal at all" * 400)
    assert levels(check_journal, subject_of(data)) == [Level.FAULT]
    assert look(check_lake, subject_of(data)) == []


def test_a_file_of_the_lake_that_is_gone_or_cut_is_a_fault(kept: History, data: Path) -> None:
    assert levels(check_lake, subject_of(data)) == [Level.OK]
    file = data / "lake" / kept.lake.files()[0].path
    file.write_bytes(file.read_bytes()[:-1])
    (finding,) = look(check_lake, subject_of(data))
    assert (finding.level, kept.lake.files()[0].path in finding.text) == (Level.FAULT, True)
    file.unlink()
    assert levels(check_lake, subject_of(data)) == [Level.FAULT]


def test_a_database_of_another_version_is_told(data: Path) -> None:
    assert levels(check_records, subject_of(data)) == [Level.OK]
    Records(data).close()
    (finding,) = look(check_records, subject_of(data))
    assert (finding.level, known_revisions()[0] in finding.text) == (Level.OK, True)
    with sqlite3.connect(data / "records.db") as base:
        base.execute("update alembic_version set version_num = '9999'")
    base.close()
    (finding,) = look(check_records, subject_of(data))
    assert (finding.level, "later version" in finding.text) == (Level.FAULT, True)
    with sqlite3.connect(data / "records.db") as base:
        base.execute("drop table alembic_version")
    base.close()
    assert levels(check_records, subject_of(data)) == [Level.WARNING]
    (data / "records.db").write_bytes(b"x" * 5_000)
    assert levels(check_records, subject_of(data)) == [Level.FAULT]


@pytest.mark.parametrize(
    "address", ["postgresql://me:hidden@127.0.0.1:1/tocsin", "no address hidden", "strange://me:hidden@host/x"]
)
def test_a_database_that_does_not_answer_is_a_fault_and_tells_no_password(data: Path, address: str) -> None:
    (finding,) = look(check_records, subject_of(data, database=address))
    assert finding.level is Level.FAULT
    assert "`database`" in finding.mend
    assert "hidden" not in finding.text.replace(address, "")
    assert levels(check_keys, subject_of(data, database=address)) == [Level.WARNING]


def test_keys_that_are_absent_end_soon_or_never_are_told(data: Path) -> None:
    assert levels(check_keys, subject_of(data)) == [Level.WARNING]
    give_key(data, Scope.DECIDE, days=400)
    assert levels(check_keys, subject_of(data)) == [Level.OK]
    give_key(data, Scope.DECIDE)
    assert levels(check_keys, subject_of(data)) == [Level.OK], "a key that only decides may stay"
    assert levels(check_keys, subject_of(data, now=now_us() + 390 * DAY_US)) == [Level.WARNING]
    give_key(data, Scope.ADMIN)
    (finding,) = look(check_keys, subject_of(data))
    assert finding.text == "These keys may do everything and never end: test"


def test_a_mistake_in_a_pack_is_a_fault(data: Path, tmp_path: Path) -> None:
    assert levels(content.check_packs, subject_of(data)) == [Level.OK, Level.OK]
    broken = tmp_path / "broken"
    shutil.copytree(shipped_packs() / "goods", broken)
    (broken / "features.yaml").write_text("features: 5\n")
    (finding,) = look(content.check_packs, subject_of(data, packs=[broken]))
    assert (finding.level, "tocsin packs check" in finding.mend) == (Level.FAULT, True)


def test_lists_that_are_stale_or_missing_are_told(data: Path) -> None:
    now = now_us()
    lists = [
        ValueList(name, Title(name, name), "text", {}, stale_at)
        for name, stale_at in (("old", now - 1), ("soon", now + 3 * DAY_US), ("fresh", now + 30 * DAY_US))
    ]
    records = Records(data)
    with records.session() as session:
        add_entries(session, lists[2], [NewEntry(value="x")], "test", now)
        add_entries(session, ValueList("gone", Title("g", "g"), "text", {}), [NewEntry(value="x")], "test", now)
    records.close()
    told = [finding.text for finding in content.look_at_lists(subject_of(data, now=now), lists)]
    assert [text.rpartition(": ")[2].partition(" ")[0] for text in told] == ["old", "soon", "gone"]


class Stranger(BaseHTTPRequestHandler):
    body = b"{}"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


class Ours(Stranger):
    body = json.dumps({"alive": True}).encode()


@pytest.mark.parametrize(
    ("handler", "is_running", "expected"),
    [
        (Ours, True, [Level.OK, Level.OK]),
        (Ours, False, [Level.FAULT]),
        (Stranger, True, [Level.OK, Level.FAULT]),
        (Stranger, False, [Level.FAULT]),
    ],
)
def test_a_port_is_free_ours_or_anothers(
    data: Path, handler: type[Stranger], is_running: bool, expected: list[Level]
) -> None:
    owner = Ownership(data) if is_running else None
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        assert levels(check_port, subject_of(data, port=server.server_port)) == expected
        server.shutdown()
    free = subject_of(data, port=server.server_port)
    assert set(levels(check_port, free)) == {Level.OK}
    if owner:
        owner.close()


def test_looking_whether_a_folder_is_owned_takes_nothing(data: Path) -> None:
    assert not is_owned(data)
    owner = Ownership(data)
    assert is_owned(data)
    with pytest.raises(HistoryBusy, match=rf"number {os.getpid()}\) has this folder"):
        Ownership(data)
    owner.close()
    assert not is_owned(data)
    Ownership(data).close()
    assert stat.S_IMODE((data / "owner.lock").stat().st_mode) == 0o600


def test_a_font_is_found_by_its_files_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert font.find_file([str(tmp_path)]) == ""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/DejaVuSans.ttf").touch()
    (tmp_path / "deep/NotoSansCJK-notes.txt").touch()
    assert font.find_file([str(tmp_path)]) == ""
    (tmp_path / "deep/NotoSansCJK-Regular.ttc").touch()
    assert font.find_file([str(tmp_path)]) == "NotoSansCJK-Regular.ttc"
    monkeypatch.setattr(font, "ask_fontconfig", lambda: "")
    monkeypatch.setattr(font, "FOLDERS", ())
    assert levels(font.check_fonts, subject_of(tmp_path)) == [Level.WARNING]


def test_a_check_that_fails_itself_stops_no_other(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Path) -> str:
        raise ZeroDivisionError("no such thing")

    monkeypatch.setattr(disk.shutil, "disk_usage", broken)
    found = list(examine(subject_of(data, port=0)))
    assert [finding.text for _, finding in found if finding.level is Level.FAULT] == [
        "A check could not be made: ZeroDivisionError: no such thing"
    ]
    assert found[-1][0] == "fonts"


def test_a_server_of_this_version_is_well_and_one_that_is_gone_is_a_fault(data: Path) -> None:
    server = PostgresServer()
    server.start()
    try:
        subject = subject_of(data, database=server.url())
        (finding,) = look(check_records, subject)
        assert (finding.level, "earlier version" in finding.text) == (Level.WARNING, True)
        Records(data, server.url()).close()
        assert levels(check_records, subject) == [Level.OK]
        server.kill()
        (finding,) = look(check_records, subject)
        assert (finding.level, "cannot be reached" in finding.text) == (Level.FAULT, True)
    finally:
        server.stop()
