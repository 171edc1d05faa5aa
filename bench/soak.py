"""Memory of a service that takes events at full speed for long. The windows hold about the same all the time, so that
what grows beyond them would show. Prints a curve: events sent, memory in use, bytes that the windows reserve.
"""

import argparse
import http.client
import json
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench.service import Service
from bench.workload import iter_events

PACK = str(Path(__file__).parent / "pack")
BATCH = 500
SENDERS = 2
POINTS = 24
BLOCK = 200_000
"""Events that are made once and sent again and again with new ids and later times."""


def endless(count: int) -> Iterator[bytes]:
    """Events over and over: a block is a day, so that the windows of 24 hours hold one block."""
    block = [json.dumps({**event, "id": "@@", "ts": "##"}).encode() for event in iter_events(BLOCK)]
    began = time.time() - 86_400 * (count / BLOCK + 1)
    for number in range(count):
        at = began + 86_400 * number / BLOCK
        yield block[number % BLOCK].replace(b'"@@"', b'"s%d"' % number).replace(b'"##"', b"%.3f" % at)


class Sender(threading.Thread):
    """Sends batches until there are no more events."""

    def __init__(self, service: Service, events: Iterator[bytes], lock: threading.Lock) -> None:
        super().__init__()
        self.service = service
        self.events = events
        self.lock = lock
        self.sent = 0

    def run(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
        headers = {"authorization": f"Bearer {self.service.key}", "content-type": "application/json"}
        while True:
            with self.lock:
                events = list(islice(self.events, BATCH))
            if not events:
                break
            line.request("POST", "/v1/events", b"[" + b",".join(events) + b"]", headers)
            answer = line.getresponse()
            told = answer.read()
            assert answer.status == 200, told
            assert json.loads(told)["rejected"] == [], told[:300]
            self.sent += len(events)
        line.close()


def state_bytes(service: Service) -> int:
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    line.request("GET", "/metrics", headers={"authorization": f"Bearer {service.key}"})
    found = re.search(rb"^tocsin_state_bytes ([0-9.e+]+)", line.getresponse().read(), re.MULTILINE)
    line.close()
    return int(float(found[1])) if found else 0


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--count", type=int, default=7_200_000)
    told.add_argument("--json", action="store_true")
    chosen = told.parse_args()
    curve: list[tuple[int, int, int]] = []
    settings = {"TOCSIN_EVERY_FEATURE": "true", "TOCSIN_RATE_PER_S": "1000000"}
    with (
        tempfile.TemporaryDirectory() as folder,
        Service(Path(folder) / "data", "--packs", PACK, **settings) as service,
    ):
        events, lock = endless(chosen.count), threading.Lock()
        senders = [Sender(service, events, lock) for _ in range(SENDERS)]
        began = time.perf_counter()
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            sent = sum(sender.sent for sender in senders)
            if sent >= (len(curve) + 1) * chosen.count / POINTS:
                curve.append((sent, service.rss() >> 20, state_bytes(service) >> 20))
            time.sleep(0.2)
        seconds = time.perf_counter() - began
    beyond = [rss - state for _, rss, state in curve]
    half = len(beyond) // 2
    result = {
        "events": chosen.count,
        "events_per_s": round(chosen.count / seconds),
        "beyond_windows_mib_second_quarter": statistics.median(beyond[half // 2 : half]),
        "beyond_windows_mib_last_quarter": statistics.median(beyond[half + half // 2 :]),
        "curve": [{"events": sent, "rss_mib": rss, "state_mib": state} for sent, rss, state in curve],
    }
    print(json.dumps(result) if chosen.json else "\n".join(f"{name}: {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
