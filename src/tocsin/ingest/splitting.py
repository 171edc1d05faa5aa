"""Where one event ends and the next begins in JSON text.

Receives the bytes of a file. Gives numbered pieces, one for each event: lines, or what stands in arrays and one after
another in a document printed over many lines. Never decodes an event, and never lets one that is broken hide the rest.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
from msgspec import Struct

from tocsin.ingest.reader import SIZE_LIMIT
from tocsin.model.errors import InputError

DOCUMENT_LIMIT = 1 << 30
"""Bytes that one JSON document may have; JSON Lines have no limit."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|\\.|[\[\]{},]', re.DOTALL)
"""A text that ends on its line, a sign that is escaped, or a bracket or comma outside texts. A lone quote counts for nothing."""


class Piece(Struct, frozen=True):
    """What should be one event. `number` counts lines, or events of a document, from 1; `cut` pieces were too long."""

    number: int
    raw: bytes
    cut: bool = False


def split_json(stream: BinaryIO) -> Iterator[Piece]:
    """The events of a stream, whichever way it is written.

    Raises:
        InputError: a document of more than 1 GiB, or an array without its end.
    """
    first = stream.readline(SIZE_LIMIT + 2).removeprefix(BYTE_ORDER_MARK)
    number = 1
    while first and not first.strip():
        first = stream.readline(SIZE_LIMIT + 2)
        number += 1
    if is_document(first):
        yield from _split_document(first + stream.read(DOCUMENT_LIMIT + 1))
    else:
        yield from _split_lines(first, stream, number)


def is_document(first_line: bytes) -> bool:
    r"""Whether what begins so is one document over many lines, rather than an event a line.

    >>> is_document(b'[{"id": 1}]'), is_document(b'{\n'), is_document(b'{"id": 1}\n'), is_document(b'{"id":')
    (True, True, False, True)
    """
    line = first_line.strip()
    return line.startswith(b"[") or (line.startswith(b"{") and line[-1:] in {b"{", b"[", b",", b":"})


def _split_lines(line: bytes, stream: BinaryIO, number: int) -> Iterator[Piece]:
    while line:
        if len(line) > SIZE_LIMIT + 1 and not line.endswith(b"\n"):
            yield Piece(number, line[:1024], cut=True)
            while (rest := stream.readline(1 << 16)) and not rest.endswith(b"\n"):
                pass
        elif line := line.strip():
            yield Piece(number, line)
        line = stream.readline(SIZE_LIMIT + 2)
        number += 1


def _split_document(text: bytes) -> Iterator[Piece]:
    """The quick way for an array without a fault, the careful way for everything else."""
    if len(text) > DOCUMENT_LIMIT:
        raise InputError("a JSON document of more than 1 GiB; use JSON Lines")
    try:
        found: Iterator[bytes] = map(bytes, msgspec.json.decode(text, type=list[msgspec.Raw]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = _scan(text)
    for number, each in enumerate(found, 1):
        cut = len(each) > SIZE_LIMIT
        yield Piece(number, each[:1024] if cut else each, cut)


def _scan(text: bytes) -> Iterator[bytes]:
    """What stands in arrays, or by itself: cut at the brackets that are not within a text, broken or not."""
    depth = start = 0
    in_array = False
    for token in _TOKEN.finditer(text):
        sign = token[0][:1]
        end = token.start()
        if sign in b"[{" and (depth or sign == b"{" or in_array):
            depth += 1
            continue
        if depth and sign in b"]}":
            depth -= 1
            if depth:
                continue
            end = token.end()
        elif depth or sign not in b"[],":
            continue
        elif sign != b",":
            in_array = sign == b"["
        if piece := text[start:end].strip():
            yield piece
        start = token.end()
    if piece := text[start:].strip():
        yield piece
    if in_array:
        raise InputError("damaged: the JSON array has no end")
