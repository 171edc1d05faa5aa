"""How the state lies in arrays, and the memory that cells and logs are taken from.

Four arrays of int64: `ctl` (control words), `cells` and `pairs` (hash tables, see table.py) and `heap` (blocks of 2**k
words with a free list for each k). Nothing here knows what a feature means.
"""

from typing import Final, NamedTuple

import numpy
from numpy.typing import NDArray

from tocsin.features.kernel.compiled import compiled

Words = NDArray[numpy.int64]


class State(NamedTuple):
    """The arrays of one state, as the kernel hands them around. A tuple, because numba takes those apart for nothing."""

    ctl: Words
    plan: Words
    cells: Words
    pairs: Words
    heap: Words


NULL: Final = -(2**63)
OVERFLOW: Final = -(2**63) + 1
WAIT: Final = -(2**63) + 2
"""Values that no feature can have: nothing there; a sum that no decimal can show; not yet, a table must grow first."""

# Control words
NEWEST: Final = 0
HEAP_TOP: Final = 1
CELLS: Final = 2
PAIRS: Final = 3
HAND: Final = 4
RESUME: Final = 5
LATE: Final = 6
LIVE: Final = 7
LATENESS: Final = 8
STATUS: Final = 9
OUTPUTS: Final = 10
TOUCHED: Final = 11
OPENED: Final = 12
INPUTS: Final = 13
FREE: Final = 16
FOUND: Final = 64
"""From here on stands the cell of each step of the event in hand, as many as the longest program has; then its inputs."""

# A cell: what is kept for one key of one group
CELL_KEY: Final = 0
CELL_GROUP: Final = 1
CELL_LOG: Final = 2
CELL_CAPACITY: Final = 3
CELL_HEAD: Final = 4
CELL_TAIL: Final = 5
CELL_NEWEST: Final = 6
CELL_FEATURES: Final = 7

# What the kernel answers
OK: Final = 0
SOME_NULL: Final = 1
TOO_LATE: Final = 2
GROW_CELLS: Final = -1
GROW_PAIRS: Final = -2
GROW_HEAP: Final = -3


@compiled
def next_step(s: State, step: int) -> int:
    """The step after this one: group, key, feed, reads, columns, a place for each column, two words for each read."""
    return step + 5 + s.plan[step + 4] + 2 * s.plan[step + 3]


@compiled
def size_class(words: int) -> int:
    """The k of the smallest block of 2**k words that holds `words`; 2 at least."""
    k = 2
    while (1 << k) < words:
        k += 1
    return k


@compiled
def has_room(ctl: Words, heap: Words, words: int) -> bool:
    """Whether blocks of so many words together can be taken without growing the heap."""
    return ctl[HEAP_TOP] + words <= len(heap)


@compiled
def take(ctl: Words, heap: Words, k: int) -> int:
    """The place of a zeroed block of 2**k words. The caller has made sure that there is room."""
    place = ctl[FREE + k]
    if place:
        ctl[FREE + k] = heap[place]
    else:
        place = ctl[HEAP_TOP]
        ctl[HEAP_TOP] += 1 << k
    for word in range(place, place + (1 << k)):
        heap[word] = 0
    return place


@compiled
def copy_words(heap: Words, source: int, target: int, count: int) -> None:
    """Copies words that do not overlap. (A slice assignment would make a temporary copy each time.)"""
    for i in range(count):
        heap[target + i] = heap[source + i]


@compiled
def give_back(ctl: Words, heap: Words, place: int, k: int) -> None:
    """Returns a block to the free list of its size."""
    heap[place] = ctl[FREE + k]
    ctl[FREE + k] = place
