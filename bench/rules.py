"""Twenty rules, one core: parsed event in, reasons out. Peers: the hand-written function and four rule engines."""

import json

from bench import measure
from bench.plain import rules_by_hand
from bench.workload import load, options
from tocsin.app.bootstrap import make_detectors
from tocsin.decide.plan import make_plan

PEER_EVENTS = 20_000


def main() -> None:
    chosen = options(__doc__)
    events = load(chosen)
    catalogue = measure.load_pack()
    plan = make_plan(catalogue, make_detectors())
    parsed = measure.parse(catalogue, [json.dumps(e).encode() for e in events])
    work = [(plan.types[e.type].evaluate, e.row) for e in parsed]
    names = [term.id for term in plan.types[parsed[0].type].terms]

    def ours() -> None:
        for evaluate, row in work:
            evaluate(row, ())

    def by_hand() -> None:
        for event in events:
            rules_by_hand(event)

    expected = [rules_by_hand(event) for event in events]
    equal = [[names[i] for i, _ in evaluate(row, ())] for evaluate, row in work] == expected
    ratio = []
    for _ in range(chosen.rounds):
        ratio.append((len(events) / measure.seconds(ours), len(events) / measure.seconds(by_hand)))
    ratio.sort(key=lambda pair: pair[0] / pair[1])
    speed, hand = ratio[len(ratio) // 2]
    peers = {"hand-written Python": round(hand)}
    if not chosen.no_peers:
        equal = _peers(events[:PEER_EVENTS], expected, peers) and equal
    p50, p99 = measure.latencies(lambda pair: pair[0](pair[1], ()), work)
    result = {
        "events_per_s": round(speed),
        "p50_us": p50,
        "p99_us": p99,
        "peers": peers,
        "equal": equal,
        "events": len(events),
    }
    measure.show("20 rules", result, chosen.json)


def _peers(events: list, expected: list, peers: dict[str, int]) -> bool:  # type: ignore[type-arg]
    from bench.peers_rules import PEERS  # noqa: PLC0415 - in the benchmark environment only

    equal = True
    for name, make in PEERS.items():
        peer = make()
        equal = equal and [peer(event) for event in events] == expected[: len(events)]
        peers[name] = round(measure.median_speed(lambda peer=peer: [peer(event) for event in events], len(events), 3))
    return equal


if __name__ == "__main__":
    main()
