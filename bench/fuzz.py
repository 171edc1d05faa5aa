"""Bodies that no platform should send, sent to a running service: truncated, deep, huge, of the wrong type, in bad UTF-8,
oversized, packed badly, chunked, slow. Every answer must be a 2xx or a typed 4xx, and memory must not grow.

Starts its own service and prints one JSON object with `--json`.
"""

import argparse
import asyncio
import gzip
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bench.service import Service

CONNECTIONS = 16
SLOW = 8

Headers = dict[str, str]
Shot = tuple[str, bytes, Headers]


def good(draw: random.Random) -> dict[str, Any]:
    return {
        "id": f"f{draw.randrange(10**9)}",
        "type": draw.choice(["payment.transfer", "message.send", "account.login", "no.such", "listing.create"]),
        "time": "2026-01-15T12:00:00Z",
        "sender": f"account:{draw.randrange(1000)}",
        "payee": f"account:{draw.randrange(1000)}",
        "account": "account:1",
        "recipient": "account:2",
        "seller": "account:3",
        "listing": "listing:4",
        "text": "加微信 138 0013 8000",
        "amount": draw.randrange(10**6) / 100,
    }


def truncated(draw: random.Random) -> bytes:
    raw = json.dumps(good(draw)).encode()
    return raw[: draw.randrange(len(raw))]


def deep(draw: random.Random) -> bytes:
    levels = draw.choice([17, 100, 5_000, 30_000])
    left, right = draw.choice([(b"[", b"]"), (b'{"a":', b"}")])
    return b'{"id":"d","type":"payment.transfer","x":' + left * levels + b"1" + right * levels + b"}"


def huge_number(draw: random.Random) -> bytes:
    number = draw.choice(
        ["1e400", "-1e400", "9" * draw.randrange(20, 5_000), "1e-400", "0." + "0" * 400 + "1", "-0", "NaN"]
    )
    event = good(draw)
    event[draw.choice(["amount", "time", "id", "payee_age_days"])] = "@@"
    return json.dumps(event).encode().replace(b'"@@"', number.encode())


def wrong_type(draw: random.Random) -> bytes:
    event: dict[str, Any] = good(draw)
    for name in draw.sample(list(event), draw.randrange(1, 5)):
        event[name] = draw.choice(
            [None, True, [], {}, [[]], {"a": [1]}, -1, 0.1, "", " ", "\0", "😀" * 300, "account:", ":x"]
        )
    return json.dumps(event, ensure_ascii=draw.random() < 0.5).encode()


def flipped(draw: random.Random) -> bytes:
    raw = bytearray(json.dumps(good(draw), ensure_ascii=False).encode())
    for _ in range(draw.randrange(1, 6)):
        raw[draw.randrange(len(raw))] = draw.randrange(256)
    return bytes(raw)


def oversized(draw: random.Random) -> bytes:
    return json.dumps({**good(draw), "text": "x" * draw.choice([70_000, 200_000])}).encode()


def noise(draw: random.Random) -> bytes:
    return draw.randbytes(draw.randrange(300))


def repeated_keys(draw: random.Random) -> bytes:
    raw = json.dumps(good(draw)).encode()
    return raw[:-1] + b"," + raw[1:]


def surrogate(draw: random.Random) -> bytes:
    return (
        json.dumps({**good(draw), "text": "@@"})
        .encode()
        .replace(b"@@", draw.choice([b"\\ud800", b"\\udfff\\ud800", b"\\u0000"]))
    )


BODIES: list[Callable[[random.Random], bytes]] = [
    truncated, deep, huge_number, wrong_type, wrong_type, flipped, flipped, flipped, oversized, noise, repeated_keys, surrogate
]  # fmt: skip


def draw_shot(draw: random.Random) -> Shot:
    body = draw.choice(BODIES)(draw)
    headers = {"content-type": "application/json"}
    path = "/v1/decisions"
    kind = draw.random()
    if kind < 0.25:
        path = "/v1/events"
        body = draw.choice([body, b"[" + b",".join(draw.choice(BODIES)(draw) for _ in range(draw.randrange(5))) + b"]"])
    elif kind < 0.32:
        path, headers["content-type"] = "/v1/events", "application/x-ndjson"
        body = body + b"\n" + draw.choice(BODIES)(draw)
    elif kind < 0.38:
        headers["content-encoding"] = draw.choice(["gzip", "gzip", "br", "\x7f"])
        packed = gzip.compress(draw.choice([body, b"0" * draw.choice([10, 1 << 22])]), 1)
        body = draw.choice([body, packed, packed[: draw.randrange(len(packed))]])
    elif kind < 0.42:
        headers["content-type"] = draw.choice(
            ["", "text/xml", "application/json; charset=latin-1", "\xff", "a" * 5_000]
        )
    elif kind < 0.46:
        headers["idempotency-key"] = draw.choice(["", "k", "k" * 257, "\xe9"])
    return path, body, headers


def written(shot: Shot, key: str, draw: random.Random) -> bytes:
    path, body, headers = shot
    head = [f"POST {path} HTTP/1.1", "host: x", f"authorization: Bearer {key}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    if draw.random() < 0.1:
        head.append("transfer-encoding: chunked")
        half = len(body) // 2
        parts = [part for part in (body[:half], body[half:]) if part]
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    else:
        head.append(f"content-length: {len(body)}")
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    size = int(head.split("content-length:")[1].split("\r\n")[0])
    return int(head[9:12]), await reader.readexactly(size), "connection: close" in head


class Result(msgspec.Struct):
    """What was seen."""

    statuses: Counter[str] = msgspec.field(default_factory=Counter)
    untyped: int = 0
    hung: int = 0
    example: str = ""

    def add(self, status: int, body: bytes, sent: bytes) -> None:
        self.statuses[str(status)] += 1
        if status >= 500 or (status >= 400 and b'"code":"' not in body):
            self.untyped += 1
            self.example = self.example or f"{status} {body[:200]!r} for {sent[:300]!r}"


async def shoot(service: Service, count: int, seed: int, result: Result) -> None:
    draw = random.Random(seed)
    reader = writer = None
    for _ in range(count):
        sent = written(draw_shot(draw), service.key, draw)
        for again in (True, False):
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            assert reader is not None
            try:
                writer.write(sent)
                status, body, closes = await asyncio.wait_for(read_answer(reader), 30)
            except (ConnectionError, asyncio.IncompleteReadError):
                writer = None
                if again:
                    continue  # the server had closed the connection after the answer before
                result.hung += 1
                break
            except TimeoutError:
                result.hung += 1
                writer = None
                break
            result.add(status, body, sent)
            if closes or status == 413:
                writer.close()
                writer = None
            break
    if writer is not None:
        writer.close()


async def crawl(service: Service, result: Result) -> None:
    """A sender that stops in the middle of its body must be let go."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    head = f"POST /v1/decisions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {service.key}\r\n"
    writer.write(head.encode() + b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{")
    try:
        status, body, _ = await asyncio.wait_for(read_answer(reader), 30)
        result.add(status, body, b"slow")
    except (TimeoutError, asyncio.IncompleteReadError):
        result.hung += 1
    writer.close()


async def fuzz(service: Service, count: int, seed: int) -> Result:
    result = Result()
    share = count // CONNECTIONS
    await asyncio.gather(
        *(shoot(service, share, seed + number, result) for number in range(CONNECTIONS)),
        *(crawl(service, result) for _ in range(SLOW)),
    )
    return result


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--count", type=int, default=100_000)
    told.add_argument("--seed", type=int, default=7)
    told.add_argument("--json", action="store_true")
    chosen = told.parse_args()
    with tempfile.TemporaryDirectory() as folder, Service(Path(folder) / "data", "--packs", "packs") as service:
        asyncio.run(fuzz(service, 5_000, chosen.seed + 1_000))
        before = service.rss()
        result = asyncio.run(fuzz(service, chosen.count, chosen.seed))
        grown = service.rss() - before
    shown = {
        "bodies": sum(result.statuses.values()),
        "statuses": dict(sorted(result.statuses.items())),
        "untyped_or_5xx": result.untyped,
        "hung": result.hung,
        "rss_growth_mib": round(grown / 2**20, 1),
        "example": result.example,
    }
    print(json.dumps(shown) if chosen.json else "\n".join(f"{name}: {value}" for name, value in shown.items()))


if __name__ == "__main__":
    main()
