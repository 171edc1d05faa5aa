"""The keys under which secrets lie in the records.

Receives a folder and the environment. Gives sealing and opening of secrets, such as those of webhooks.
"""

import base64
import os
from pathlib import Path

from tocsin.records.sealing.keys import SealKeys
from tocsin.records.sealing.seal import Place, needs_reseal, seal, unseal


class Vault:
    """Seals bytes that belong to a record. The keys are read when they are first needed, and when they have changed."""

    def __init__(self, folder: Path) -> None:
        self.keys = SealKeys(folder, os.environ)

    def seal(self, plain: bytes, record: str) -> bytes:
        """Sealed bytes that open for this record only.

        Raises:
            SecretWrong: the keys cannot be read or made.
        """
        return seal(self.keys.ring(), _place(record), base64.b64encode(plain).decode())

    def unseal(self, sealed: bytes, record: str) -> bytes:
        """The bytes again.

        Raises:
            SealError: they were changed, belong to another record, or their key is not there.
        """
        return base64.b64decode(unseal(self.keys.ring(), _place(record), sealed))

    def is_old(self, sealed: bytes) -> bool:
        """Whether they are sealed with another key than the one that seals now.

        Raises:
            SealDamaged: they are no sealed bytes.
        """
        return needs_reseal(self.keys.ring(), sealed)


def _place(record: str) -> Place:
    kind, _, number = record.partition(":")
    return Place(kind, "secrets", number)
