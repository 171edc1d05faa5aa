"""What a check receives and what it gives."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from tocsin.app.settings import Settings
from tocsin.app.wording import Wording


class Level(StrEnum):
    """`ok`; `warning`: it runs, and something should be seen to; `fault`: it does not run, or not safely."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Finding(Struct, frozen=True):
    """One thing that was looked at: what is so, and how to mend it where it is not well."""

    level: Level
    text: str
    mend: str = ""


class Subject(Struct, frozen=True):
    """What is looked at: settings, the file they came from, the language of who reads, and the time now."""

    settings: Settings
    wording: Wording
    now_us: int
    file: Path | None = None


Check = Callable[[Subject], Iterator[Finding]]


def ok(text: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, text)


def warning(text: str, mend: str) -> Finding:
    """Something should be seen to."""
    return Finding(Level.WARNING, text, mend)


def fault(text: str, mend: str) -> Finding:
    """Something must be mended."""
    return Finding(Level.FAULT, text, mend)


def standing_folder(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists already."""
    folder = folder.absolute()
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def in_bytes(count: float) -> str:
    """A size for people.

    >>> in_bytes(512 << 20), in_bytes(3 << 30)
    ('512 MiB', '3.0 GiB')
    """
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"
