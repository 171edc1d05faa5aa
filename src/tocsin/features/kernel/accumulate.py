"""What one windowed feature holds for one key, and how its window moves.

A feature's state is two positions in its group's log, `low` and `high`, and sums over the entries between them that can
be taken back exactly. To read at time t the two ends roll, either way, until exactly the entries with time in (t -
window, t] are between them.
"""

from typing import Final

from tocsin.features.kernel.compiled import compiled
from tocsin.features.kernel.extremum import Ring, over_range
from tocsin.features.kernel.memory import (
    CELL_CAPACITY,
    CELL_GROUP,
    CELL_HEAD,
    CELL_KEY,
    CELL_LOG,
    CELL_TAIL,
    GROW_PAIRS,
    NULL,
    OK,
    OVERFLOW,
    PAIRS,
    State,
)
from tocsin.features.kernel.table import find, is_full, mix, remove

# A feature in the plan
KIND: Final = 0
WINDOW: Final = 1
COLUMN: Final = 2
PLACE: Final = 3
NUMBER: Final = 4
WHOLE: Final = 5
FEATURE_WORDS: Final = 6

COUNT: Final = 0
DISTINCT: Final = 1
SUM: Final = 2
AVG: Final = 3
MIN: Final = 4
MAX: Final = 5
STDDEV: Final = 6
LAST: Final = 7
AGE: Final = 8

LIMIT: Final = 10**18
LOW_32: Final = (1 << 32) - 1
LOW_40: Final = (1 << 40) - 1
LOW_20: Final = (1 << 20) - 1


@compiled
def count_value(s: State, cell: int, f: int, value: int, sign: int) -> None:
    """Adds one value to, or takes it from, the counts behind count(distinct). There is room for one more."""
    state = cell + s.plan[f + PLACE]
    key = mix(s.heap[cell + CELL_KEY] + s.plan[f + NUMBER], value)
    place = find(s.pairs, key)
    if sign > 0:
        if place < 0:
            place = -1 - place
            s.pairs[2 * place] = key
            s.ctl[PAIRS] += 1
            s.heap[state + 2] += 1
        s.pairs[2 * place + 1] += 1
    elif s.pairs[2 * place + 1] == 1:
        remove(s.pairs, place)
        s.ctl[PAIRS] -= 1
        s.heap[state + 2] -= 1
    else:
        s.pairs[2 * place + 1] -= 1


@compiled
def add_square(s: State, at: int, value: int, sign: int) -> None:
    """Adds the square of a value below 2**60 to a number of three limbs of 40 bits."""
    v = abs(value)
    a, b, c = v >> 40, (v >> 20) & LOW_20, v & LOW_20
    s.heap[at] += sign * (c * c + (((2 * b * c) & LOW_20) << 20))
    s.heap[at + 1] += sign * (((2 * b * c) >> 20) + 2 * a * c + b * b + (((2 * a * b) & LOW_20) << 20))
    s.heap[at + 2] += sign * (((2 * a * b) >> 20) + a * a)
    s.heap[at + 1] += s.heap[at] >> 40
    s.heap[at] &= LOW_40
    s.heap[at + 2] += s.heap[at + 1] >> 40
    s.heap[at + 1] &= LOW_40


@compiled
def change(s: State, cell: int, f: int, position: int, sign: int) -> None:
    """Lets one entry of the log into the sums of feature `f` (sign 1), or takes it out (sign -1)."""
    kind = s.plan[f + KIND]
    if kind == DISTINCT or kind == SUM or kind == AVG or kind == STDDEV:
        state = cell + s.plan[f + PLACE]
        value = s.heap[entry_of(s, cell, position) + s.plan[f + COLUMN]]
        if kind == DISTINCT:
            count_value(s, cell, f, value, sign)
        else:
            s.heap[state + 2] += sign * (value >> 32)
            s.heap[state + 3] += sign * (value & LOW_32)
            if kind == STDDEV:
                add_square(s, state + 4, value, sign)


@compiled
def entry_of(s: State, cell: int, position: int) -> int:
    """The place in the heap of the entry at a position of a cell's log."""
    stride = s.plan[s.heap[cell + CELL_GROUP] + 1] + 1
    return s.heap[cell + CELL_LOG] + (position & (s.heap[cell + CELL_CAPACITY] - 1)) * stride


@compiled
def roll(s: State, cell: int, f: int, at: int) -> int:
    """Moves the window of feature `f` to end at time `at`. Stops with GROW_PAIRS in a state from which it can go on."""
    state = cell + s.plan[f + PLACE]
    start = at - s.plan[f + WINDOW]
    distinct = s.plan[f + KIND] == DISTINCT
    low, high = s.heap[state], s.heap[state + 1]
    head, tail = s.heap[cell + CELL_HEAD], s.heap[cell + CELL_TAIL]
    log, last_slot = s.heap[cell + CELL_LOG], s.heap[cell + CELL_CAPACITY] - 1
    stride = s.plan[s.heap[cell + CELL_GROUP] + 1] + 1
    while low > head and s.heap[log + ((low - 1) & last_slot) * stride] > start:
        if distinct and is_full(s.pairs, s.ctl[PAIRS], 1):
            return GROW_PAIRS
        low -= 1
        s.heap[state] = low
        change(s, cell, f, low, 1)
    while high < tail and s.heap[log + (high & last_slot) * stride] <= at:
        if distinct and is_full(s.pairs, s.ctl[PAIRS], 1):
            return GROW_PAIRS
        change(s, cell, f, high, 1)
        high += 1
        s.heap[state + 1] = high
    while low < high and s.heap[log + (low & last_slot) * stride] <= start:
        change(s, cell, f, low, -1)
        low += 1
        s.heap[state] = low
    while high > low and s.heap[log + ((high - 1) & last_slot) * stride] > at:
        high -= 1
        s.heap[state + 1] = high
        change(s, cell, f, high, -1)
    return OK


@compiled
def total_of(s: State, state: int) -> int:
    """The sum behind sum() and avg(), or OVERFLOW."""
    high = s.heap[state + 2] + (s.heap[state + 3] >> 32)
    low = s.heap[state + 3] & LOW_32
    if not -(LIMIT >> 32) - 2 < high < (LIMIT >> 32) + 2:
        return OVERFLOW
    total = (high << 32) + low
    return total if -LIMIT < total < LIMIT else OVERFLOW


@compiled
def mean_of(total: int, count: int, whole: bool) -> int:
    """total / count in units of 1/10000, rounded half away from zero; `whole` totals are in ones."""
    size = abs(total)
    quotient, rest = size // count, size % count
    if whole:
        if quotient >= LIMIT // 10_000:
            return OVERFLOW
        quotient, rest = quotient * 10_000 + rest * 10_000 // count, rest * 10_000 % count
    if 2 * rest >= count:
        quotient += 1
    return quotient if total >= 0 else -quotient


@compiled
def ring_of(s: State, cell: int, f: int) -> Ring:
    """The column that a min or max looks through."""
    first = s.heap[cell + CELL_LOG] + s.plan[f + COLUMN]
    stride = s.plan[s.heap[cell + CELL_GROUP] + 1] + 1
    tree = s.heap[cell + s.plan[f + PLACE] + 2]
    return Ring(s.heap, tree, first, stride, s.heap[cell + CELL_CAPACITY], s.plan[f + KIND] == MAX)


@compiled
def value_of(s: State, cell: int, f: int, at: int) -> int:
    """The value of feature `f`, whose window ends at `at`; of stddev the count (`square_words` gives the rest)."""
    state = cell + s.plan[f + PLACE]
    kind = s.plan[f + KIND]
    low, high = s.heap[state], s.heap[state + 1]
    if kind == DISTINCT:
        return s.heap[state + 2]
    if kind == SUM:
        return total_of(s, state)
    if kind == COUNT:
        return high - low
    if low == high:
        return NULL
    if kind == AVG:
        total = total_of(s, state)
        return total if total == OVERFLOW else mean_of(total, high - low, s.plan[f + WHOLE] == 1)
    if kind == STDDEV:
        return high - low
    if kind == LAST:
        return s.heap[entry_of(s, cell, high - 1) + s.plan[f + COLUMN]]
    if kind == AGE:
        return at - s.heap[entry_of(s, cell, low)]
    return over_range(ring_of(s, cell, f), low, high)
