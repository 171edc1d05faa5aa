"""One process for one folder.

Receives a folder. Gives the only right to write there, until it is closed or the process ends, however it ends. Says who
has it to those who come second.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from tocsin.model.errors import HistoryBusy, StorageFull

FILE = "owner.lock"
PATIENCE_S = 0.2


class Ownership:
    """Held from making it to `close`."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder, making it where it is absent.

        Raises:
            HistoryBusy: another process has it.
            StorageFull: it cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageFull(f"{folder}: {error.strerror}") from None
        if not self._take():
            os.close(self._handle)
            raise HistoryBusy(f"{folder}: {_who(read_owner(folder))} has this folder")
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Gives the folder free."""
        os.close(self._handle)

    def _take(self) -> bool:
        """Tries for a moment, because `is_owned` of another process may be looking."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > until:
                    return False
                time.sleep(PATIENCE_S / 20)
            else:
                return True


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


def _who(pid: int | None) -> str:
    return f"another process of Tocsin (number {pid})" if pid else "another process of Tocsin"
