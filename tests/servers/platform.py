"""A platform beside a service: it is told by webhooks or asks what is to be done, and does it. Time passes when it is told to."""

import http.server
import json
import threading
from typing import Any, Self

import httpx

from tests.servers.tocsin import START_US

HOUR = 3_600_000_000
DAY = 24 * HOUR


class Clock:
    """The service's clock, set by a test."""

    def __init__(self, now_us: int = START_US) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us

    def pass_hours(self, hours: float) -> None:
        self.now_us += round(hours * HOUR)


class Receiver:
    """An address that is told. It may be down; `told` has everything that it took, once by its id, in the order in which it
    came, and `times` how often each came.
    """

    def __init__(self) -> None:
        self.told: dict[str, dict[str, Any]] = {}
        self.times: dict[str, int] = {}
        self.refused = 0
        self.is_down = False
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if not receiver.is_down:
                    name = self.headers["webhook-id"]
                    receiver.times[name] = receiver.times.get(name, 0) + 1
                    receiver.told.setdefault(name, body)
                receiver.refused += receiver.is_down
                self.send_response(503 if receiver.is_down else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def types(self) -> list[str]:
        return [body["type"] for body in self.told.values()]


def ask(client: httpx.Client, method: str, path: str, **body: Any) -> Any:
    answer = client.request(method, path, **({"json": body} if method == "POST" else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def carry_out(client: httpx.Client, cannot: str = "") -> list[str]:
    """Does everything that is to be done, but what it cannot (the beginning of such a line)."""
    done = []
    while found := ask(client, "POST", "/v1/instructions/pull"):
        for each in found:
            line = f"{each['verb']} {each['measure']['kind']} {each['subject']}"
            if cannot and line.startswith(cannot):
                ask(client, "POST", f"/v1/instructions/{each['number']}/fail", why="no such thing here")
            else:
                ask(client, "POST", f"/v1/instructions/{each['number']}/confirm")
            done.append(line)
    return done


def measures(client: httpx.Client, subject: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/measures", params={"subject": subject}).json()["measures"]
    return found


def take(client: httpx.Client, by: str, subject: str, kind: str, *others: str, **given: Any) -> int:
    """A measure that a person proposes and orders, with others where it needs them."""
    wanted = {"basis": "Terms 7", "reason": "see the case", **given}
    number = int(ask(client, "POST", "/v1/measures", subject=subject, kind=kind, by=by, **wanted)["number"])
    for each in (by, *others):
        ask(client, "POST", f"/v1/measures/{number}/order", by=each)
    return number


def leave_open(client: httpx.Client, place: str, by: str, *kinds: str) -> None:
    """Somebody answers for what stays open of these kinds."""
    for each in client.get(place).json()["open"]:
        if each["about"].partition(":")[0] in kinds:
            ask(client, "POST", f"{place}/exemptions", by=by, about=each["about"], why="the platform tells them itself")
