"""One process for one folder.

Receives a folder. Gives the only right to write there, until it is closed or the process ends, however it ends.
"""

import fcntl
import os
from pathlib import Path

from tocsin.model.errors import HistoryBusy, StorageFull

FILE = "owner.lock"


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
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise HistoryBusy(f"{folder}: another process of Tocsin has this folder") from None

    def close(self) -> None:
        """Gives the folder free."""
        os.close(self._handle)
