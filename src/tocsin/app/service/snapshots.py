"""Snapshots of the windows on the disk.

Receives the state between two events and the number of the last one. Gives a file that a later start begins from. A
child process writes it from its own view of the memory, so that no decision waits. It becomes a snapshot only when
everything in it is in the journal.
"""

import contextlib
import mmap
import os
import warnings
from pathlib import Path

import msgspec

from tocsin.features.snapshot import restore_snapshot, write_snapshot
from tocsin.features.state import FeatureState
from tocsin.history.lake.files import sync_folder
from tocsin.model.errors import StateError

FOLDER = "snapshots"
KEPT = 2
FIRST_OWN, LAST_OWN = 3, 1 << 20
"""What the child lets go of: were the service killed, the child would hold its folder and its port for a while."""


class Snapshots:
    """The snapshots in one folder, each named for the number of the last entry in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob("*.new"):
            left.unlink()

    def begin(self, state: FeatureState, seq: int) -> int:
        """Starts to write one in a child process; answers the child's number for `finish`."""
        fresh, service = self._fresh(seq), os.getpid()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the child only reads arrays and writes one file
            child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(OSError):
                os.closerange(FIRST_OWN, LAST_OWN)
                write_file(state, fresh, service)
                code = 0
            os._exit(code)
        return child

    def write(self, state: FeatureState, seq: int) -> None:
        """Writes one here and now; everything in it is in the journal already.

        Raises:
            OSError: the disk is full or cannot be written.
        """
        try:
            write_file(state, self._fresh(seq))
        except OSError:
            self.drop(seq)
            raise
        self.keep(seq)

    def keep(self, seq: int) -> None:
        """Makes a written file a snapshot and removes the oldest ones."""
        self._fresh(seq).replace(self._path(seq))
        sync_folder(self.folder)
        for old in self.found()[KEPT:]:
            self._path(old).unlink(missing_ok=True)

    def drop(self, seq: int) -> None:
        """Removes what was not written to its end."""
        self._fresh(seq).unlink(missing_ok=True)

    def clear(self) -> None:
        """Removes all of them."""
        for seq in self.found():
            self._path(seq).unlink()

    def found(self) -> list[int]:
        """The numbers of the snapshots that are there, newest first."""
        return sorted((int(path.stem) for path in self.folder.glob("*.snapshot")), reverse=True)

    def restore(self, state: FeatureState, seq: int) -> None:
        """Puts a new state where another one stood. The file is not read into memory: the arrays are views of it, and what they
        write stays in this process. It may be removed meanwhile.

        Raises:
            StateError: the snapshot is damaged, or is of other features.
        """
        try:
            with self._path(seq).open("rb") as file:
                whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            fault = _restore(state, whole)
        except (OSError, ValueError) as error:
            fault = str(error)
        if fault:
            raise StateError(f"snapshot {seq}: {fault}")

    def _path(self, seq: int) -> Path:
        return self.folder / f"{seq:012d}.snapshot"

    def _fresh(self, seq: int) -> Path:
        return self.folder / f"{seq:012d}.new"


def write_file(state: FeatureState, path: Path, parent: int | None = None) -> None:
    """Writes the state to a file and makes it durable. What the arrays keep free is a hole in it, which takes no place. A child
    of `parent` goes on only while that lives: what nobody waits for any more would stand in the way of the next start.

    Raises:
        OSError: the disk is full or cannot be written, or the parent is gone.
    """

    def write_all(piece: bytes | memoryview) -> None:
        rest = memoryview(piece)
        while rest:
            if parent is not None and os.getppid() != parent:
                raise ProcessLookupError("the service is gone")
            rest = rest[os.write(file.fileno(), rest[: 1 << 24]) :]

    with path.open("wb", buffering=0) as file:
        size = write_snapshot(state, write_all)
        file.truncate(size)
        os.fsync(file.fileno())


def _restore(state: FeatureState, whole: mmap.mmap) -> str:
    """Why it cannot be restored; empty where it was. No error leaves with views of the file, which would keep it mapped."""
    try:
        restore_snapshot(state, memoryview(whole))
    except (StateError, ValueError, msgspec.MsgspecError) as error:
        return str(error)
    return ""
