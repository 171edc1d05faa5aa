"""A list of subjects, such as one from the police.

Receives a text file, or standard input. Gives the subjects, one from each line, in their order. Never skips a line that it
cannot read.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tocsin.measures.bulk import MOST
from tocsin.model.entity import ENTITY_LIMIT, parse_entity
from tocsin.model.errors import InputError

STDIN = "-"
LINE_LIMIT = 4 * ENTITY_LIMIT + 2
"""Bytes of the longest line, with its end."""


def read_subjects(source: str) -> list[str]:
    """The subjects of a file, of standard input where it is `-`. Empty lines are no subjects.

    Raises:
        InputError: it cannot be read, holds none or too many, or a line is no subject: which, and why.
    """
    if source == STDIN:
        return _read(sys.stdin.buffer, "standard input")
    try:
        with Path(source).open("rb") as file:
            return _read(file, source)
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}") from None


def _read(file: IO[bytes], name: str) -> list[str]:
    found: list[str] = []
    for number, line in enumerate(_lines(file), 1):
        text = _text(line, f"{name}: line {number}", is_first=number == 1)
        if not text:
            continue
        if len(found) == MOST:
            raise InputError(f"{name}: a bulk act has at most {MOST} subjects; split the list")
        found.append(text)
    if not found:
        raise InputError(f"{name}: there is no subject in it")
    return found


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.readline(LINE_LIMIT + 1), b"")


def _text(line: bytes, place: str, *, is_first: bool) -> str:
    if len(line) > LINE_LIMIT:
        raise InputError(f"{place}: a subject has at most {ENTITY_LIMIT} characters")
    try:
        text = line.decode("utf-8-sig" if is_first else "utf-8").strip()
    except UnicodeDecodeError:
        raise InputError(f"{place}: it is not UTF-8") from None
    if len(text) > ENTITY_LIMIT:
        raise InputError(f"{place}: a subject has at most {ENTITY_LIMIT} characters")
    if text and (parse_entity(text) is None or not text.isprintable()):
        raise InputError(f"{place}: `{text[:40]}` is no subject; write one on each line, such as account:9")
    return text
