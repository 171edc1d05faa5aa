"""What the client costs its host: python -m bench.client [--json].

Three questions. What does a call cost while Tocsin is down? What does the middleware cost a request that is not mapped?
How long does a call take over loopback, journal committed before the answer, beside httpx used by hand?
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.measure import latencies
from tocsin.app import bootstrap
from tocsin.app.access.key import NewKey, Scope, make_key
from tocsin.app.storage.records import Records
from tocsin.client import asgi, wsgi
from tocsin.client.client import AsyncClient, Client
from tocsin.client.mapping import Route, body
from tocsin.client.options import Options

EVENT = {"type": "payment.transfer", "sender": "account:1", "payee": "account:2", "amount": 5}
ROUTES = [Route("POST", "/transfers", "payment.transfer", {"amount": body("amount")})]
CALLS = 3_000
DOWN_CALLS = 100_000
PASSES = 300_000


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, str]]:
    """A service of its own process: its address and a key."""
    data, port = folder / "data", free_port()
    records = Records(data)
    with records.session() as session:
        key = make_key(session, NewKey(name="bench", scopes=(Scope.DECIDE,)), bootstrap.now_us())[1]
    records.close()
    command = [
        sys.executable,
        "-c",
        "from tocsin.app.cli.main import run; run()",
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=dict(os.environ))
    url = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + 120
        while not is_ready(url):
            assert process.poll() is None, "the service ended by itself"
            assert time.monotonic() < ends, "the service did not come up"
            time.sleep(0.05)
        yield url, key
    finally:
        process.terminate()
        process.wait(30)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def each_us(work: Callable[[], object], count: int) -> float:
    """Microseconds of one of `count` that `work` does: the best of five."""
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent) / count * 1e6


def while_down() -> dict[str, Any]:
    url, options = f"http://127.0.0.1:{free_port()}", Options(open_s=60, open_longest_s=60)
    client, other = Client(url, "key", options=options), AsyncClient(url, "key", options=options)
    while client.stats.breaker == "closed":
        client.decide(EVENT)

    async def many() -> float:
        while other.stats.breaker == "closed":
            await other.decide(EVENT)
        began = time.perf_counter()
        for _ in range(DOWN_CALLS):
            await other.decide(EVENT)
        return (time.perf_counter() - began) / DOWN_CALLS * 1e6

    def calls() -> None:
        for _ in range(DOWN_CALLS):
            client.decide(EVENT)

    threads = threading.active_count()
    found = {"down_us": each_us(calls, DOWN_CALLS), "down_async_us": asyncio.run(many())}
    assert client.stats.failed <= 5
    return {**found, "down_failed_tries": client.stats.failed, "down_threads": threading.active_count() - threads}


def passing() -> dict[str, float]:
    """What is added to a GET that is not mapped."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/items/1"}
    scope = {"type": "http", "method": "GET", "path": "/items/1", "headers": []}
    posted = {"type": "http", "method": "POST", "path": "/items/1", "headers": []}

    def app(*_: object) -> list[bytes]:
        return []

    async def async_app(*_: object) -> None:
        return None

    def work(called: Any) -> Callable[[], None]:
        def run() -> None:
            for _ in range(PASSES):
                called(environ, None)

        return run

    def async_work(called: Any, scope: Any) -> Callable[[], None]:
        async def run() -> None:
            for _ in range(PASSES):
                await called(scope, None, None)

        return lambda: asyncio.run(run())

    url = "http://127.0.0.1:1"
    gate: Any = asgi.TocsinMiddleware(async_app, AsyncClient(url, "key"), ROUTES)
    plain = each_us(work(app), PASSES)
    async_plain = each_us(async_work(async_app, scope), PASSES)
    return {
        "wsgi_unmapped_us": each_us(work(wsgi.TocsinMiddleware(app, Client(url, "key"), ROUTES)), PASSES) - plain,
        "asgi_unmapped_us": each_us(async_work(gate, scope), PASSES) - async_plain,
        "asgi_unmapped_post_us": each_us(async_work(gate, posted), PASSES) - async_plain,
    }


def over_loopback(url: str, key: str) -> dict[str, float]:
    """p50 and p99 of one call after another, in microseconds."""
    items = range(CALLS)
    found: dict[str, float] = {}

    def keep(name: str, spent: tuple[float, float]) -> None:
        found[f"{name}_p50_us"], found[f"{name}_p99_us"] = spent

    with Client(url, key, timeout_s=5) as client:
        client.decide(EVENT)
        keep("sync", latencies(lambda _: client.decide(EVENT), items))
        assert client.stats.fallbacks == 0
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, trust_env=False) as by_hand:
        numbers = iter(range(CALLS * 2))
        now = time.time()

        def post(_: int) -> None:
            by_hand.post("/v1/decisions", json={**EVENT, "id": f"h{next(numbers)}", "time": now}).raise_for_status()

        post(0)
        keep("httpx", latencies(post, items))
    keep("async", asyncio.run(over_loop(url, key)))
    found["async_32_at_once_per_s"] = asyncio.run(at_once(url, key, 32))
    return found


async def over_loop(url: str, key: str) -> tuple[float, float]:
    spent = []
    async with AsyncClient(url, key, timeout_s=5) as client:
        await client.decide(EVENT)
        for _ in range(CALLS):
            began = time.perf_counter_ns()
            await client.decide(EVENT)
            spent.append((time.perf_counter_ns() - began) / 1_000)
        assert client.stats.fallbacks == 0
    spent.sort()
    return spent[CALLS // 2], spent[CALLS * 99 // 100]


async def at_once(url: str, key: str, callers: int) -> float:
    async with AsyncClient(url, key, timeout_s=10) as client:

        async def work() -> None:
            for _ in range(CALLS // callers):
                await client.decide(EVENT)

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(callers)))
        spent = time.perf_counter() - began
        assert client.stats.fallbacks == 0
    return CALLS // callers * callers / spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    result: dict[str, Any] = {**while_down(), **passing()}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (url, key):
        result |= over_loopback(url, key)
    result = {name: round(value, 3) for name, value in result.items()}
    if wanted.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"  {name:28} {value:>12,.3f}")


if __name__ == "__main__":
    main()
