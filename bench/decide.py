"""The whole decision in process, one core: JSON bytes in, six windows and twenty rules, JSON bytes out. Peer: the same
by hand."""

import json
import statistics
from typing import Any

import msgspec

from bench import measure
from bench.plain import FEATURES, DequeWindows, rules_by_hand
from bench.workload import load, options
from tocsin.app.bootstrap import make_decider, settle_memory
from tocsin.ingest.reader import EventReader
from tocsin.rules.catalogue import Catalogue


class Ours:
    """Bytes in, bytes out."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.reader = EventReader(catalogue.types)
        self.decider = make_decider(catalogue, with_features=True)
        self.decider.features.warm()
        self.encode = msgspec.json.Encoder(decimal_format="number").encode

    def decide(self, line: bytes) -> bytes:
        return self.encode(self.decider.decide(self.reader.read_json(line)))


class ByHand:
    """json, deques and if statements; no reasons, no checks."""

    def __init__(self) -> None:
        self.windows = DequeWindows()

    def decide(self, line: bytes) -> bytes:
        event = json.loads(line)
        values = dict(zip(FEATURES, self.windows.step(event), strict=True))
        return json.dumps({"event_id": event["id"], "fired": rules_by_hand(event), "features": values}).encode()


def same(ours: dict[str, Any], hand: dict[str, Any]) -> bool:
    features = dict(ours["features"])
    features["sum_24h"] = round(features["sum_24h"] * 10_000)
    return [rule["rule"] for rule in ours["fired"]] == hand["fired"] and features == hand["features"]


def main() -> None:
    chosen = options(__doc__)
    lines = [json.dumps(event).encode() for event in load(chosen)]
    catalogue = measure.load_pack()
    ours, hand = Ours(catalogue), ByHand()
    equal = all(same(json.loads(ours.decide(line)), json.loads(hand.decide(line))) for line in lines)
    settle_memory()
    speeds, hands = [], []
    for _ in range(chosen.rounds):
        one, other = Ours(catalogue), ByHand()
        speeds.append(len(lines) / measure.seconds(lambda one=one: [one.decide(line) for line in lines]))
        hands.append(len(lines) / measure.seconds(lambda other=other: [other.decide(line) for line in lines]))
    p50, p99 = measure.latencies(Ours(catalogue).decide, lines)
    result = {
        "events_per_s": round(statistics.median(speeds)),
        "p50_us": p50,
        "p99_us": p99,
        "peers": {"hand-written Python": round(statistics.median(hands))},
        "equal": equal,
        "events": len(lines),
    }
    measure.show("the whole decision", result, chosen.json)


if __name__ == "__main__":
    main()
