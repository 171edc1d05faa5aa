"""`tocsin consume` as an operator meets it."""

import subprocess
from pathlib import Path

import httpx
import pytest

from tests.flow.streams.command import TOCSIN, Command, until
from tests.flow.streams.events import make_events
from tests.servers.broker import NatsRig
from tests.servers.port import free_port


def test_the_service_answers_over_http_while_it_consumes(tmp_path: Path) -> None:
    rig = NatsRig(tmp_path / "broker")
    port = free_port()
    events = make_events(5)
    command = Command(rig, tmp_path / "data", "--create", "--port", str(port))

    def is_ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    try:
        until(is_ready)
        until(lambda: rig.exists("tocsin-events-decisions"))
        rig.produce(events)
        until(lambda: len(rig.letters("decisions")) == len(events))
        said = command.stop()
    finally:
        rig.stop()
    assert "hunter" not in said
    assert '"the broker is reached"' in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nats", "--until-idle", "1"], "there is no stream tocsin-events; make it"),
        (["nats", "--batch", "0"], "nats.batch"),
        (["kafka", "--property", "acks=1"], "kafka: acks is set by Tocsin itself"),
        (["kafka", "--property", "sasl.password=hunter2"], "secrets_file"),
    ],
)
def test_what_cannot_be_done_is_said_and_exit_code_1(tmp_path: Path, words: list[str], expected: str) -> None:
    rig = NatsRig(tmp_path / "broker")
    where = ["--url", rig.server.url] if words[0] == "nats" else []
    command = [TOCSIN, "consume", *words, *where, "--data", str(tmp_path / "data"), "--port", "0"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path)
    finally:
        rig.stop()
    assert done.returncode == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
