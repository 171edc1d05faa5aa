"""What a backup consists of.

Receives the files of a backup. Gives a list of them with their digests, and proves a backup against it. What a list names
is not believed: no path may lead out of the folder.
"""

import re
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from tocsin.model.errors import HistoryDamaged, InputError

FILE = "manifest.json"
FORMAT = 1
SIZE_LIMIT = 1 << 29
_PLACE = re.compile(
    r"journal\.db|records\.db|audit\.pub|snapshots/\d{12}\.snapshot|lake/[^/]+/[^/]+(/[^/]+)?\.parquet"
    r"|evidence/[0-9a-f]{2}/[0-9a-f]{64}|anchors/\d{4}-\d{2}-\d{2}\.json"
)


class Noted(Struct, frozen=True):
    """One file: where it lies in the backup, its size and its SHA-256."""

    path: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """One backup.

    `last_seq` and `last_hash` are the newest entry and the seal of the newest group. `records` tells where keys and lists
    were: in a `file` that is part of the backup, or `elsewhere`, in a database that has backups of its own.
    """

    format: int = FORMAT
    tocsin: str
    made_at: str
    last_seq: int
    last_hash: str
    records: str
    files: tuple[Noted, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.bytes for file in self.files)


def read_manifest(backup: Path) -> Manifest:
    """The list of a backup.

    Raises:
        InputError: there is none, or it is of a form that this version does not know.
        HistoryDamaged: it is damaged, or names a file that cannot be part of a backup.
    """
    path = backup / FILE
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise HistoryDamaged(f"{path}: too large for a list of files")
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{backup} is no backup: {FILE}: {error.strerror}") from None
    try:
        version = msgspec.json.decode(raw, type=_Versioned).format
        if version != FORMAT:
            raise InputError(f"{path}: format {version}; this version of Tocsin reads {FORMAT}")
        found = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HistoryDamaged(f"{path}: {str(error)[:200]}") from None
    _check_paths(found, path)
    return found


class _Versioned(Struct):
    format: int


def _check_paths(found: Manifest, path: Path) -> None:
    names = [file.path for file in found.files]
    for name in names:
        if not _PLACE.fullmatch(name) or ".." in PurePosixPath(name).parts or "\0" in name:
            raise HistoryDamaged(f"{path}: {name[:80]!r} cannot be part of a backup")
    if len(set(names)) != len(names) or "journal.db" not in names:
        raise HistoryDamaged(f"{path}: a file is named twice, or the journal is not named")
