"""The least or greatest value between two places of a log.

A segment tree over the places of the ring: node i is over nodes 2i and 2i+1, the leaves are the ring itself. Both ends
of a window may move either way, which a queue of candidates could not follow. Rings of up to SMALL entries have no
tree; they are read through.
"""

from typing import Final, NamedTuple

from tocsin.features.kernel.compiled import compiled
from tocsin.features.kernel.memory import Words

SMALL: Final = 16


class Ring(NamedTuple):
    """One column of a ring with its tree: `first` is the place of the column in slot 0, `tree` 0 where there is none."""

    heap: Words
    tree: int
    first: int
    stride: int
    capacity: int
    greatest: bool


@compiled
def better(r: Ring, a: int, b: int) -> int:
    """The greater or the lesser of two, as the ring asks."""
    return max(a, b) if r.greatest else min(a, b)


@compiled
def node(r: Ring, i: int) -> int:
    """The value of node i; nodes from the capacity on are the ring's slots."""
    if i >= r.capacity:
        return r.heap[r.first + (i - r.capacity) * r.stride]
    return r.heap[r.tree + i]


@compiled
def refresh(r: Ring, slot: int) -> None:
    """Brings the path above one slot up to date."""
    i = (r.capacity + slot) >> 1
    while i >= 1:
        r.heap[r.tree + i] = better(r, node(r, 2 * i), node(r, 2 * i + 1))
        i >>= 1


@compiled
def rebuild(r: Ring) -> None:
    """Computes every node anew."""
    for i in range(r.capacity - 1, 0, -1):
        r.heap[r.tree + i] = better(r, node(r, 2 * i), node(r, 2 * i + 1))


@compiled
def over_slots(r: Ring, first: int, end: int) -> int:
    """The extremum over slots first..end-1 (at least one)."""
    best = node(r, r.capacity + first)
    if r.tree == 0:
        for slot in range(first + 1, end):
            best = better(r, best, node(r, r.capacity + slot))
        return best
    low = first + r.capacity
    high = end + r.capacity
    while low < high:
        if low & 1:
            best = better(r, best, node(r, low))
            low += 1
        if high & 1:
            high -= 1
            best = better(r, best, node(r, high))
        low >>= 1
        high >>= 1
    return best


@compiled
def over_range(r: Ring, low: int, high: int) -> int:
    """The extremum over log positions low..high-1, which may go round the end of the ring."""
    first = low & (r.capacity - 1)
    count = high - low
    if first + count <= r.capacity:
        return over_slots(r, first, first + count)
    return better(r, over_slots(r, first, r.capacity), over_slots(r, 0, first + count - r.capacity))
