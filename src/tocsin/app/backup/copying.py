"""Copies that are known to be whole.

Receives files. Gives copies on the disk, each with its size and SHA-256, read once. Databases are copied in one reading
transaction, so that a copy is as of one moment, whoever writes meanwhile.
"""

import hashlib
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from tocsin.app.backup.manifest import Noted
from tocsin.app.storage.reading import open_for_reading
from tocsin.model.errors import HistoryDamaged, OutputError, TocsinError

PIECE = 1 << 20
OUT = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY}


def copy_file(source: Path, target: Path, name: str) -> Noted:
    """Copies a file, for its owner only, and notes it under a name.

    Raises:
        FileNotFoundError: there is no such file any more.
        HistoryDamaged: it cannot be read.
        OutputError: the copy cannot be written.
    """
    opened = open_source(source)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with opened, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            size, digest = _pour(opened, out)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise OutputError(f"{target}: {error.strerror}") from None
    return Noted(name, size, digest)


def note_file(path: Path, name: str) -> Noted:
    """Size and SHA-256 of a file.

    Raises:
        FileNotFoundError: there is no such file.
        HistoryDamaged: it cannot be read.
    """
    with open_source(path) as opened:
        size, digest = _pour(opened, None)
        return Noted(name, size, digest)


def copy_database(source: Path, target: Path) -> None:
    """Copies a SQLite database as of now into one file, while others may write to it; its empty pages are left out.

    Raises:
        HistoryDamaged: it is no database, or a damaged one.
        OutputError: the copy cannot be written.
    """
    try:
        target.unlink(missing_ok=True)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(open_for_reading(source)) as base:
            base.execute("vacuum into ?", (str(target),))
        with closing(open_for_reading(target)) as copy:
            told = str(copy.execute("pragma quick_check(1)").fetchone()[0])
        sync(target)
    except OSError as error:
        raise OutputError(f"{target}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise _translate(error, source, target) from None
    if told != "ok":
        raise HistoryDamaged(f"{source}: {told[:200]}")


def open_source(path: Path) -> BinaryIO:
    """A plain file for reading; a link or a device is none.

    Raises:
        FileNotFoundError: there is no such file.
        HistoryDamaged: it is no plain file, or cannot be read.
    """
    try:
        opened = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise HistoryDamaged(f"{path}: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        opened.close()
        raise HistoryDamaged(f"{path}: not a plain file")
    return opened


def sync(path: Path) -> None:
    """Makes a file, or the names in a folder, durable.

    Raises:
        OSError: it cannot be done.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Makes every name in a folder and below it durable.

    Raises:
        OSError: it cannot be done.
    """
    for place, _, _ in os.walk(folder):
        sync(Path(place))


def _pour(source: BinaryIO, out: BinaryIO | None) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        if out is not None:
            out.write(piece)
    return size, digest.hexdigest()


def _translate(error: sqlite3.Error, source: Path, target: Path) -> TocsinError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return OutputError(f"{target}: {error}") if code in OUT else HistoryDamaged(f"{source}: {error}")
