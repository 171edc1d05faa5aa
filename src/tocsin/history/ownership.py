"""One process for one folder, and one at a time who changes the lake.

Receives a folder. Gives the only right to write there, until it is closed or the process ends, however it ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.model.errors import HistoryBusy, StorageFull

FILE = "owner.lock"
LAKE_FILE = "lake.lock"
PATIENCE_S = 60.0
PAUSE_S = 0.02


class Ownership:
    """Held from making it to `close`."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder, making it where it is absent.

        Raises:
            HistoryBusy: another process has it.
            StorageFull: it cannot be written.
        """
        self._handle = _open(folder, FILE)
        if not _lock(self._handle):
            os.close(self._handle)
            raise HistoryBusy(f"{folder}: another process of Tocsin has this folder; stop the service that runs on it")

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
        deadline = time.monotonic() + (PATIENCE_S if patience_s is None else patience_s)
        while not _lock(handle):
            if time.monotonic() >= deadline:
                raise HistoryBusy(f"{folder}: another process is sealing or erasing; try again when it has finished")
            time.sleep(PAUSE_S)
        yield
    finally:
        os.close(handle)


def _open(folder: Path, name: str) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageFull(f"{folder}: {error.strerror}") from None


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
