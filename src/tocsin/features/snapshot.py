"""The state as bytes, and back.

Receives a FeatureState. Gives bytes that a later process restores to a state that gives the same values from there on.
Never guesses: bytes of other features, of another version or damaged ones are refused.
"""

import hashlib
import zlib
from collections.abc import Callable

import msgspec
import numpy
from msgspec import Struct

from tocsin.features.kernel.memory import FOUND, HEAP_TOP, INPUTS, LATENESS, OUTPUTS, Words
from tocsin.features.state import FeatureState
from tocsin.model.errors import StateError

MAGIC = b"TOCSIN-FEATURES-4\n"
PAGE = 4096
"""The arrays begin at a whole page, so that a mapped file can be worked on in its place."""
CRC = 4
DAMAGED = "the snapshot is damaged or no snapshot of features; replay the history instead"

Piece = bytes | memoryview


class Header(Struct, frozen=True):
    """What stands before the arrays. Sizes are in words."""

    features: str
    seed: int
    cells: int
    pairs: int
    heap: int
    used: int
    texts: dict[int, str]


def fingerprint(state: FeatureState) -> str:
    """A hash of everything in the features' definitions on which the state depends, their types and their layout included."""
    types = {(name, column.name): column.type for name, columns in state.layouts.items() for column in columns}
    definitions = [
        (
            feature.name,
            sorted((name, [(field, types.get((name, field))) for field in by]) for name, by in feature.by.items()),
            list(feature.on),
            (feature.aggregate.kind, feature.aggregate.type),
            feature.aggregate.argument.text if feature.aggregate.argument else "",
            feature.where.text if feature.where else "",
            feature.window_us,
        )
        for feature in state.features
    ]
    groups = [[group.place, *group.words()] for group in state.plan.groups]
    return hashlib.sha256(msgspec.json.encode((definitions, groups))).hexdigest()


def write_snapshot(state: FeatureState, write: Callable[[Piece], object]) -> int:
    """Gives everything that the state knows to `write`, piece by piece, without a copy of the arrays.

    Answers the size in bytes at which the snapshot has room for what the arrays keep free: zeros may be added up to there.
    """
    used = int(state.io[HEAP_TOP])
    header = Header(
        fingerprint(state), state.seed, len(state.cells), len(state.pairs), len(state.heap), used, state.texts
    )
    head = msgspec.msgpack.encode(header)
    front = len(head).to_bytes(8, "little") + head
    front += bytes(-(len(MAGIC) + CRC + len(front)) % PAGE)
    arrays = (state.io[:FOUND], state.cells, state.pairs, state.heap[:used])
    pieces: list[Piece] = [front, *(array.astype("<i8", copy=False).data.cast("B") for array in arrays)]
    crc = 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
    write(MAGIC + crc.to_bytes(CRC, "little"))
    for piece in pieces:
        write(piece)
    return len(MAGIC) + CRC + len(front) + 8 * (FOUND + len(state.cells) + len(state.pairs) + len(state.heap))


def take_snapshot(state: FeatureState) -> bytes:
    """Everything that the state knows."""
    pieces: list[Piece] = []
    write_snapshot(state, pieces.append)
    return b"".join(pieces)


def restore_snapshot(state: FeatureState, snapshot: Piece) -> None:
    """Puts a state where another one stood when the snapshot was taken. The state must be new and have the same features.

    Bytes that may be written and have room for what the arrays keep free become the arrays themselves; others are copied.

    Raises:
        StateError: the bytes are damaged, or are of other features, another seed or another lateness.
    """
    header, words = _take_apart(memoryview(snapshot))
    if header.features != fingerprint(state) or header.seed != state.seed:
        raise StateError("the snapshot belongs to other features; replay the history instead")
    if words[LATENESS] != state.io[LATENESS]:
        raise StateError("the snapshot was taken with another allowed lateness; replay the history instead")
    kept = state.io[[INPUTS, OUTPUTS]]
    state.io[:FOUND] = words[:FOUND]
    state.io[[INPUTS, OUTPUTS]] = kept
    pairs_at = FOUND + header.cells
    heap_at = pairs_at + header.pairs
    state.cells = _array(words, FOUND, header.cells, header.cells)
    state.pairs = _array(words, pairs_at, header.pairs, header.pairs)
    state.heap = _array(words, heap_at, header.used, header.heap)
    state.texts.update(header.texts)


def _array(words: Words, begin: int, used: int, size: int) -> Words:
    """`size` words of which `used` stand in the snapshot: in their place where that is possible."""
    if words.flags.writeable and words.dtype.isnative and begin + size <= len(words):
        return words[begin : begin + size]
    fresh: Words = numpy.zeros(size, numpy.int64)
    fresh[:used] = words[begin : begin + used]
    return fresh


def _take_apart(whole: memoryview) -> tuple[Header, Words]:
    """The header and the words after it, if they are what was written."""
    body = whole[len(MAGIC) + CRC :]
    try:
        size = int.from_bytes(body[:8], "little")
        header = msgspec.msgpack.decode(body[8 : 8 + size], type=Header)
        begin = -(-(len(MAGIC) + CRC + 8 + size) // PAGE) * PAGE - len(MAGIC) - CRC
        words: Words = numpy.frombuffer(body[begin:], "<i8")
    except (msgspec.MsgspecError, ValueError):
        raise StateError(DAMAGED) from None
    held = FOUND + header.cells + header.pairs + header.used
    room = held - header.used + header.heap
    if min(header.cells, header.pairs, header.used) < 0 or header.heap < header.used or len(words) not in {held, room}:
        raise StateError("the snapshot is damaged: its parts are not as long as it says; replay the history instead")
    crc = zlib.crc32(body[: begin + 8 * held]).to_bytes(CRC, "little")
    if whole[: len(MAGIC) + CRC] != MAGIC + crc:
        raise StateError(DAMAGED)
    return header, words
