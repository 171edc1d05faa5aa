"""The six windows in stream libraries. Each peer takes all events and gives the six values of each."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from river import stats, utils

from bench.plain import Deque

Wire = dict[str, Any]
Values = tuple[int, ...]


def by_bytewax(events: list[Wire]) -> list[Values]:
    """Three keyed stateful steps side by side: by user, by device, by counterparty. Each keeps the order within a key,
    and none keeps it between keys, so that the answers are put together by the event's place.
    """
    flow = Dataflow("six_windows")
    stream: Any = op.input("in", flow, TestingSource(list(enumerate(events)), batch_size=1000))
    parts = []
    for name, path, step in (
        ("user", "user", _user),
        ("device", "device", _people),
        ("other", "counterparty", _people),
    ):
        keyed = op.key_on(f"key_{name}", stream, lambda pair, path=path: pair[1][path]["id"])
        answered = op.stateful_map(name, keyed, step)
        parts.append(found_by := list[tuple[str, tuple[int, Values]]]())
        op.output(f"out_{name}", answered, TestingSink(found_by))  # type: ignore[arg-type]
    run_main(flow)
    by_place = [dict(pair for _, pair in part) for part in parts]
    return [tuple(value for part in by_place for value in part[place]) for place in range(len(events))]


def _user(state: Any, pair: tuple[int, Wire]) -> tuple[Any, tuple[int, Values]]:
    place, e = pair
    hour, parties, total, recent = state or (Deque(), Deque(), Deque(), Deque())
    at = e["ts"]
    hour.drop(at - 3_600)
    parties.drop(at - 86_400)
    total.drop(at - 86_400)
    recent.drop(at - 600)
    values = (len(hour.entries), len(parties.counts), total.total, len(recent.entries))
    hour.add(at, 0)
    parties.add(at, e["counterparty"]["id"])
    total.add(at, round(e["amount"] * 10_000))
    if e["type"] == "transfer":
        recent.add(at, 0)
    return (hour, parties, total, recent), (place, values)


def _people(state: Any, pair: tuple[int, Wire]) -> tuple[Any, tuple[int, Values]]:
    place, e = pair
    window = state or Deque()
    window.drop(e["ts"] - 86_400)
    values = (len(window.counts),)
    window.add(e["ts"], e["user"]["id"])
    return window, (place, values)


class Distinct(stats.base.Univariate):  # type: ignore[misc]
    """An exact distinct count that can be rolled; river has none."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def update(self, x: str) -> None:
        self.counts[x] += 1

    def revert(self, x: str) -> None:
        self.counts[x] -= 1
        if not self.counts[x]:
            del self.counts[x]

    def get(self) -> int:
        return len(self.counts)


def _rolling(make: Any, span: float) -> Any:
    return defaultdict(lambda: utils.TimeRolling(make, period=timedelta(seconds=span)))


def by_river(events: list[Wire]) -> list[Values]:
    """river's TimeRolling over its own Count-like sums; a window is brought to the event's time before it is read."""
    hour, recent, total = _rolling(stats.Sum, 3_600), _rolling(stats.Sum, 600), _rolling(stats.Sum, 86_400)
    parties, people, payers = (_rolling(Distinct, 86_400) for _ in range(3))
    found = []
    for e in events:
        at = datetime.fromtimestamp(e["ts"], UTC).replace(tzinfo=None)
        user, device, other = e["user"]["id"], e["device"]["id"], e["counterparty"]["id"]
        windows = [hour[user], parties[user], total[user], recent[user], people[device], payers[other]]
        for window in windows:
            _advance(window, at)
        found.append(tuple(int(window.get()) for window in windows))
        hour[user].update(1, t=at)
        parties[user].update(other, t=at)
        total[user].update(round(e["amount"] * 10_000), t=at)
        if e["type"] == "transfer":
            recent[user].update(1, t=at)
        people[device].update(user, t=at)
        payers[other].update(user, t=at)
    return found


def _advance(window: Any, at: datetime) -> None:
    """TimeRolling forgets only when it is updated; this is what its own update does before it adds."""
    while window._timestamps and window._timestamps[0] <= at - window.period:
        args, kwargs = window._datum[0]
        window.obj.revert(*args, **kwargs)
        del window._timestamps[0], window._datum[0]


PEERS = {"bytewax": by_bytewax, "river": by_river}
