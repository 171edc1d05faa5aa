"""One backup of a data folder, also of one in use.

Receives the folder. Gives a new folder with the journal as of one moment, every file of the lake that the journal's
register names at that moment, the newest snapshot that is not ahead of it, and the records. The journal is copied first:
files of the lake are never changed, and those that its register names are there already. Only an erasure or the end of
their time takes files away; then the journal is copied once more.
"""

import os
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tocsin import __version__
from tocsin.app.backup.copying import copy_database, copy_file, note_file, sync, sync_tree
from tocsin.app.backup.manifest import FILE, Manifest, Noted
from tocsin.history.chain import GENESIS
from tocsin.history.journal import FILE as JOURNAL
from tocsin.history.lake.files import CHAIN
from tocsin.history.lake.files import FOLDER as LAKE
from tocsin.model.errors import HistoryBusy, HistoryDamaged, InputError, OutputError

ATTEMPTS = 5
SNAPSHOTS = "snapshots"
EVIDENCE, ANCHORS, PUBLIC = "evidence", "anchors", "audit.pub"
DIGEST = re.compile(r"[0-9a-f]{64}")
RECORDS = "records.db"
"""Names that others give; they are not imported from there, because a backup needs no kernel and no migrations."""


def make_backup(folder: Path, out: Path, now_us: int, *, with_records: bool = True) -> Manifest:
    """Copies a data folder to `out`, which must not exist yet; it is there whole, or not at all.

    Raises:
        InputError: there is nothing to back up.
        OutputError: `out` exists, or cannot be written.
        HistoryDamaged: what is kept is not what was committed.
        HistoryBusy: data were erased again and again meanwhile.
    """
    if not (folder / JOURNAL).is_file():
        raise InputError(f"{folder}: nothing is kept here; name the data folder with --data")
    if out.exists():
        raise OutputError(f"{out} exists; name a new folder, such as one with the date in its name")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror}") from None
    try:
        made = _fill(folder, fresh, now_us, with_records=with_records)
        fresh.rename(out)
        sync(out.parent)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror}") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return made


def _fill(folder: Path, fresh: Path, now_us: int, *, with_records: bool) -> Manifest:
    lake = _copy_history(folder, fresh)
    last_seq, last_hash = _head(fresh / JOURNAL)
    files = [note_file(fresh / JOURNAL, JOURNAL), *lake, *_copy_snapshot(folder, fresh, last_seq)]
    has_records = with_records and (folder / RECORDS).is_file()
    if has_records:
        copy_database(folder / RECORDS, fresh / RECORDS)
        files.append(note_file(fresh / RECORDS, RECORDS))
    files += [*_copy_evidence(folder, fresh), *_copy_anchors(folder, fresh)]
    made = Manifest(
        tocsin=__version__,
        made_at=datetime.fromtimestamp(now_us / 1e6, UTC).isoformat(timespec="seconds"),
        last_seq=last_seq,
        last_hash=last_hash.hex(),
        records="elsewhere" if not with_records else "file" if has_records else "none",
        files=tuple(files),
    )
    handle = os.open(fresh / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as written:
        written.write(msgspec.json.format(msgspec.json.encode(made), indent=1))
        written.flush()
        os.fsync(written.fileno())
    sync_tree(fresh)
    return made


def _copy_history(folder: Path, fresh: Path) -> list[Noted]:
    """Journal and lake as of one moment; answers the lake's files."""
    done: dict[str, Noted] = {}
    for _ in range(ATTEMPTS):
        copy_database(folder / JOURNAL, fresh / JOURNAL)
        wanted = _register(fresh / JOURNAL)
        for path in set(done) - set(wanted):  # erased since it was copied
            (fresh / path).unlink()
            del done[path]
        try:
            for path, digest in wanted.items():
                if path not in done:
                    done[path] = _copy_kept(folder, fresh, path, digest)
        except FileNotFoundError:
            continue
        return [done[path] for path in wanted]
    raise HistoryBusy(f"{folder}: data were erased while they were copied; try again when that is done")


def _copy_kept(folder: Path, fresh: Path, path: str, digest: str) -> Noted:
    """One file of the lake, which must be the one that was registered."""
    noted = copy_file(folder / path, fresh / path, path)
    if digest and noted.sha256 != digest:
        raise HistoryDamaged(f"{folder / path}: the file has been changed; `tocsin history verify` tells more")
    return noted


def _register(journal: Path) -> dict[str, str]:
    """The lake's files by path from the data folder, with their digests; those of the chain have none there."""
    with closing(sqlite3.connect(journal)) as base:
        files = base.execute("select path, sha256 from lake_file order by path").fetchall()
        spans = base.execute("select first_seq, last_seq from stretch order by first_seq").fetchall()
    found = {f"{LAKE}/{path}": digest for path, digest in files}
    return found | {f"{LAKE}/{CHAIN}/{first:012d}-{last:012d}.parquet": "" for first, last in spans}


def _head(journal: Path) -> tuple[int, bytes]:
    """Number of the newest entry and seal of the newest group."""
    with closing(sqlite3.connect(journal)) as base:
        for table in ("batch", "stretch"):
            asked = f"select last_seq, hash from {table} order by first_seq desc limit 1"  # noqa: S608 - two fixed names
            found = base.execute(asked).fetchone()
            if found:
                return int(found[0]), bytes(found[1])
    return 0, GENESIS


def _copy_evidence(folder: Path, fresh: Path) -> list[Noted]:
    """Every piece of evidence that lies in the folder. The records were copied before: whatever they name is there."""
    found = sorted((folder / EVIDENCE).glob("[0-9a-f][0-9a-f]/*"))
    names = [f"{EVIDENCE}/{path.parent.name}/{path.name}" for path in found if DIGEST.fullmatch(path.name)]
    return [copy_file(folder / name, fresh / name, name) for name in names]


def _copy_anchors(folder: Path, fresh: Path) -> list[Noted]:
    """The audit log's anchors with the public key. The keys that sign and seal are kept elsewhere, never in a backup."""
    names = [f"{ANCHORS}/{path.name}" for path in sorted((folder / ANCHORS).glob("*.json"))]
    if (folder / PUBLIC).is_file():
        names.append(PUBLIC)
    return [copy_file(folder / name, fresh / name, name) for name in names]


def _copy_snapshot(folder: Path, fresh: Path, last_seq: int) -> list[Noted]:
    """The newest snapshot that is not ahead of the journal; a restart without one replays everything."""
    found = sorted((folder / SNAPSHOTS).glob("*.snapshot"), reverse=True)
    for path in found:
        if int(path.stem) <= last_seq:
            name = f"{SNAPSHOTS}/{path.name}"
            try:
                return [copy_file(path, fresh / name, name)]
            except FileNotFoundError:
                continue  # a newer one has taken its place
    return []
