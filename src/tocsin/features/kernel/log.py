"""A cell, and its log: entries of the same key, sorted by time and then by arrival, in a ring that grows.

Entries are addressed by positions that only ever rise; the ring's slot is the position modulo its capacity.
"""

from typing import Final

from tocsin.features.kernel.accumulate import (
    DISTINCT,
    FEATURE_WORDS,
    KIND,
    MAX,
    MIN,
    PLACE,
    change,
    entry_of,
    ring_of,
)
from tocsin.features.kernel.compiled import compiled
from tocsin.features.kernel.extremum import SMALL, rebuild, refresh
from tocsin.features.kernel.memory import (
    CELL_CAPACITY,
    CELL_GROUP,
    CELL_HEAD,
    CELL_KEY,
    CELL_LOG,
    CELL_NEWEST,
    CELL_TAIL,
    CELLS,
    HAND,
    LATENESS,
    LIVE,
    NEWEST,
    State,
    Words,
    copy_words,
    give_back,
    size_class,
    take,
)
from tocsin.features.kernel.table import remove

# A group in the plan
GROUP_KIND: Final = 0
GROUP_COLUMNS: Final = 1
GROUP_LONGEST: Final = 2
GROUP_CLASS: Final = 3
GROUP_FEATURES: Final = 4
GROUP_FIRST: Final = 5

WINDOWED: Final = 0
SINCE: Final = 1
LATEST: Final = 2
"""Kinds of group: with windows; only the least time of each key; only the latest entries of each key."""


@compiled
def words_to_grow(s: State, cell: int) -> int:
    """Words that doubling a cell's log, with its trees, takes."""
    group = s.heap[cell + CELL_GROUP]
    capacity = 2 * s.heap[cell + CELL_CAPACITY]
    words = 1 << size_class(capacity * (s.plan[group + GROUP_COLUMNS] + 1))
    if capacity > SMALL:
        for i in range(s.plan[group + GROUP_FEATURES]):
            kind = s.plan[group + GROUP_FIRST + i * FEATURE_WORDS + KIND]
            if kind == MIN or kind == MAX:
                words += 1 << size_class(capacity)
    return words


@compiled
def grow(s: State, cell: int) -> None:
    """Doubles a cell's log. The caller has made sure that there is room."""
    group = s.heap[cell + CELL_GROUP]
    stride = s.plan[group + GROUP_COLUMNS] + 1
    old, capacity = s.heap[cell + CELL_LOG], s.heap[cell + CELL_CAPACITY]
    new = take(s.ctl, s.heap, size_class(2 * capacity * stride))
    for position in range(s.heap[cell + CELL_HEAD], s.heap[cell + CELL_TAIL]):
        source = old + (position & (capacity - 1)) * stride
        target = new + (position & (2 * capacity - 1)) * stride
        copy_words(s.heap, source, target, stride)
    give_back(s.ctl, s.heap, old, size_class(capacity * stride))
    s.heap[cell + CELL_LOG] = new
    s.heap[cell + CELL_CAPACITY] = 2 * capacity
    if 2 * capacity > SMALL:
        plant(s, cell)


@compiled
def plant(s: State, cell: int) -> None:
    """Gives each min and max of a cell a tree of the log's new capacity."""
    group = s.heap[cell + CELL_GROUP]
    capacity = s.heap[cell + CELL_CAPACITY]
    for i in range(s.plan[group + GROUP_FEATURES]):
        f = group + GROUP_FIRST + i * FEATURE_WORDS
        if s.plan[f + KIND] == MIN or s.plan[f + KIND] == MAX:
            state = cell + s.plan[f + PLACE]
            if s.heap[state + 2]:
                give_back(s.ctl, s.heap, s.heap[state + 2], size_class(capacity // 2))
            s.heap[state + 2] = take(s.ctl, s.heap, size_class(capacity))
            rebuild(ring_of(s, cell, f))


@compiled
def insert(s: State, inp: Words, cell: int, places: int) -> None:
    """Puts an event in its place: after all that are not later. There is room in the ring and, for every feature, in `pairs`.

    The plan's words from `places` on tell where in the input each column's value stands.
    """
    at = inp[1]
    group = s.heap[cell + CELL_GROUP]
    stride = s.plan[group + GROUP_COLUMNS] + 1
    tail = s.heap[cell + CELL_TAIL]
    position = tail
    while position > s.heap[cell + CELL_HEAD] and s.heap[entry_of(s, cell, position - 1)] > at:
        source = entry_of(s, cell, position - 1)
        target = entry_of(s, cell, position)
        copy_words(s.heap, source, target, stride)
        position -= 1
    entry = entry_of(s, cell, position)
    s.heap[entry] = at
    for column in range(1, stride):
        s.heap[entry + column] = inp[s.plan[places + column - 1]]
    s.heap[cell + CELL_TAIL] = tail + 1
    s.heap[cell + CELL_NEWEST] = max(s.heap[cell + CELL_NEWEST], at)
    s.ctl[LIVE] += 1
    if s.plan[group + GROUP_KIND] == WINDOWED:
        for i in range(s.plan[group + GROUP_FEATURES]):
            make_way(s, cell, group + GROUP_FIRST + i * FEATURE_WORDS, position)


@compiled
def make_way(s: State, cell: int, f: int, position: int) -> None:
    """Adjusts one feature to an entry that has come in at a position: its ends shift, or it takes the entry in."""
    state = cell + s.plan[f + PLACE]
    if position < s.heap[state + 1]:
        s.heap[state + 1] += 1
        if position <= s.heap[state]:
            s.heap[state] += 1
        else:
            change(s, cell, f, position, 1)
    if (s.plan[f + KIND] == MIN or s.plan[f + KIND] == MAX) and s.heap[state + 2]:
        ring = ring_of(s, cell, f)
        for moved in range(position, s.heap[cell + CELL_TAIL]):
            refresh(ring, moved & (ring.capacity - 1))


@compiled
def prune(s: State, cell: int, horizon: int) -> None:
    """Drops from a log what no future event can see: entries not after `horizon`, for LATEST all but the last of them."""
    group = s.heap[cell + CELL_GROUP]
    if s.plan[group + GROUP_KIND] == LATEST:
        head, tail = s.heap[cell + CELL_HEAD], s.heap[cell + CELL_TAIL]
        while head + 1 < tail and s.heap[entry_of(s, cell, head + 1)] <= horizon:
            head += 1
        s.ctl[LIVE] -= head - s.heap[cell + CELL_HEAD]
        s.heap[cell + CELL_HEAD] = head
        return
    while s.heap[cell + CELL_HEAD] < s.heap[cell + CELL_TAIL]:
        head = s.heap[cell + CELL_HEAD]
        if s.heap[entry_of(s, cell, head)] > horizon:
            return
        for i in range(s.plan[group + GROUP_FEATURES]):
            let_go(s, cell, group + GROUP_FIRST + i * FEATURE_WORDS, head)
        s.heap[cell + CELL_HEAD] = head + 1
        s.ctl[LIVE] -= 1


@compiled
def let_go(s: State, cell: int, f: int, head: int) -> None:
    """Takes the oldest entry out of one feature before it is dropped."""
    state = cell + s.plan[f + PLACE]
    if s.heap[state] == head:
        if s.heap[state + 1] > head:
            change(s, cell, f, head, -1)
        else:
            s.heap[state + 1] = head + 1
        s.heap[state] = head + 1


@compiled
def open_cell(s: State, group: int, key: int, at: int) -> int:
    """A new cell with the smallest log; there is room for both."""
    cell = take(s.ctl, s.heap, s.plan[group + GROUP_CLASS])
    s.heap[cell + CELL_KEY] = key
    s.heap[cell + CELL_GROUP] = group
    if s.plan[group + GROUP_KIND] == SINCE:
        s.heap[cell + CELL_LOG] = at
        return cell
    stride = s.plan[group + GROUP_COLUMNS] + 1
    capacity = 1
    while 2 * capacity * stride <= 8:
        capacity *= 2
    s.heap[cell + CELL_LOG] = take(s.ctl, s.heap, size_class(capacity * stride))
    s.heap[cell + CELL_CAPACITY] = capacity
    return cell


@compiled
def evict(s: State) -> None:
    """Looks at one place of the cells, and closes the cell there if nothing in it can be seen any more."""
    place = s.ctl[HAND] & (len(s.cells) // 2 - 1)
    s.ctl[HAND] = place + 1
    if s.cells[2 * place] == 0:
        return
    cell = s.cells[2 * place + 1]
    group = s.heap[cell + CELL_GROUP]
    if s.plan[group + GROUP_KIND] != WINDOWED:
        return
    if s.heap[cell + CELL_NEWEST] > s.ctl[NEWEST] - s.ctl[LATENESS] - s.plan[group + GROUP_LONGEST]:
        return
    close_cell(s, cell)
    remove(s.cells, place)
    s.ctl[CELLS] -= 1
    s.ctl[HAND] = place


@compiled
def close_cell(s: State, cell: int) -> None:
    """Gives back everything that a cell holds."""
    group = s.heap[cell + CELL_GROUP]
    capacity = s.heap[cell + CELL_CAPACITY]
    for i in range(s.plan[group + GROUP_FEATURES]):
        f = group + GROUP_FIRST + i * FEATURE_WORDS
        state = cell + s.plan[f + PLACE]
        if s.plan[f + KIND] == DISTINCT:
            for position in range(s.heap[state], s.heap[state + 1]):
                change(s, cell, f, position, -1)
        elif (s.plan[f + KIND] == MIN or s.plan[f + KIND] == MAX) and s.heap[state + 2]:
            give_back(s.ctl, s.heap, s.heap[state + 2], size_class(capacity))
    s.ctl[LIVE] -= s.heap[cell + CELL_TAIL] - s.heap[cell + CELL_HEAD]
    give_back(s.ctl, s.heap, s.heap[cell + CELL_LOG], size_class(capacity * (s.plan[group + GROUP_COLUMNS] + 1)))
    give_back(s.ctl, s.heap, cell, s.plan[group + GROUP_CLASS])
