"""The keys under which secrets lie in the records.

Receives a folder and the environment. Gives sealing and opening; a key is made in a file of its own, beside the records,
where none is named. Keep a copy of that file elsewhere: nothing opens without it.
"""

import base64
import os
import threading
from pathlib import Path

from tocsin.records.sealing.keyring import VARIABLE, Keyring, find_keyring, new_keyring_file
from tocsin.records.sealing.seal import Place, seal, unseal

FILE = "seal.keys"


class Vault:
    """Seals bytes that belong to a record. The keys are read when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._ring: Keyring | None = None

    def seal(self, plain: bytes, record: str) -> bytes:
        """Sealed bytes that open for this record only.

        Raises:
            SecretWrong: the keys cannot be read or made.
        """
        return seal(self._keys(), _place(record), base64.b64encode(plain).decode())

    def unseal(self, sealed: bytes, record: str) -> bytes:
        """The bytes again.

        Raises:
            SealError: they were changed, belong to another record, or their key is not there.
        """
        return base64.b64decode(unseal(self._keys(), _place(record), sealed))

    def _keys(self) -> Keyring:
        with self._lock:
            if self._ring is None:
                if VARIABLE in os.environ or self._file.exists():
                    self._ring = find_keyring(None if VARIABLE in os.environ else self._file, os.environ)
                else:
                    self._ring = new_keyring_file(self._file)
            return self._ring


def _place(record: str) -> Place:
    kind, _, number = record.partition(":")
    return Place(kind, "secrets", number)
