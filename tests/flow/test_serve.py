"""`tocsin serve` from an empty folder to a clean end, as a person and as a supervisor see it."""

import os
import pty
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.reference.serving import TOCSIN, give_key, run_tocsin, serving
from tocsin.app.access.key import Scope
from tocsin.app.cli.operate.serve import check_binding, listen
from tocsin.app.settings import Settings
from tocsin.model.errors import InputError

EVENT = {"type": "payment.transfer", "time": time.time(), "sender": "account:1", "payee": "account:2", "amount": 5}
IDLE_MIB = 250
"""What a service that has nothing to do may have in memory."""


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def test_an_empty_folder_is_enough_and_sigterm_ends_it_cleanly_with_a_snapshot(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as service:
        assert resident_mib(service.process.pid) < IDLE_MIB
        assert service.ask("/v1/packs")[0] == 401, "no key, no answer"
        service.key = give_key(data)
        assert service.ask("/v1/decisions", {**EVENT, "id": "a"})[0] == 200
        second = run_tocsin("serve", "--data", data, "--port", "0")
        assert second.returncode == 1
        assert f"another process of Tocsin (number {service.process.pid}) has this folder" in second.stderr
        assert "Traceback" not in second.stderr
        assert service.stop() == 0
    assert [path.name for path in (data / "snapshots").iterdir()] == ["000000000001.snapshot"]
    assert not (data / "journal.db-wal").exists()
    assert "Traceback" not in service.log.read_text()
    with serving(data, service.key) as again:
        ready = next(line for line in again.logs() if line["event"] == "ready")
        assert (ready["snapshot_seq"], ready["replayed"]) == (1, 0)
        assert again.ask("/v1/decisions/a")[1]["seq"] == 1


def test_a_port_that_is_taken_is_one_clear_line_and_exit_code_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_tocsin("serve", "--data", tmp_path / "data", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"port {port} on 127.0.0.1 is taken by another program; end it, or choose another with --port"
    )
    assert "Traceback" not in done.stderr


def test_nobody_else_is_listened_to_without_a_key_in_force(tmp_path: Path) -> None:
    data = tmp_path / "data"
    give_key(data, Scope.READ, made_at=time.time_ns() // 1_000 - 3_600_000_000, days=1 / 48)
    done = run_tocsin("serve", "--data", data, "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 1
    assert "0.0.0.0 can be reached from other machines and there is no key in force" in done.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "x" * 300, "\udc80"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(InputError, match="is no address of this machine"):
        listen(host, 0)


@pytest.mark.parametrize(("host", "is_ours"), [("127.8.8.8", True), ("::1", True), ("::", False), ("10.0.0.1", False)])
def test_only_a_loopback_address_needs_no_key(host: str, is_ours: bool) -> None:
    if is_ours:
        check_binding(Settings(host=host), has_keys=False)
    else:
        with pytest.raises(InputError, match="no key in force"):
            check_binding(Settings(host=host), has_keys=False)
    check_binding(Settings(host=host), has_keys=True)


def test_on_a_terminal_a_person_is_greeted_in_their_language_and_ctrl_c_is_a_clean_end(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [TOCSIN, "serve", "--data", str(tmp_path / "data"), "--port", "0", "--lang", "zh"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "NO_COLOR": "1"},
    )
    os.close(theirs)
    shown = b""
    try:
        deadline = time.monotonic() + 60
        while b"ready  " not in shown and time.monotonic() < deadline:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    told = shown.decode()
    assert "地址: http://127.0.0.1:" in told
    assert f"数据: {tmp_path / 'data'}" in told
    assert "tocsin keys new first --scope admin" in told
    assert '{"' not in told
