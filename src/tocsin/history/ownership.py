"""One process for one folder, and one at a time who changes the lake.

Receives a folder. Gives the only right to write there, until it is closed or the process ends, however it ends. Says who
has it to those who come second.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.model.errors import HistoryBusy, StorageFull

FILE = "owner.lock"
LAKE_FILE = "lake.lock"
MOMENT_S = 0.2
PATIENCE_S = 60.0
PAUSE_S = 0.02


class Ownership:
    """Held from making it to `close`."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder, making it where it is absent. Tries for a moment, because `is_owned` may be looking.

        Raises:
            HistoryBusy: another process has it.
            StorageFull: it cannot be written.
        """
        self._handle = _open(folder, FILE)
        if not _take(self._handle, MOMENT_S):
            os.close(self._handle)
            raise HistoryBusy(f"{folder}: {_who(read_owner(folder))} has this folder; stop the service that runs on it")
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Gives the folder free."""
        os.close(self._handle)


@contextmanager
def sole_change(folder: Path, patience_s: float | None = None) -> Iterator[None]:
    """The only right to seal, erase or expire, inside the block.

    Ownership is not enough: a child that seals may outlive a service that was killed, and what it is writing must not be
    swept away, nor may it seal what was erased meanwhile.

    Raises:
        HistoryBusy: somebody else has not finished within `patience_s` (a minute where it is None).
        StorageFull: the folder cannot be written.
    """
    handle = _open(folder, LAKE_FILE)
    try:
        if not _take(handle, PATIENCE_S if patience_s is None else patience_s):
            raise HistoryBusy(f"{folder}: another process is sealing or erasing; try again when it has finished")
        yield
    finally:
        os.close(handle)


def read_owner(folder: Path) -> int | None:
    """The number of the process that took the folder last; None where it is not known."""
    try:
        return int((folder / FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def is_owned(folder: Path) -> bool:
    """Whether a process has the folder now. Looks for less than a moment and changes nothing."""
    try:
        handle = os.open(folder / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _open(folder: Path, name: str) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageFull(f"{folder}: {error.strerror}") from None


def _take(handle: int, patience_s: float) -> bool:
    until = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(PAUSE_S)
        else:
            return True


def _who(pid: int | None) -> str:
    return f"another process of Tocsin (number {pid})" if pid else "another process of Tocsin"
