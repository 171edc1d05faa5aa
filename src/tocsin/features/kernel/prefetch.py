"""Memory asked for before it is needed.

Receives the events of a batch that come next. Gives nothing: it asks the processor to bring near what they will read. A
fifth of the time of a batch would otherwise be spent waiting. Never changes a word of the state.
"""

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from tocsin.features.kernel.accumulate import entry_of
from tocsin.features.kernel.compiled import compiled
from tocsin.features.kernel.memory import CELL_CAPACITY, CELL_HEAD, CELL_TAIL, State, Words, next_step
from tocsin.features.kernel.table import mix

AHEAD = 4
"""Events of a batch between asking for memory and asking for what that memory points to."""


def _fetch(_context: Any, words: Any, place: Any) -> Any:
    """Asks for a word of an array, without waiting for it. Any place may be named, even one outside."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.bitcast(builder.gep(array.data, [arguments[1]]), cgutils.voidptr_t)
        whole = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, whole, whole, whole])
        insert: Any = cgutils.get_or_insert_function
        builder.call(insert(builder.module, kind, "llvm.prefetch.p0i8"), [address, whole(0), whole(3), whole(1)])
        return context.get_dummy_value()

    return types.void(words, place), generate


fetch: Any = intrinsic(_fetch)


@compiled
def fetch_places(s: State, inp: Words) -> None:
    """Asks for the places in the table of cells that an event to come will look at."""
    mask = len(s.cells) // 2 - 1
    step = inp[0] + 1
    for _ in range(s.plan[inp[0]]):
        fetch(s.cells, 2 * (mix(inp[s.plan[step + 1]], s.plan[step]) & mask))
        step = next_step(s, step)


@compiled
def fetch_cells(s: State, inp: Words) -> None:
    """Asks for the cells themselves, their places in the table being near by now."""
    mask = len(s.cells) // 2 - 1
    step = inp[0] + 1
    for _ in range(s.plan[inp[0]]):
        cell = s.cells[2 * (mix(inp[s.plan[step + 1]], s.plan[step]) & mask) + 1]
        fetch(s.heap, cell)
        fetch(s.heap, cell + 8)
        fetch(s.heap, cell + 16)
        step = next_step(s, step)


@compiled
def fetch_logs(s: State, inp: Words) -> None:
    """Asks for both ends of the cells' logs, the cells being near by now."""
    mask = len(s.cells) // 2 - 1
    step = inp[0] + 1
    for _ in range(s.plan[inp[0]]):
        cell = s.cells[2 * (mix(inp[s.plan[step + 1]], s.plan[step]) & mask) + 1]
        if s.heap[cell + CELL_CAPACITY]:
            fetch(s.heap, entry_of(s, cell, s.heap[cell + CELL_HEAD]))
            fetch(s.heap, entry_of(s, cell, s.heap[cell + CELL_TAIL]))
        step = next_step(s, step)
