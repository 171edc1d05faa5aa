"""The common workload: seeded transfers and messages over seven days, with Zipf-like senders and bursts.

`--events FILE` of each benchmark takes a file of the same shape instead of these.
"""

import argparse
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

WEEK_S = 7 * 86_400
START_S = 1_700_000_000
COUNTRIES = {"CN": 70, "US": 8, "MM": 4, "KH": 3, "PH": 3, "GB": 4, "DE": 4, "NG": 2, "BR": 2}
LURES = [
    "refund",
    "invest",
    "guarantee",
    "profit",
    "police",
    "account",
    "verify",
    "code",
    "transfer",
    "order",
    "parcel",
    "customs",
    "bonus",
    "brush",
]
SMALL_TALK = [
    "hello",
    "meeting",
    "dinner",
    "thanks",
    "loan",
    "telegram",
    "vip",
    "click",
    "link",
    "ok",
    "tomorrow",
    "see",
    "you",
    "job",
    "parttime",
]

Wire = dict[str, Any]


class People:
    """The accounts of the workload and what stays the same about each."""

    def __init__(self, draw: random.Random, count: int) -> None:
        self.count = count
        self.weights = [rank**-0.8 for rank in range(1, count + 1)]
        self.born = [START_S - draw.random() ** 2 * 900 * 86_400 for _ in range(count)]
        self.home = draw.choices(list(COUNTRIES), list(COUNTRIES.values()), k=count)
        self.device = [draw.randrange(int(count * 1.2)) for _ in range(count)]


def iter_events(count: int, seed: int = 20191) -> Iterator[Wire]:
    """`count` events in time order, as parsed JSON."""
    draw = random.Random(seed)
    people = People(draw, max(200, count // 10))
    senders = draw.choices(range(people.count), people.weights, k=count)
    times = sorted(draw.random() * WEEK_S for _ in range(count))
    burst, left = 0, 0
    for number, (sender, offset) in enumerate(zip(senders, times, strict=True)):
        who = sender
        if left and draw.random() < 0.5:
            who, left = burst, left - 1
        elif draw.random() < 0.0005:
            burst, left = sender, draw.randrange(10, 60)
        yield _event(draw, people, number, who, START_S + offset)


def _event(draw: random.Random, people: People, number: int, sender: int, at: float) -> Wire:
    transfer = draw.random() < 0.55
    text = draw.choice(["", "rent", "refund deposit", "invest guarantee", "thanks"]) if transfer else _text(draw)
    popular = min(people.count - 1, int(draw.paretovariate(0.7) * people.count / 50))
    payee = popular if draw.random() < 0.3 else draw.randrange(people.count)
    device = people.device[sender] if draw.random() < 0.93 else draw.randrange(int(people.count * 1.2))
    home = people.home[sender]
    return {
        "id": f"e{number}",
        "ts": round(at, 3),
        "type": "transfer" if transfer else "message",
        "channel": draw.choice(["app", "web", "api", "mini"]),
        "user": {
            "id": f"u{sender}",
            "age_days": int((at - people.born[sender]) / 86_400),
            "country": home,
            "kyc": sender * 7919 % 4,
            "reports": draw.randrange(1, 9) if draw.random() < 0.1 else 0,
            "phone_verified": sender % 5 != 0,
            "role": "merchant" if sender % 17 == 0 else "person",
        },
        "device": {
            "id": f"d{device}",
            "emulator": draw.random() < 0.03,
            "rooted": draw.random() < 0.05,
            "os": draw.choice(["ios", "android", "win"]),
        },
        "ip": {
            "country": home if draw.random() < 0.9 else draw.choices(list(COUNTRIES), list(COUNTRIES.values()))[0],
            "vpn": draw.random() < 0.08,
            "asn": draw.randrange(1000, 1400),
        },
        "counterparty": {"id": f"u{payee}", "known": draw.random() < 0.6, "age_days": draw.randrange(900)},
        "amount": round(math.exp(draw.gauss(5.2, 1.4)), 2) if transfer else 0.0,
        "text": text,
        "urls": text.count("http"),
        "hour": int(at // 3600 + 8) % 24,
    }


def _text(draw: random.Random) -> str:
    words = [draw.choice(LURES + SMALL_TALK) for _ in range(draw.randrange(4, 22))]
    if draw.random() < 0.12:
        words.append(f"http://{draw.choice(LURES)}.top/{draw.randrange(999)}")
    return " ".join(words)


def options(about: str) -> argparse.Namespace:
    """The options that every benchmark shares."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--count", type=int, default=200_000, help="events to make")
    parser.add_argument("--events", type=Path, help="JSON Lines of the same shape, instead of making them")
    parser.add_argument("--rounds", type=int, default=5, help="medians are over so many rounds")
    parser.add_argument("--no-peers", action="store_true", help="ours and the plain Python only")
    return parser.parse_args()


def load(chosen: argparse.Namespace) -> list[Wire]:
    """The events that the options ask for."""
    if chosen.events:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        return [decode(line) for line in chosen.events.read_bytes().splitlines()]
    return list(iter_events(chosen.count))
