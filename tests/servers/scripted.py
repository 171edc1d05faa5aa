"""A server that answers as it is told: well, wrongly, slowly, or not at all."""

import contextlib
import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from msgspec import Struct

from tests.servers.live import free_port

CERTIFICATE = Path(__file__).with_name("localhost.pem")


class Got(Struct):
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


Act = Callable[[socket.socket, Got, threading.Event], bool]
"""Answers on a connection; whether it is to be kept. The event is set when the server ends."""


def answers(status: int, body: object, **headers: str) -> Act:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def act(connection: socket.socket, got: Got, _: threading.Event) -> bool:
        connection.sendall(head(status, len(raw), headers) + raw)
        return True

    return act


def head(status: int, length: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Told", f"content-length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def decides(outcome: str = "allow", **more: Any) -> Act:
    """The decision of whatever event comes, or the receipt of a batch."""

    def act(connection: socket.socket, got: Got, ends: threading.Event) -> bool:
        if got.method == "GET":
            return answers(200, {"ready": True})(connection, got, ends)
        sent = got.json
        if isinstance(sent, list):
            body: Any = {"accepted": len(sent), "duplicates": 0, "rejected": []}
        else:
            body = {"event_id": sent["id"], "outcome": outcome, "score": 1.0, "fired": [], "shadow": [], **more}
        return answers(200, body, x_request_id="r-1")(connection, got, ends)

    return act


def problem(status: int, code: str, field: str = "", **headers: str) -> Act:
    body = {"type": f"urn:tocsin:problem:{code}", "title": "t", "status": status, "detail": "told", "code": code}
    return answers(status, {**body, "request_id": "r-9", "field": field}, **headers)


def cuts(connection: socket.socket, got: Got, ends: threading.Event) -> bool:
    """Hangs up without a word."""
    return False


def hangs(connection: socket.socket, got: Got, ends: threading.Event) -> bool:
    """Says nothing for as long as anybody listens."""
    while connection.recv(1024):
        pass
    return False


def drips(every_s: float) -> Act:
    """An answer of which one byte comes at a time."""

    def act(connection: socket.socket, got: Got, ends: threading.Event) -> bool:
        for byte in head(200, 1_000, {}) + b" " * 1_000:
            connection.sendall(bytes([byte]))
            if ends.wait(every_s):
                break
        return False

    return act


class Scripted:
    """Acts in the order of the script, then as `otherwise`. `got` holds every request; GETs use no act of the script."""

    def __init__(self, *script: Act, otherwise: Act | None = None, port: int = 0, tls: bool = False) -> None:
        self.script = list(script)
        self.otherwise = otherwise or decides()
        self.got: list[Got] = []
        self.connections = 0
        self.port = port or free_port()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._tls is not None:
            self._tls.load_cert_chain(CERTIFICATE)
        self._lock = threading.Lock()
        self._ends = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    @property
    def events(self) -> list[Any]:
        """Every event that came, alone or in a batch."""
        found: list[Any] = []
        for got in list(self.got):
            if got.method == "POST":
                found += got.json if isinstance(got.json, list) else [got.json]
        return found

    def _spawn(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            self._spawn(self._serve, connection)

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            reader = connection.makefile("rb")
            while (got := read_request(reader)) is not None:
                with self._lock:
                    self.got.append(got)
                    act = self.script.pop(0) if self.script and got.method == "POST" else self.otherwise
                if not act(connection, got, self._ends) or self._ends.is_set():
                    break
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(plain)
            connection.close()
            plain.close()


def read_request(reader: Any) -> Got | None:
    line = reader.readline()
    if not line.strip():
        return None
    method, path, _ = line.decode().split(" ", 2)
    headers = {}
    while (line := reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    body = reader.read(length)
    return Got(method, path, headers, body) if len(body) == length else None  # who asked has left in the middle
