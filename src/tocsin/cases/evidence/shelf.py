"""Where files lie: a folder of any filesystem that pyarrow knows.

Receives a path or an address such as `s3://bucket/folder`. Gives files by the names that the store makes, written whole
and then renamed; on a local disk durable before they are there. Never makes a name from what came from outside.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow
from pyarrow.fs import FileSelector, FileSystem, FileType, LocalFileSystem, SubTreeFileSystem

from tocsin.model.errors import EvidenceMissing, EvidenceOutOfReach, InputError, StorageFull

CHUNK = 1 << 20
FAULTS = (OSError, pyarrow.ArrowException)
_PASSWORD = re.compile(r"//[^/@]*@")


class Shelf:
    """One folder of one filesystem."""

    def __init__(self, filesystem: FileSystem, folder: str = "") -> None:
        self._files = filesystem
        self._folder = folder.rstrip("/")

    def put(self, name: str, fresh: str, content: IO[bytes]) -> None:
        """Writes a file as `fresh` and then gives it its name, in the place of one of that name.

        Raises:
            StorageFull: it cannot be written; nothing has that name that had it not before.
        """
        target, beside = self._path(name), self._path(fresh)
        try:
            for path in (target, beside):
                self._make_folder(path.rpartition("/")[0])
            with self._files.open_output_stream(beside) as out:
                shutil.copyfileobj(content, out, CHUNK)
            self._sync(beside)
            self._files.move(beside, target)
            self._sync(target.rpartition("/")[0])
        except FAULTS as error:
            self._forget(beside)
            raise StorageFull(f"evidence cannot be written: {_short(error)}") from None

    def settle(self, name: str) -> None:
        """Makes a file durable that somebody else may have put there a moment ago.

        Raises:
            StorageFull: that cannot be done.
        """
        path = self._path(name)
        try:
            self._sync(path)
            self._sync(path.rpartition("/")[0])
        except OSError as error:
            raise StorageFull(f"evidence cannot be written: {_short(error)}") from None

    def read(self, name: str) -> Iterator[bytes]:
        """A file's bytes, piece by piece.

        Raises:
            EvidenceMissing: there is no such file.
            EvidenceOutOfReach: it cannot be read now.
        """
        try:
            with self._files.open_input_stream(self._path(name)) as opened:
                while piece := opened.read(CHUNK):
                    yield piece
        except FileNotFoundError:
            raise EvidenceMissing(f"nothing is kept as {name}") from None
        except FAULTS as error:
            raise EvidenceOutOfReach(f"evidence cannot be read: {_short(error)}") from None

    def has(self, name: str) -> bool:
        """Whether there is such a file.

        Raises:
            EvidenceOutOfReach: nobody can tell now.
        """
        try:
            return bool(self._files.get_file_info(self._path(name)).type == FileType.File)
        except FAULTS as error:
            raise EvidenceOutOfReach(f"evidence cannot be read: {_short(error)}") from None

    def names(self) -> Iterator[tuple[str, int]]:
        """Every file with the time of its last change in microseconds since 1970 UTC (0 where unknown).

        Raises:
            EvidenceOutOfReach: they cannot be listed now.
        """
        try:
            found = self._files.get_file_info(FileSelector(self._folder, allow_not_found=True, recursive=True))
        except FAULTS as error:
            raise EvidenceOutOfReach(f"evidence cannot be listed: {_short(error)}") from None
        for each in found:
            if each.type == FileType.File:
                yield each.path.removeprefix(self._folder).lstrip("/"), (each.mtime_ns or 0) // 1_000

    def remove(self, name: str) -> bool:
        """Removes a file; False where there is none.

        Raises:
            StorageFull: it cannot be removed.
        """
        path = self._path(name)
        try:
            self._files.delete_file(path)
            self._sync(path.rpartition("/")[0])
        except FileNotFoundError:
            return False
        except FAULTS as error:
            raise StorageFull(f"evidence cannot be removed: {_short(error)}") from None
        return True

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}" if self._folder else name

    def _make_folder(self, folder: str) -> None:
        self._files.create_dir(folder, recursive=True)
        self._sync(folder.rpartition("/")[0])

    def _sync(self, path: str) -> None:
        """Makes a file, or the names in a folder, durable where that is ours to do."""
        local = _local_path(self._files, path)
        if local is None:
            return
        handle = os.open(local, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _forget(self, path: str) -> None:
        try:
            self._files.delete_file(path)
        except FAULTS:
            return


def open_shelf(place: str) -> Shelf:
    """The shelf at a path of this machine or an address (`s3://...`, `gs://...`, `hdfs://...`, `file:///...`).

    Raises:
        InputError: no filesystem is known for it, or its folder cannot be made.
    """
    try:
        if "://" in place:
            filesystem, folder = FileSystem.from_uri(place)
            return Shelf(filesystem, folder)
        local = Path(place).absolute()
        local.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Shelf(LocalFileSystem(), str(local))
    except (*FAULTS, ValueError) as error:
        told = _PASSWORD.sub("//***@", f"evidence cannot be kept at {place[:200]}: {_short(error)}")
        raise InputError(told) from None


def _local_path(filesystem: FileSystem, path: str) -> str | None:
    while isinstance(filesystem, SubTreeFileSystem):
        path = f"{filesystem.base_path.rstrip('/')}/{path}"
        filesystem = filesystem.base_fs
    return path if isinstance(filesystem, LocalFileSystem) else None


def _short(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error))[:200]
