"""The wire of the client that waits: names, encryption, and a deadline over all of it."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers.live import free_port, wait_until
from tests.servers.scripted import CERTIFICATE, Scripted
from tocsin.client.client import Client
from tocsin.client.inner.resolver import NameUnknown, Resolver
from tocsin.client.options import Options

EVENT = {"type": "payment.transfer", "sender": "account:1", "payee": "account:2", "amount": 5}
SLACK_S = 0.3
"""What a busy machine may add to a wait."""


class Names:
    """A lookup that may take its time."""

    def __init__(self, *found: str) -> None:
        self.found = list(found)
        self.asked = 0
        self.may = threading.Event()
        self.may.set()

    def __call__(self, name: str, port: int) -> list[str]:
        self.asked += 1
        assert self.may.wait(30)
        if not self.found:
            raise socket.gaierror("nobody knows")
        return list(self.found)


def test_a_name_is_looked_up_once_and_again_when_that_is_old() -> None:
    now = [0.0]
    names = Names("192.0.2.1")
    resolver = Resolver(lambda: now[0], names)
    for _ in range(5):
        assert resolver.find("tocsin.example", 80, 1) == ["192.0.2.1"]
    assert names.asked == 1
    names.found = ["192.0.2.2"]
    now[0] = 31.0
    assert resolver.find("tocsin.example", 80, 1) == ["192.0.2.1"], "nobody waits for what is known"
    wait_until(lambda: resolver.find("tocsin.example", 80, 1) == ["192.0.2.2"], "the new address")
    assert names.asked == 2


def test_a_lookup_that_hangs_keeps_nobody_waiting_and_is_not_started_again() -> None:
    names = Names("192.0.2.1")
    names.may.clear()
    resolver = Resolver(time.monotonic, names)
    threads = threading.active_count()
    began = time.monotonic()
    for _ in range(5):
        with pytest.raises(NameUnknown) as raised:
            resolver.find("tocsin.example", 80, 0.01)
        assert raised.value.late
    assert time.monotonic() - began < 1
    assert threading.active_count() == threads + 1
    names.may.set()
    wait_until(lambda: names.asked == 1 and resolver.find("tocsin.example", 80, 5), "the address")


def test_a_name_that_nobody_knows_is_an_error_and_an_old_address_is_better_than_none() -> None:
    now = [0.0]
    names = Names()
    resolver = Resolver(lambda: now[0], names)
    with pytest.raises(NameUnknown) as raised:
        resolver.find("tocsin.example", 80, 5)
    assert not raised.value.late
    names.found = ["192.0.2.1"]
    assert resolver.find("tocsin.example", 80, 5) == ["192.0.2.1"]
    names.found = []
    now[0] = 100.0
    for _ in range(3):
        assert resolver.find("tocsin.example", 80, 5) == ["192.0.2.1"]


def test_an_address_is_not_looked_up() -> None:
    names = Names()
    resolver = Resolver(time.monotonic, names)
    assert resolver.find("127.0.0.1", 80, 0.0) == ["127.0.0.1"]
    assert resolver.find("::1", 80, 0.0) == ["::1"]
    assert names.asked == 0


def test_a_lookup_that_hangs_costs_a_call_no_more_than_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names("127.0.0.1")
    names.may.clear()
    monkeypatch.setattr("tocsin.client.inner.resolver.look_up", names)
    monkeypatch.setattr("tocsin.client.inner.resolver.Resolver.__init__.__defaults__", (names,))
    client = Client("http://tocsin.example", "key", timeout_s=0.1)
    began = time.monotonic()
    assert client.decide(EVENT).cause == "timeout"
    assert time.monotonic() - began < 0.1 + SLACK_S
    names.may.set()
    client.close()


def test_the_next_address_is_tried_where_the_first_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names("127.0.0.2", "127.0.0.1")
    monkeypatch.setattr("tocsin.client.inner.resolver.Resolver.__init__.__defaults__", (names,))
    with Scripted() as server, Client(f"http://tocsin.example:{server.port}", "key", timeout_s=2) as client:
        assert not client.decide(EVENT).fallback
        assert server.got[0].headers["host"] == f"tocsin.example:{server.port}"


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=CERTIFICATE)


def test_over_tls_with_a_certificate_that_is_trusted() -> None:
    with Scripted(tls=True) as server:
        with Client(server.url, "key", timeout_s=5, options=Options(ssl_context=trusting())) as client:
            for _ in range(3):
                assert not client.decide(EVENT).fallback
        assert server.connections == 1


def test_a_certificate_that_is_not_trusted_is_never_spoken_to() -> None:
    with Scripted(tls=True) as server, Client(server.url, "key", timeout_s=1) as client:
        assert client.decide(EVENT).cause == "unreachable"
        assert server.got == []


@contextmanager
def mute() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        yield int(listener.getsockname()[1])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_port_that_never_says_anything_costs_no_more_than_the_budget(scheme: str) -> None:
    with mute() as port, Client(f"{scheme}://127.0.0.1:{port}", "key", timeout_s=0.2) as client:
        began = time.monotonic()
        assert client.decide(EVENT).cause == "timeout"
        assert time.monotonic() - began < 0.2 + SLACK_S


def test_connections_are_kept_and_a_dead_one_is_replaced() -> None:
    port = free_port()
    with Client(f"http://127.0.0.1:{port}", "key", timeout_s=5) as client:
        with Scripted(port=port) as server:
            for _ in range(5):
                assert not client.decide(EVENT).fallback
            assert server.connections == 1
        with Scripted(port=port) as server:
            assert not client.decide(EVENT).fallback
            assert client.stats.failed <= 1


def test_many_threads_share_a_client() -> None:
    with Scripted() as server, Client(server.url, "key", timeout_s=20) as client:
        found: list[bool] = []

        def work() -> None:
            found.extend(client.decide(EVENT).fallback for _ in range(25))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [False] * 200
        assert client.stats.decided == 200
        assert len({each["id"] for each in server.events}) == 200
