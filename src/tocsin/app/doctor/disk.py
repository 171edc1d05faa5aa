"""The disk below the data folder.

Looks at its space, at how long it takes until a write is really there, and at the kind of file system. Leaves nothing
behind.
"""

import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tocsin.app.doctor.finding import Finding, Subject, fault, in_bytes, ok, standing_folder, warning

LEAST_BYTES = 256 << 20
LOW_BYTES = 2 << 30
SLOW_S = 0.02
ROUNDS = 7
BLOCK = bytes(4_096)
NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "9p",
        "ceph",
        "glusterfs",
        "lustre",
        "afs",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.rclone",
    }
)
"""File systems on which SQLite's locks or its log do not hold what they promise. https://www.sqlite.org/wal.html"""
MEMORY = frozenset({"tmpfs", "ramfs"})
LAYER = frozenset({"overlay", "aufs"})


def check_space(subject: Subject) -> Iterator[Finding]:
    """How much is free."""
    say = subject.wording.say
    folder = standing_folder(subject.settings.data)
    free = shutil.disk_usage(folder).free
    text = say("{size} are free below {folder}", size=in_bytes(free), folder=folder)
    mend = say("Free some space, move `data` to a larger disk, or shorten `keep_days`.")
    yield fault(text, mend) if free < LEAST_BYTES else warning(text, mend) if free < LOW_BYTES else ok(text)


def check_writing(subject: Subject) -> Iterator[Finding]:
    """Whether a write can be made durable, and how long that takes: no decision is answered before."""
    say = subject.wording.say
    folder = standing_folder(subject.settings.data)
    try:
        seconds = time_sync(folder)
    except OSError as error:
        yield fault(
            say("{folder} cannot be written: {reason}", folder=folder, reason=error.strerror or error),
            say("Give the service's user the folder, or name another one in `data`."),
        )
        return
    text = say("A write is on the disk after {ms:.1f} ms (median)", ms=seconds * 1_000)
    mend = say(
        "Every decision waits for it: put `data` on a local SSD, or a disk with a write cache that has a battery."
    )
    yield warning(text, mend) if seconds > SLOW_S else ok(text)


def check_filesystem(subject: Subject) -> Iterator[Finding]:
    """What kind of file system it is."""
    say = subject.wording.say
    folder = standing_folder(subject.settings.data)
    try:
        kind = filesystem_of(folder, Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return
    text = say("{folder} lies on the file system {kind}", folder=folder, kind=kind)
    if kind in NETWORK:
        yield warning(text, say("A network's file system may break SQLite's locks and lose writes: use a local disk."))
    elif kind in MEMORY:
        yield warning(text, say("It lies in memory and is gone after a restart: use a disk."))
    elif kind in LAYER:
        yield warning(text, say("It is a container's own layer and goes with the container: mount a volume there."))
    else:
        yield ok(text)


def time_sync(folder: Path) -> float:
    """The median of the seconds that a small write needs until it is on the disk.

    Raises:
        OSError: it cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=".doctor-", dir=folder)
    try:
        spent = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            os.write(handle, BLOCK)
            os.fsync(handle)
            spent.append(time.perf_counter() - began)
        return statistics.median(spent)
    finally:
        os.close(handle)
        os.unlink(name)


def filesystem_of(folder: Path, mountinfo: str) -> str:
    """The kind of the file system on which a folder lies, from the kernel's list of mounts (see proc(5)).

    >>> filesystem_of(Path("/srv"), "1 0 8:1 / / rw - ext4 /dev/a rw")
    'ext4'
    """
    found, longest = "unknown", -1
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5 or not right:
            continue
        place = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if folder.is_relative_to(place) and len(place.parts) >= longest:
            found, longest = right.split()[0], len(place.parts)
    return found
