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

MAGIC = b"TOCSIN-FEATURES-3\n"

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


def write_snapshot(state: FeatureState, write: Callable[[Piece], object]) -> None:
    """Gives everything that the state knows to `write`, piece by piece, without a copy of the arrays."""
    used = int(state.io[HEAP_TOP])
    header = Header(
        fingerprint(state), state.seed, len(state.cells), len(state.pairs), len(state.heap), used, state.texts
    )
    head = msgspec.msgpack.encode(header)
    crc = 0
    arrays = (state.io[:FOUND], state.cells, state.pairs, state.heap[:used])
    pieces: list[Piece] = [len(head).to_bytes(8, "little"), head]
    pieces += [array.astype("<i8", copy=False).data.cast("B") for array in arrays]
    write(MAGIC)
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        write(piece)
    write(crc.to_bytes(4, "little"))


def take_snapshot(state: FeatureState) -> bytes:
    """Everything that the state knows."""
    pieces: list[Piece] = []
    write_snapshot(state, pieces.append)
    return b"".join(pieces)


def restore_snapshot(state: FeatureState, snapshot: Piece) -> None:
    """Puts a state where another one stood when the snapshot was taken. The state must be new and have the same features.

    Raises:
        StateError: the bytes are damaged, or are of other features, another seed or another lateness.
    """
    whole = memoryview(snapshot)
    body, crc = whole[len(MAGIC) : -4], bytes(whole[-4:])
    if bytes(whole[: len(MAGIC)]) != MAGIC or zlib.crc32(body).to_bytes(4, "little") != crc:
        raise StateError("the snapshot is damaged or no snapshot of features; replay the history instead")
    header, words = _take_apart(body)
    if header.features != fingerprint(state) or header.seed != state.seed:
        raise StateError("the snapshot belongs to other features; replay the history instead")
    control, words = words[:FOUND], words[FOUND:]
    if control[LATENESS] != state.io[LATENESS]:
        raise StateError("the snapshot was taken with another allowed lateness; replay the history instead")
    kept = state.io[[INPUTS, OUTPUTS]]
    state.io[:FOUND] = control
    state.io[[INPUTS, OUTPUTS]] = kept
    state.cells = words[: header.cells].astype(numpy.int64)
    state.pairs = words[header.cells : header.cells + header.pairs].astype(numpy.int64)
    heap = numpy.zeros(header.heap, numpy.int64)
    heap[: header.used] = words[header.cells + header.pairs :]
    state.heap = heap
    state.texts.update(header.texts)


def _take_apart(body: memoryview) -> tuple[Header, Words]:
    """The header and the words after it, if they agree on how many there are."""
    size = int.from_bytes(body[:8], "little")
    try:
        header = msgspec.msgpack.decode(body[8 : 8 + size], type=Header)
        words: Words = numpy.frombuffer(body[8 + size :], "<i8")
    except (msgspec.MsgspecError, ValueError):
        raise StateError("the snapshot is damaged; replay the history instead") from None
    held = FOUND + header.cells + header.pairs + header.used
    if min(header.cells, header.pairs, header.used) < 0 or header.heap < header.used or len(words) != held:
        raise StateError("the snapshot is damaged: its parts are not as long as it says; replay the history instead")
    return header, words
