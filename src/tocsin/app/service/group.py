"""Entries that are committed together.

Receives entries while the group before is being written. Gives one future for all who wait. Never committed twice.
"""

import asyncio

from tocsin.history.entry import Entry
from tocsin.history.journal import Request


class Group:
    """One commit to come. `done` is resolved when it is on the disk, or fails with StorageFull."""

    __slots__ = ("done", "entries", "failed", "requests")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.entries: list[Entry] = []
        self.requests: list[Request] = []
        self.done: asyncio.Future[None] = loop.create_future()
        self.failed = False

    def resolve(self) -> None:
        """Tells all who wait that it is on the disk."""
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Tells all who wait that it is not on the disk yet."""
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # it may be that nobody waits any more
