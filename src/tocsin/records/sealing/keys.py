"""The ring of one data folder.

Receives a folder and the environment. Gives the keys that hold now: those of `TOCSIN_SEAL_KEYS`, else of a file beside the
records, which is made when it is first needed and read again when it has changed. Keep a copy of that file elsewhere:
nothing opens without it.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

from tocsin.model.errors import SecretWrong
from tocsin.records.sealing.keyring import VARIABLE, Keyring, find_keyring, new_keyring_file, read_keyring

FILE = "seal.keys"


class SealKeys:
    """Where to ask for the ring; ask each time, because another process may have added a key."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.file = folder / FILE
        self._environment = environment
        self._lock = threading.Lock()
        self._ring: Keyring | None = None
        self._seen: tuple[int, int] | None = None

    @property
    def from_environment(self) -> bool:
        """Whether the keys come from the environment, where nobody but who starts the service can add one."""
        return VARIABLE in self._environment

    def ring(self) -> Keyring:
        """The keys as they are now.

        Raises:
            SecretWrong: they cannot be read or made.
        """
        with self._lock:
            seen = None if self.from_environment else self._look()
            if self._ring is None or seen != self._seen:
                self._ring, self._seen = self._read(), None if self.from_environment else self._look()
            return self._ring

    def _read(self) -> Keyring:
        if self.from_environment:
            return find_keyring(None, self._environment)
        if not self.file.exists():
            try:
                return new_keyring_file(self.file)
            except SecretWrong:
                if not self.file.exists():
                    raise  # else another process was quicker: its key is ours
        return read_keyring(self.file)

    def _look(self) -> tuple[int, int] | None:
        """What changes with the file."""
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns
