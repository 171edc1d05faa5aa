"""The kernel: one event's reads and feeds, called singly or over a batch.

Receives the state's arrays, a plan (see plan.py) and an event's keys and arguments as words. Gives the values of the
features that are read. An event reads first and feeds afterwards. Where a table or the heap must grow, the kernel stops
before it has changed anything of that step, says which (a negative answer), and is called again with the same event.
"""

from typing import Final

from tocsin.features.kernel.accumulate import (
    COLUMN,
    FEATURE_WORDS,
    KIND,
    PLACE,
    STDDEV,
    SUM,
    entry_of,
    roll,
    value_of,
)
from tocsin.features.kernel.compiled import compiled
from tocsin.features.kernel.log import (
    GROUP_CLASS,
    GROUP_COLUMNS,
    GROUP_FEATURES,
    GROUP_FIRST,
    GROUP_KIND,
    GROUP_LONGEST,
    LATEST,
    SINCE,
    evict,
    grow,
    insert,
    open_cell,
    prune,
    words_to_grow,
)
from tocsin.features.kernel.memory import (
    CELL_CAPACITY,
    CELL_GROUP,
    CELL_HEAD,
    CELL_LOG,
    CELL_NEWEST,
    CELL_TAIL,
    CELLS,
    FOUND,
    GROW_CELLS,
    GROW_HEAP,
    GROW_PAIRS,
    HAND,
    INPUTS,
    LATE,
    LATENESS,
    NEWEST,
    NULL,
    OK,
    OPENED,
    OUTPUTS,
    OVERFLOW,
    PAIRS,
    RESUME,
    SOME_NULL,
    STATUS,
    TOO_LATE,
    TOUCHED,
    WAIT,
    State,
    Words,
    has_room,
    next_step,
)
from tocsin.features.kernel.prefetch import AHEAD, fetch_cells, fetch_logs, fetch_places
from tocsin.features.kernel.table import find, is_full, mix

SWEPT: Final = 4
"""Places looked at for each cell that is opened. A table that may be three fifths full is gone round once while a quarter of
it is opened anew, so that cells which can no longer be seen never make it grow: two places would not be enough."""


@compiled
def advance(s: State, inp: Words, out: Words) -> int:
    """One event. inp[0] is its program in the plan, inp[1] its time, then the words that its steps point to.

    Answers OK, SOME_NULL (a value is NULL or OVERFLOW or is to be finished), TOO_LATE, or which array must grow.
    """
    at = inp[1]
    if s.ctl[RESUME] == 0:
        if at < s.ctl[NEWEST] - s.ctl[LATENESS]:
            s.ctl[LATE] += 1
            s.ctl[STATUS] = TOO_LATE
            return TOO_LATE
        look_up(s, inp)
        status = read_all(s, inp, out)
        if status < 0:
            return status
        s.ctl[STATUS] = status
        s.ctl[RESUME] = 1
        s.ctl[NEWEST] = max(s.ctl[NEWEST], at)
    answer = feed_all(s, inp)
    if answer < 0:
        return answer
    s.ctl[RESUME] = 0
    for _ in range(max(1, SWEPT * s.ctl[OPENED])):
        evict(s)
    s.ctl[OPENED] = 0
    return s.ctl[STATUS]


@compiled
def look_up(s: State, inp: Words) -> None:
    """Finds the cell of each step, and touches what will be read there.

    The steps' cells lie far apart. Asking for all of them before any is used lets the processor fetch them together.
    """
    touched = 0
    step = inp[0] + 1
    for number in range(s.plan[inp[0]]):
        key = inp[s.plan[step + 1]]
        cell = 0
        if key:
            place = find(s.cells, mix(key, s.plan[step]))
            cell = s.cells[2 * place + 1] if place >= 0 else 0
        s.ctl[FOUND + number] = cell
        step = next_step(s, step)
    for number in range(s.plan[inp[0]]):
        touched ^= s.heap[s.ctl[FOUND + number] + CELL_TAIL]
    hand = s.ctl[HAND] & (len(s.cells) // 2 - 1)
    touched ^= s.heap[s.cells[2 * hand + 1] + CELL_NEWEST]
    for number in range(s.plan[inp[0]]):
        cell = s.ctl[FOUND + number]
        touched ^= s.heap[s.heap[cell + CELL_LOG]] if cell and s.heap[cell + CELL_CAPACITY] else 0
    s.ctl[TOUCHED] = touched


@compiled
def read_all(s: State, inp: Words, out: Words) -> int:
    """Every read of the event's program."""
    status = OK
    at = inp[1]
    step = inp[0] + 1
    for number in range(s.plan[inp[0]]):
        group, reads = s.plan[step], s.plan[step + 3]
        if reads:
            key = inp[s.plan[step + 1]]
            first = step + 5 + s.plan[step + 4]
            cell = s.ctl[FOUND + number]
            for i in range(reads):
                f = group + GROUP_FIRST + s.plan[first + 2 * i] * FEATURE_WORDS
                target = s.plan[first + 2 * i + 1]
                value = 0 if key and s.plan[f + KIND] <= SUM else NULL
                if cell:
                    value = read_one(s, at, cell, f)
                    if value == WAIT:
                        return GROW_PAIRS
                out[target] = value
                if s.plan[f + KIND] == STDDEV and cell:
                    state = cell + s.plan[f + PLACE]
                    for word in range(5):
                        out[target + 1 + word] = s.heap[state + 2 + word]
                if value <= OVERFLOW or s.plan[f + KIND] > SUM:
                    status = SOME_NULL
        step = next_step(s, step)
    return status


@compiled
def read_one(s: State, at: int, cell: int, f: int) -> int:
    """The value of one feature in one cell at the event's time, or WAIT until there is room to roll its window."""
    kind = s.plan[s.heap[cell + CELL_GROUP] + GROUP_KIND]
    if kind == SINCE:
        return at - s.heap[cell + CELL_LOG] if s.heap[cell + CELL_LOG] <= at else NULL
    if kind == LATEST:
        position = s.heap[cell + CELL_TAIL] - 1
        while position >= s.heap[cell + CELL_HEAD] and s.heap[entry_of(s, cell, position)] > at:
            position -= 1
        if position < s.heap[cell + CELL_HEAD]:
            return NULL
        return s.heap[entry_of(s, cell, position) + s.plan[f + COLUMN]]
    if roll(s, cell, f, at) < 0:
        return WAIT
    return value_of(s, cell, f, at)


@compiled
def feed_all(s: State, inp: Words) -> int:
    """Every feed of the event's program, from where it stopped."""
    step = inp[0] + 1
    for number in range(1, s.plan[inp[0]] + 1):
        feeds = s.plan[step + 2]
        if number >= s.ctl[RESUME] and feeds and inp[feeds] and inp[s.plan[step + 1]]:
            answer = feed(s, inp, step, s.ctl[FOUND + number - 1])
            if answer < 0:
                s.ctl[RESUME] = number
                return answer
        step = next_step(s, step)
    return OK


@compiled
def feed(s: State, inp: Words, step: int, cell: int) -> int:
    """Lets the event into the log of one cell; `cell` is 0 where the key was not known yet."""
    at = inp[1]
    group = s.plan[step]
    if cell == 0:
        key = mix(inp[s.plan[step + 1]], group)
        found = find(s.cells, key)
        if found >= 0:
            cell = s.cells[2 * found + 1]
        else:
            if is_full(s.cells, s.ctl[CELLS], 1):
                return GROW_CELLS
            if not has_room(s.ctl, s.heap, (1 << s.plan[group + GROUP_CLASS]) + 8 + 2 * s.plan[group + GROUP_COLUMNS]):
                return GROW_HEAP
            cell = open_cell(s, group, key, at)
            found = -1 - found
            s.cells[2 * found] = key
            s.cells[2 * found + 1] = cell
            s.ctl[CELLS] += 1
            s.ctl[OPENED] += 1
    if s.plan[group + GROUP_KIND] == SINCE:
        s.heap[cell + CELL_LOG] = min(s.heap[cell + CELL_LOG], at)
        return OK
    prune(s, cell, s.ctl[NEWEST] - s.ctl[LATENESS] - s.plan[group + GROUP_LONGEST])
    if is_full(s.pairs, s.ctl[PAIRS], s.plan[group + GROUP_FEATURES]):
        return GROW_PAIRS
    if s.heap[cell + CELL_TAIL] - s.heap[cell + CELL_HEAD] == s.heap[cell + CELL_CAPACITY]:
        if not has_room(s.ctl, s.heap, words_to_grow(s, cell)):
            return GROW_HEAP
        grow(s, cell)
    insert(s, inp, cell, step + 5)
    return OK


@compiled
def advance_one(io: Words, plan: Words, cells: Words, pairs: Words, heap: Words) -> int:
    """One event, its control words, inputs and outputs in one array: fewer arrays make a quicker call."""
    inputs, outputs = io[INPUTS], io[OUTPUTS]
    return advance(State(io[:inputs], plan, cells, pairs, heap), io[inputs:outputs], io[outputs:])


@compiled
def peek_one(io: Words, plan: Words, cells: Words, pairs: Words, heap: Words) -> int:
    """What one event would read, as `advance_one` takes it. Windows may roll to its time and back; nothing enters them."""
    inputs, outputs = io[INPUTS], io[OUTPUTS]
    s = State(io[:inputs], plan, cells, pairs, heap)
    look_up(s, io[inputs:outputs])
    return read_all(s, io[inputs:outputs], io[outputs:])


@compiled
def advance_many(s: State, first: int, inputs: Words, values: Words, statuses: Words) -> int:
    """Events `first`... of a batch, a row of inputs and of values each. Answers how many are done; the rest needs growth.

    What must grow then stands in the status of the event at which it stopped. A fifth of the time of a batch would be spent
    waiting for memory; here it is asked for some events ahead.
    """
    for i in range(first, len(inputs)):
        if i + 3 * AHEAD < len(inputs):
            fetch_places(s, inputs[i + 3 * AHEAD])
            fetch_cells(s, inputs[i + 2 * AHEAD])
            fetch_logs(s, inputs[i + AHEAD])
        answer = advance(s, inputs[i], values[i])
        statuses[i] = answer
        if answer < 0:
            return i
    return len(inputs)


@compiled
def collect_latest(s: State, group: int, column: int, found: Words) -> int:
    """Writes every value that stands in one column of one group's logs to `found`, and answers how many there are."""
    count = 0
    for place in range(len(s.cells) // 2):
        if s.cells[2 * place]:
            cell = s.cells[2 * place + 1]
            if s.heap[cell + CELL_GROUP] == group:
                for position in range(s.heap[cell + CELL_HEAD], s.heap[cell + CELL_TAIL]):
                    if count < len(found):
                        found[count] = s.heap[entry_of(s, cell, position) + column]
                    count += 1
    return count
