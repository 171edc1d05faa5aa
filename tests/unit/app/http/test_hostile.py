"""What no caller should send gets a typed answer, in bounded time and memory, and never a 5xx."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import fuzz
from bench.service import Service
from tests.servers.tocsin import Running, transfer
from tocsin.app.http import protocol


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("service"), body_timeout_s=0.5) as service:
        yield service


def talk(running: Running, *pieces: bytes, wait_s: float = 0.0) -> bytes:
    """Sends pieces and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", running.settings.port), timeout=20) as line:
        for piece in pieces:
            with contextlib.suppress(ConnectionError):
                line.sendall(piece)
            time.sleep(wait_s)
        found = b""
        with contextlib.suppress(ConnectionError):
            while more := line.recv(65_536):
                found += more
        return found


def test_thousands_of_hostile_bodies_get_typed_answers(tmp_path: Path) -> None:
    with Service(tmp_path / "data", TOCSIN_BODY_TIMEOUT_S="1") as service:
        asyncio.run(fuzz.fuzz(service, 1_600, 5))
        result = asyncio.run(fuzz.fuzz(service, 3_200, 6))
        assert sum(result.statuses.values()) == 3_200 + fuzz.SLOW
        assert (result.untyped, result.hung) == (0, 0), result.example
        assert result.statuses["200"] > 0
        assert result.statuses["408"] == fuzz.SLOW


def test_a_head_without_end_is_refused(running: Running) -> None:
    endless = [b"GET /health/live HTTP/1.1\r\n", *(b"x-%d: %s\r\n" % (number, b"y" * 900) for number in range(60))]
    told = talk(running, *endless)
    assert told.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"too_large"' in told


def test_a_slow_head_is_let_go(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.3)
    for pieces in ([], [b"GET /health/live HTTP/1.1\r\n"], [b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n", b"GET"]):
        assert b" 408 " in talk(running, *pieces)


def test_a_slow_body_is_let_go(running: Running) -> None:
    head = f"POST /v1/decisions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {running.key}\r\nconnection: close\r\n"
    told = talk(running, f"{head}content-type: application/json\r\ncontent-length: 50\r\n\r\n{{".encode())
    assert b" 408 " in told
    assert b'"code":"timeout"' in told


def test_what_is_no_http_is_told_so(running: Running) -> None:
    assert b'"code":"malformed"' in talk(running, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")


def test_a_caller_who_goes_away_leaves_nothing_behind(running: Running) -> None:
    body = json.dumps(transfer(900)).encode()
    head = f"POST /v1/decisions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {running.key}\r\n".encode()
    for cut in (len(head) // 2, len(head)):
        with socket.create_connection(("127.0.0.1", running.settings.port), timeout=20) as line:
            line.sendall((head + b"content-length: 999\r\n\r\n")[:cut] + body[:5])
    assert running.decide(transfer(900)).status_code == 200


def test_the_openapi_document_keeps_what_it_promises(running: Running, tmp_path: Path) -> None:
    told = [
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(Path(__file__).with_name("schemathesis.toml")),
        ),
        *("run", f"{running.url}/v1/openapi.json", "-H", f"Authorization: Bearer {running.key}", "--checks", "all"),
        *("--max-examples", "12", "--seed", "1", "--phases", "examples,coverage,fuzzing,stateful", "--no-color"),
    ]
    done = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout
