"""Evidence as somebody hands it over: a ZIP, or files in a folder.

Receives a path. Gives files by the names that they have in a bundle, piece by piece and within limits. Never unpacks
anything onto the disk, follows no link, and never reads more of a file than it may have.
"""

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

from msgspec import Struct

from tocsin.cases.evidence.layout import FILES, MANIFEST
from tocsin.model.errors import InputError

COUNT_LIMIT = 20_000
DIRECTORY_LIMIT = 16 << 20
RATIO, SPARE = 200, 256 << 20
"""A ZIP may unpack to so many times its own size and so many bytes more, all in all."""

DEPTH_LIMIT = 8
CHUNK = 1 << 20
_END, _END_BYTES, _COMMENT_BYTES = b"PK\x05\x06", 22, 65_535
_WRONG = (
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
Open = Callable[[], IO[bytes]]


class Weight(Struct, frozen=True):
    """What a file came to."""

    sha256: str
    size: int


class Holding(Protocol):
    """Files by name. A ZIP and a folder are two, so that both are verified by the same lines."""

    names: frozenset[str]
    repeated: frozenset[str]

    def size(self, name: str) -> int:
        """How many bytes a file is said to have, to be asked before it is read. Raises as `pieces`."""

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes. Raises OSError, ValueError or whatever else a wrong file can cause."""


def read_file(holding: Holding, name: str, limit: int) -> bytes | None:
    """A file whole; None where it is not there, cannot be read, or is larger than the limit."""
    try:
        return b"".join(_limited(holding, name, limit)) if name in holding.names else None
    except _WRONG:
        return None


def weigh_file(holding: Holding, name: str, limit: int) -> Weight | None:
    """Digest and size of a file; None where it is not there, cannot be read, or is larger than the limit."""
    found, size = hashlib.sha256(), 0
    if name not in holding.names:
        return None
    try:
        for piece in _limited(holding, name, limit):
            found.update(piece)
            size += len(piece)
    except _WRONG:
        return None
    return Weight(found.hexdigest(), size)


class ZipHolding:
    """A ZIP of at most 20,000 files."""

    def __init__(self, path: Path) -> None:
        """Opens it.

        Raises:
            InputError: it cannot be read, is no ZIP, or holds too many files.
        """
        try:
            if _directory_bytes(path) > DIRECTORY_LIMIT:
                raise ValueError(f"more than {COUNT_LIMIT:,} files in a ZIP")
            self._left = path.stat().st_size * RATIO + SPARE
            self._zip = zipfile.ZipFile(path)
        except _WRONG as error:
            raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
        counts = Counter(self._zip.namelist())
        if counts.total() > COUNT_LIMIT:
            raise InputError(f"{path}: more than {COUNT_LIMIT:,} files in a ZIP")
        self.names = frozenset(counts)
        self.repeated = frozenset(name for name, count in counts.items() if count > 1)

    def close(self) -> None:
        """Lets the file go."""
        self._zip.close()

    def size(self, name: str) -> int:
        """As `Holding`."""
        return self._zip.getinfo(name).file_size

    def pieces(self, name: str) -> Iterator[bytes]:
        """As `Holding`."""
        head = self._zip.getinfo(name)
        if head.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError("packed in a way that is not read here")
        with self._zip.open(head) as member:
            while piece := member.read(CHUNK):
                self._left -= len(piece)
                if self._left < 0:
                    raise ValueError("unpacks to more than it may")
                yield piece


class FolderHolding:
    """A manifest with what lies beside it, and a folder of files."""

    def __init__(self, manifest: Path, beside: frozenset[str], files: Path | None) -> None:
        """Looks at what is there: the names of `beside` in the manifest's folder, and everything in the folder of files
        (`files` beside the manifest where none is named).

        Raises:
            InputError: something cannot be read, or there are too many files.
        """
        folder = manifest.parent
        self._paths = {name: folder / name for name in beside if (folder / name).is_file()}
        self._paths[MANIFEST] = manifest
        root = files or folder / FILES
        for path in _walk(root, DEPTH_LIMIT):
            self._paths[FILES + path.relative_to(root).as_posix()] = path
            if len(self._paths) > COUNT_LIMIT:
                raise InputError(f"{root}: more than {COUNT_LIMIT:,} files")
        self.names = frozenset(self._paths)
        self.repeated = frozenset[str]()

    def size(self, name: str) -> int:
        """As `Holding`."""
        return self._paths[name].lstat().st_size

    def pieces(self, name: str) -> Iterator[bytes]:
        """As `Holding`."""
        opened = os.open(self._paths[name], os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise ValueError("no plain file")
            while piece := file.read(CHUNK):
                yield piece


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """Everything in a folder that is no folder; links count as files and are not followed."""
    try:
        found = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}") from None
    for entry in found:
        if entry.is_dir(follow_symlinks=False) and depth > 0:
            yield from _walk(Path(entry.path), depth - 1)
        else:
            yield Path(entry.path)


def _limited(holding: Holding, name: str, limit: int) -> Iterator[bytes]:
    if holding.size(name) > limit:
        raise ValueError("larger than it may be")
    for piece in holding.pieces(name):
        limit -= len(piece)
        if limit < 0:
            raise ValueError("larger than it may be")
        yield piece


def _directory_bytes(path: Path) -> int:
    """How long a ZIP says that its list of files is: that list is read whole, so it is asked for first."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES))
        tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES:
        raise ValueError("no ZIP")
    return int(struct.unpack_from("<L", tail, place + 12)[0])
