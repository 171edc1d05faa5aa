"""Six exact windows, one core, one event at a time (and in batch). Peers: deques by hand, bytewax, river."""

import json
import statistics

import numpy

from bench import measure
from bench.plain import FEATURES, DequeWindows
from bench.workload import load, options
from tocsin.app.bootstrap import make_decider
from tocsin.features.state import FeatureState
from tocsin.model.event import Event
from tocsin.rules.catalogue import Catalogue

PEER_EVENTS = 50_000


def fresh(catalogue: Catalogue) -> FeatureState:
    state = make_decider(catalogue, with_features=True).features
    state.warm()
    return state


def batch_inputs(state: FeatureState, parsed: list[Event]) -> "numpy.typing.NDArray[numpy.int64]":
    inputs = numpy.zeros((len(parsed), max(p.input_words for p in state.plan.programs.values())), numpy.int64)
    for number, event in enumerate(parsed):
        words = state.inputs_of(event.type, event.at, event.row)
        inputs[number, : len(words)] = words
    return inputs


def main() -> None:
    chosen = options(__doc__)
    events = load(chosen)
    catalogue = measure.load_pack()
    parsed = measure.parse(catalogue, [json.dumps(e).encode() for e in events])
    work = [(e.type, e.at, e.row) for e in parsed]
    first = fresh(catalogue)
    order = [str(output.feature.name) for output in first.plan.programs[parsed[0].type].outputs]
    picks = [order.index(name) for name in FEATURES]
    by_hand = DequeWindows()
    expected = [by_hand.step(event) for event in events]
    found = [first.step(*each) for each in work]
    equal = [tuple(values[pick] for pick in picks) for values in found] == expected
    inputs = batch_inputs(first, parsed)
    values, _ = fresh(catalogue).run(inputs)
    equal = equal and [tuple(row[pick] for pick in picks) for row in values.tolist()] == expected
    singles, batches, hands = [], [], []
    for _ in range(chosen.rounds):
        state, batch, hand = fresh(catalogue), fresh(catalogue), DequeWindows()
        singles.append(len(work) / measure.seconds(lambda state=state: [state.step(*each) for each in work]))
        batches.append(len(work) / measure.seconds(lambda batch=batch: batch.run(inputs)))
        hands.append(len(work) / measure.seconds(lambda hand=hand: [hand.step(event) for event in events]))
    peers = {"deques by hand": round(statistics.median(hands))}
    if not chosen.no_peers:
        equal = _peers(events[:PEER_EVENTS], expected[:PEER_EVENTS], peers) and equal
    timed = fresh(catalogue)
    p50, p99 = measure.latencies(lambda each: timed.step(*each), work)
    stats = timed.stats()
    result = {
        "events_per_s": round(statistics.median(singles)),
        "batch_events_per_s": round(statistics.median(batches)),
        "p50_us": p50,
        "p99_us": p99,
        "peers": peers,
        "equal": equal,
        "events": len(events),
        "entries_held": stats.entries,
        "bytes_per_entry": round(stats.used_bytes / max(1, stats.entries)),
        "bytes_reserved": stats.bytes,
    }
    measure.show("six windows", result, chosen.json)


def _peers(events: list, expected: list, peers: dict[str, int]) -> bool:  # type: ignore[type-arg]
    from bench.peers_windows import PEERS  # noqa: PLC0415 - in the benchmark environment only

    equal = True
    for name, run in PEERS.items():
        found: list = []  # type: ignore[type-arg]
        spent = measure.seconds(lambda run=run, found=found: found.extend(run(events)))
        equal = equal and found == expected
        peers[name] = round(len(events) / spent)
    return equal


if __name__ == "__main__":
    main()
