"""What a child process is told.

Receives what the keeper knows. Gives the message on the child's standard input.
"""

from msgspec import Struct


class Job(Struct, frozen=True):
    """Seal stretches in `folder` until fewer than `least` entries are left; `types` are the event types, packed."""

    folder: str
    least: int
    types: bytes
