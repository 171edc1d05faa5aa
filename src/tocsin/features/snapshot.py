"""The state as bytes, and back.

Receives a FeatureState. Gives bytes that a later process restores to a state that gives the same values from there on.
Never guesses: bytes of other features, of another version or damaged ones are refused.
"""

import hashlib
import zlib
from collections.abc import Callable, Sequence

import msgspec
import numpy
from msgspec import Struct

from tocsin.features.feature import Feature
from tocsin.features.kernel.memory import CONTROL_WORDS, HEAP_TOP, LATENESS, OUTPUTS
from tocsin.features.state import FeatureState
from tocsin.model.errors import StateError

MAGIC = b"TOCSIN-FEATURES-2\n"


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


def fingerprint(features: Sequence[Feature]) -> str:
    """A hash of everything in the features' definitions on which the state depends."""
    definitions = [
        (
            feature.name,
            sorted((name, list(fields)) for name, fields in feature.by.items()),
            list(feature.on),
            feature.aggregate.kind,
            feature.aggregate.argument.text if feature.aggregate.argument else "",
            feature.where.text if feature.where else "",
            feature.window_us,
        )
        for feature in features
    ]
    return hashlib.sha256(msgspec.json.encode(definitions)).hexdigest()


def write_snapshot(state: FeatureState, write: Callable[[Piece], object]) -> None:
    """Gives everything that the state knows to `write`, piece by piece, without a copy of the arrays."""
    used = int(state.io[HEAP_TOP])
    header = Header(
        fingerprint(state.features), state.seed, len(state.cells), len(state.pairs), len(state.heap), used, state.texts
    )
    head = msgspec.msgpack.encode(header)
    crc = 0
    arrays = (state.io[:CONTROL_WORDS], state.cells, state.pairs, state.heap[:used])
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
    size = int.from_bytes(body[:8], "little")
    header = msgspec.msgpack.decode(body[8 : 8 + size], type=Header)
    if header.features != fingerprint(state.features) or header.seed != state.seed:
        raise StateError("the snapshot belongs to other features; replay the history instead")
    words = numpy.frombuffer(body[8 + size :], "<i8")
    control, words = words[:CONTROL_WORDS], words[CONTROL_WORDS:]
    if control[LATENESS] != state.io[LATENESS]:
        raise StateError("the snapshot was taken with another allowed lateness; replay the history instead")
    outputs = state.io[OUTPUTS]
    state.io[:CONTROL_WORDS] = control
    state.io[OUTPUTS] = outputs
    state.cells = words[: header.cells].astype(numpy.int64)
    state.pairs = words[header.cells : header.cells + header.pairs].astype(numpy.int64)
    heap = numpy.zeros(header.heap, numpy.int64)
    heap[: header.used] = words[header.cells + header.pairs :]
    state.heap = heap
    state.texts.update(header.texts)
