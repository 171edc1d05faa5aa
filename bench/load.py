"""An HTTP load from a process of its own, open loop: requests go out when they are due, whatever became of those before,
and a latency counts from the moment it was due.

Prints one JSON object. `--rate 0` sends as fast as the connections answer.
"""

import argparse
import asyncio
import gc
import json
import time
from collections import deque
from collections.abc import Iterator

import uvloop


class Connection(asyncio.Protocol):
    """One keep-alive connection; several requests may be under way on it, answered in order."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.due: deque[float] = deque()
        self.rest = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def connection_lost(self, _: Exception | None) -> None:
        self.load.errors += len(self.due)
        self.due.clear()

    def send(self, request: bytes, due: float) -> None:
        self.due.append(due)
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        data = self.rest + data if self.rest else data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:end].lower()
            place = head.find(b"content-length:")
            stop = head.find(b"\r\n", place)
            size = int(head[place + 15 : stop if stop >= 0 else len(head)])
            if len(data) < end + 4 + size:
                break
            self.load.answered(self, data[9:12], self.due.popleft())
            data = data[end + 4 + size :]
        self.rest = data


class Load:
    """All connections of one run."""

    def __init__(self, requests: Iterator[bytes], rate: float, seconds: float) -> None:
        self.requests = requests
        self.rate = rate
        self.seconds = seconds
        self.connections: list[Connection] = []
        self.latencies: list[float] = []
        self.sent = self.errors = self.ok = 0
        self.other: dict[str, int] = {}
        self.ends = 0.0
        self.last = 0.0

    def answered(self, connection: Connection, status: bytes, due: float) -> None:
        self.last = time.perf_counter()
        self.latencies.append(self.last - due)
        if status == b"200":
            self.ok += 1
        else:
            self.other[status.decode()] = self.other.get(status.decode(), 0) + 1
        if not self.rate and self.last < self.ends:
            self._next(connection, self.last)

    def _next(self, connection: Connection, due: float) -> bool:
        request = next(self.requests, None)
        if request is None:
            self.ends = 0.0
            return False
        self.sent += 1
        connection.send(request, due)
        return True

    async def run(self, host: str, port: int, count: int) -> float:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, made = await loop.create_connection(lambda: Connection(self), host, port)
            self.connections.append(made)
        began = time.perf_counter()
        self.ends = began + self.seconds
        if self.rate:
            await self._open(began)
        else:
            for connection in self.connections:
                self._next(connection, began)
            while time.perf_counter() < self.ends:
                await asyncio.sleep(0.05)
        waits = time.perf_counter() + 10
        while self.ok + self.errors + sum(self.other.values()) < self.sent and time.perf_counter() < waits:
            await asyncio.sleep(0.01)
        return (self.last or time.perf_counter()) - began

    async def _open(self, began: float) -> None:
        number = 0
        total = int(self.rate * self.seconds)
        while number < total:
            now = time.perf_counter()
            while number < total and (due := began + number / self.rate) <= now:
                if not self._next(self.connections[number % len(self.connections)], due):
                    return
                number += 1
            await asyncio.sleep(0.0005)


def requests_of(file: str, head: bytes, batch: int) -> Iterator[bytes]:
    """Whole requests made ahead of time: from lines of JSON, one event each or many."""
    with open(file, "rb") as lines:
        events = [line.strip() for line in lines]
    if batch == 1:
        return iter([head % (b"/v1/decisions", len(each)) + each for each in events])
    bodies = [b"[" + b",".join(events[place : place + batch]) + b"]" for place in range(0, len(events), batch)]
    return iter([head % (b"/v1/events", len(each)) + each for each in bodies])


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("file")
    told.add_argument("--host", default="127.0.0.1")
    told.add_argument("--port", type=int, required=True)
    told.add_argument("--key", default="")
    told.add_argument("--rate", type=float, default=0)
    told.add_argument("--seconds", type=float, default=10)
    told.add_argument("--connections", type=int, default=64)
    told.add_argument("--batch", type=int, default=1)
    chosen = told.parse_args()
    key = f"authorization: Bearer {chosen.key}\r\n" if chosen.key else ""
    head = f"POST %s HTTP/1.1\r\nhost: t\r\n{key}content-type: application/json\r\ncontent-length: %d\r\n\r\n".encode()
    load = Load(requests_of(chosen.file, head, chosen.batch), chosen.rate, chosen.seconds)
    gc.freeze()
    gc.disable()
    took = uvloop.run(load.run(chosen.host, chosen.port, chosen.connections))
    found = sorted(load.latencies)
    at = (
        {
            f"p{share}_ms": round(1_000 * found[min(len(found) - 1, int(len(found) * share / 100))], 3)
            for share in (50, 95, 99)
        }
        if found
        else {}
    )
    print(
        json.dumps(
            {
                "sent": load.sent, "ok": load.ok, "errors": load.errors, "other": load.other,
                "seconds": round(took, 3), "requests_per_s": round(load.ok / took), "events_per_s": round(load.ok * chosen.batch / took),
                **at, "max_ms": round(1_000 * found[-1], 3) if found else None,
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
