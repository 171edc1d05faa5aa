"""From a backup to a data folder.

Receives a backup. Gives a folder in which a service goes on from where the backup was made. Every byte is proved against
the backup's list on its way, and the whole history afterwards. Never writes over anything; until every byte is proved,
nothing stands where a service would look for it.
"""

import shutil
import tempfile
from pathlib import Path

from msgspec import Struct

from tocsin.app.backup.copying import copy_file, note_file, sync, sync_tree
from tocsin.app.backup.manifest import Manifest, Noted, read_manifest
from tocsin.app.doctor.finding import standing_folder
from tocsin.history.history import History
from tocsin.history.journal import FILE as JOURNAL
from tocsin.history.ownership import FILE as LOCK
from tocsin.history.ownership import Ownership
from tocsin.history.verification import Proof, Verification
from tocsin.model.errors import HistoryDamaged, OutputError

IGNORED = frozenset({LOCK, "lost+found"})
ROOM = 1.5
"""The index is made anew, and takes room of its own."""


class Restored(Struct, frozen=True):
    """What was restored, and what the proof of it came to."""

    manifest: Manifest
    proof: Proof


def check_backup(backup: Path) -> Manifest:
    """Proves every file of a backup against its list.

    Raises:
        InputError: it is no backup, or one of another form.
        HistoryDamaged: a file is missing or is not what was backed up.
    """
    manifest = read_manifest(backup)
    for file in manifest.files:
        try:
            _compare(note_file(backup / file.path, file.path), file)
        except FileNotFoundError:
            raise HistoryDamaged(f"{backup / file.path}: the file is missing") from None
    return manifest


def restore_backup(backup: Path, folder: Path) -> Restored:
    """Puts a backup into a folder that is absent or empty, makes the index anew, and proves the history.

    Raises:
        InputError: it is no backup, or one of another form.
        HistoryDamaged: a file is missing or is not what was backed up; nothing was restored.
        HistoryBusy: a service runs on the folder.
        OutputError: the folder is not empty, or too small, or cannot be written.
    """
    manifest = read_manifest(backup)
    _check_room(manifest, folder)
    ownership = Ownership(folder)
    try:
        if any(path.name not in IGNORED for path in folder.iterdir()):
            raise OutputError(f"{folder} is not empty; name a new folder, or move what is there aside")
        _bring(backup, manifest, folder)
    finally:
        ownership.close()
    return Restored(manifest, _prove(manifest, folder))


def _bring(backup: Path, manifest: Manifest, folder: Path) -> None:
    try:
        folder.chmod(0o700)
        fresh = Path(tempfile.mkdtemp(prefix=".restore-", dir=folder))
        try:
            for file in manifest.files:
                _compare(copy_file(backup / file.path, fresh / file.path, file.path), file)
            sync_tree(fresh)
            for path in sorted(
                fresh.iterdir(), key=lambda path: path.name == JOURNAL
            ):  # with the journal it is a history
                path.rename(folder / path.name)
            sync(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except FileNotFoundError as error:
        raise HistoryDamaged(f"{error.filename}: the file is missing") from None
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror}") from None


def _prove(manifest: Manifest, folder: Path) -> Proof:
    history = History(folder)
    try:
        proof = Verification(history.journal, history.lake).run()
        last_seq = history.journal.last_seq
    finally:
        history.close()
    if proof.faults:
        raise HistoryDamaged(f"{folder} is restored as it was backed up, and is damaged: {proof.faults[0]}")
    if (last_seq, proof.last_hash) != (manifest.last_seq, manifest.last_hash):
        raise HistoryDamaged(f"{folder} does not end with the entry with which the backup ended")
    return proof


def _compare(found: Noted, expected: Noted) -> None:
    if found != expected:
        raise HistoryDamaged(f"{found.path}: the file is not what was backed up; nothing was restored")


def _check_room(manifest: Manifest, folder: Path) -> None:
    free = shutil.disk_usage(standing_folder(folder)).free
    needed = round(manifest.size * ROOM)
    if free < needed:
        raise OutputError(f"{folder}: {needed:,} bytes are needed there and {free:,} are free")
