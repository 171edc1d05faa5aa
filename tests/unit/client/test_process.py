"""A client in its process: forks, the interpreter's end, threads, memory, and how light it is."""

import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers.live import free_port, wait_until
from tests.servers.scripted import Scripted, hangs
from tocsin.client.client import Client
from tocsin.client.options import Options

EVENT = {"type": "payment.transfer", "sender": "account:1", "payee": "account:2", "amount": 5}


def run(program: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", PREAMBLE + program, url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


PREAMBLE = """
import os, sys, threading, time
from tocsin.client.client import Client
from tocsin.client.options import Options
client = Client(sys.argv[1], "key", timeout_s=10, options=Options(batch_s=30))
event = {"type": "t", "sender": "account:1"}
"""


def test_importing_the_client_loads_nothing_heavy() -> None:
    code = (
        "import sys, tocsin.client.client, tocsin.client.asgi, tocsin.client.wsgi, tocsin.client.answers\n"
        "print(sorted(m for m in sys.modules if m.startswith('tocsin.')))\n"
        "heavy = {'numba', 'numpy', 'duckdb', 'pyarrow', 'sqlalchemy', 'litestar', 'sqlglot', 'pydantic', 're2', 'yaml'}\n"
        "frameworks = {'fastapi', 'starlette', 'flask', 'django', 'uvicorn', 'structlog'}\n"
        "sys.exit(str((heavy | frameworks) & set(sys.modules)) if (heavy | frameworks) & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    stages = {name.split(".")[1] for name in done.stdout.strip("[]\n").replace("'", "").split(", ")}
    assert stages == {"client", "model"}


def test_what_waits_is_sent_when_the_program_ends_without_closing() -> None:
    with Scripted() as server:
        done = run("for n in range(3): client.send({**event, 'id': f'e{n}'})", server.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert [each["id"] for each in server.events] == ["e0", "e1", "e2"]


def test_a_program_ends_soon_though_the_service_is_down_or_hangs() -> None:
    with Scripted(otherwise=hangs) as server, ThreadPoolExecutor() as pool:
        began = time.monotonic()
        urls = [server.url, f"http://127.0.0.1:{free_port()}"]
        for done in pool.map(lambda url: run("client.send(event)", url), urls):
            assert (done.returncode, done.stderr) == (0, "")
        assert time.monotonic() - began < 15


FORKED = """
def decide():
    decision = client.decide(event)
    assert not decision.fallback, decision
decide()
client.send({**event, 'id': 'parent'})
assert threading.active_count() == 2
children = []
for number in range(3):
    pid = os.fork()
    if pid == 0:
        assert client.stats.waiting == 0, "what waits in the parent is the parent's"
        assert client.stats.decided == 0
        assert threading.active_count() == 1
        decide()
        client.send({**event, 'id': f'child{number}'})
        os._exit(0 if client.flush() and client.stats.sent == 1 else 1)
    children.append(pid)
codes = [os.waitpid(pid, 0)[1] for pid in children]
decide()
assert codes == [0, 0, 0], codes
assert client.close()
"""


def test_after_a_fork_parent_and_children_have_their_own_connections_and_outboxes() -> None:
    with Scripted() as server:
        done = run(FORKED, server.url)
        assert (done.returncode, done.stderr) == (0, "")
        sent = [each["id"] for each in server.events if each["id"].startswith(("parent", "child"))]
        assert sorted(sent) == ["child0", "child1", "child2", "parent"]


LOCKED = """
house = client._houses.here()
client.send(event)
held = [house._lock, house.counts._lock, house.breaker._lock, house.outbox._changed]
for each in held:
    each.acquire()
pid = os.fork()
if pid == 0:
    decision = client.decide(event)
    client.send(event)
    os._exit(0 if client.flush() and not decision.fallback else 1)
assert os.waitpid(pid, 0)[1] == 0
for each in held:
    each.release()
client.close()
"""


def test_a_fork_while_another_thread_holds_the_clients_locks_does_no_harm() -> None:
    with Scripted() as server:
        done = run(LOCKED, server.url)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_forked_child_that_ends_does_not_send_what_its_parent_has() -> None:
    program = "client.send({**event, 'id': 'once'})\nif os.fork() == 0: sys.exit(0)\nos.wait()\nclient.close()"
    with Scripted() as server:
        done = run(program, server.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert [each["id"] for each in server.events] == ["once"]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0


def threads_since(before: set[threading.Thread]) -> list[str]:
    return [each.name for each in set(threading.enumerate()) - before if each.name.startswith("tocsin")]


def test_while_the_service_is_down_nothing_piles_up() -> None:
    options = Options(open_s=0.01, open_longest_s=0.02, open_after=2, batch_events=10, queue_events=100)
    before = set(threading.enumerate())
    with Scripted(otherwise=hangs) as server, Client(server.url, "key", timeout_s=0.02, options=options) as client:
        for _ in range(200):
            client.decide(EVENT)
            client.send(EVENT)
        sockets = descriptors()
        tracemalloc.start()
        held = tracemalloc.get_traced_memory()[0]
        began = time.perf_counter()
        for _ in range(3_000):
            client.decide(EVENT)
            client.send(EVENT)
        spent = time.perf_counter() - began
        grown = tracemalloc.get_traced_memory()[0] - held
        tracemalloc.stop()
        assert grown < 200_000
        assert set(threads_since(before)) <= {"tocsin-outbox", "tocsin-probe"}
        assert len(threads_since(before)) <= 2
        assert descriptors() <= sockets + 6
        assert spent < 10, "mostly what measuring memory costs"
        assert client.stats.waiting <= 110
        client.close(0.01)


def test_an_idle_outbox_keeps_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.client.inner.outbox.IDLE_S", 0.05)
    before = set(threading.enumerate())
    with Scripted() as server, Client(server.url, "key", timeout_s=5) as client:
        client.send(EVENT)
        assert client.flush()
        wait_until(lambda: not threads_since(before), "the end of the thread")
        client.send(EVENT)
        assert client.flush()
        assert client.stats.sent == 2


def test_where_no_thread_can_be_started_everything_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted() as server:
        port = free_port()
        client = Client(f"http://localhost:{server.port}", "key", timeout_s=5)
        down = Client(f"http://127.0.0.1:{port}", "key", timeout_s=1, options=Options(open_s=0.01, open_longest_s=0.02))
        while down.stats.breaker == "closed":
            down.decide(EVENT)

        def refuse(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        with Scripted(port=port), monkeypatch.context() as patched:
            spawn = threading.Thread.start
            patched.setattr(threading.Thread, "start", lambda t: refuse(t) if t.name.startswith("tocsin") else spawn(t))
            assert not client.decide(EVENT).fallback
            client.send({**EVENT, "id": "kept"})
            wait_until(lambda: not down.decide(EVENT).fallback, "a decision without a probe")
            assert client.close()
        assert "kept" in [each["id"] for each in server.events]
        down.close()
