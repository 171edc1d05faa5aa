"""`tocsin backup` and `tocsin restore`."""

import time
from pathlib import Path

from tocsin.app.backup.making import make_backup
from tocsin.app.backup.manifest import Manifest
from tocsin.app.backup.restoring import check_backup, restore_backup
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.doctor.finding import in_bytes
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording


def make(settings: Settings, out: Path, lang: str, *, as_json: bool) -> int:
    """Copies everything that is kept, while a service may run."""
    say = Wording(lang).say
    began = time.perf_counter()
    made = make_backup(settings.data, out, time.time_ns() // 1_000, with_records=not settings.database)
    if as_json:
        print(to_json({"backup": str(out), **_facts(made), "seconds": round(time.perf_counter() - began, 3)}))
        return 0
    facts = {"out": out, "files": len(made.files), "size": in_bytes(made.size), "seq": made.last_seq}
    print(say("{out}: {files:,} files, {size}, up to event {seq:,}", **facts))
    if made.records == "elsewhere":
        print(say("Keys and lists lie in the database and are not part of it: back it up with pg_dump."))
    return 0


def check(backup: Path, lang: str, *, as_json: bool) -> int:
    """Proves a backup, restoring nothing."""
    found = check_backup(backup)
    if as_json:
        print(to_json({"backup": str(backup), **_facts(found)}))
    else:
        facts = {"backup": backup, "made_at": found.made_at, "seq": found.last_seq}
        print(Wording(lang).say("{backup} of {made_at} is whole, up to event {seq:,}", **facts))
    return 0


def restore(settings: Settings, backup: Path, lang: str, *, as_json: bool) -> int:
    """Puts a backup into the data folder, which must be empty."""
    say = Wording(lang).say
    began = time.perf_counter()
    done = restore_backup(backup, settings.data)
    if as_json:
        told = {"data": str(settings.data), **_facts(done.manifest), "entries": done.proof.entries}
        print(to_json({**told, "seconds": round(time.perf_counter() - began, 3)}))
        return 0
    facts = {"folder": settings.data, "made_at": done.manifest.made_at, "entries": done.proof.entries}
    print(say("{folder} is as it was at {made_at}; {entries:,} entries are proved", **facts))
    if done.manifest.records == "elsewhere":
        print(say("Keys and lists were in a database and are not part of it: restore that too."))
    return 0


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at,
        "last_seq": manifest.last_seq,
        "last_hash": manifest.last_hash,
        "records": manifest.records,
        "files": len(manifest.files),
        "bytes": manifest.size,
    }
