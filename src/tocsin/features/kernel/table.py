"""Hash tables in one array: open addressing, linear probing, deletion by moving back.

A table of capacity 2**k is an array of 2 * 2**k words: key, value, key, value. Key 0 is an empty place. Tables are
never more than three fifths full; the kernel asks for growth before it writes.
"""

from tocsin.features.kernel.compiled import compiled
from tocsin.features.kernel.memory import Words

_A = -7046029254386353131
_B = -4658895280553007687
_C = -7723592293110705685


@compiled
def mix(first: int, second: int) -> int:
    """A hash of two words that is never 0; each bit of either bears on each bit of it."""
    x = first ^ (second * _A)
    x ^= (x >> 32) & 0xFFFFFFFF
    x *= _B
    x ^= (x >> 29) & 0x7FFFFFFFF
    x *= _C
    x ^= (x >> 32) & 0xFFFFFFFF
    return x if x != 0 else 1


@compiled
def find(table: Words, key: int) -> int:
    """The place of a key, or -1 - the place where it would go."""
    mask = len(table) // 2 - 1
    place = key & mask
    while True:
        held = table[2 * place]
        if held == key:
            return place
        if held == 0:
            return -1 - place
        place = (place + 1) & mask


@compiled
def is_full(table: Words, count: int, more: int) -> bool:
    """Whether `more` further keys would fill the table beyond three fifths."""
    return (count + more) * 10 > len(table) * 3


@compiled
def remove(table: Words, place: int) -> None:
    """Empties a place and moves back what had been pushed past it."""
    mask = len(table) // 2 - 1
    gap = place
    at = place
    while True:
        at = (at + 1) & mask
        key = table[2 * at]
        if key == 0:
            break
        if ((at - (key & mask)) & mask) >= ((at - gap) & mask):
            table[2 * gap] = key
            table[2 * gap + 1] = table[2 * at + 1]
            gap = at
    table[2 * gap] = 0
    table[2 * gap + 1] = 0


@compiled
def copy_into(old: Words, new: Words) -> None:
    """Puts everything of one table into an empty larger one."""
    for place in range(len(old) // 2):
        key = old[2 * place]
        if key:
            free = -1 - find(new, key)
            new[2 * free] = key
            new[2 * free + 1] = old[2 * place + 1]
