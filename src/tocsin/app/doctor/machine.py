"""The machine: versions, open files, memory, and where compiled code is kept."""

import os
import platform
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numba

import tocsin
from tocsin.app.configuration.environment import misspelt_variables
from tocsin.app.doctor.finding import Finding, Subject, fault, in_bytes, ok, warning
from tocsin.app.settings import Settings
from tocsin.features.kernel.compiled import cache_folder

LEAST_FILES, ENOUGH_FILES = 256, 4_096
LEAST_BYTES, ENOUGH_BYTES = 256 << 20, 1 << 30
LEAST_SQLITE = (3, 37, 0)
"""Strict tables came with it."""


def check_versions(subject: Subject) -> Iterator[Finding]:
    """What runs here."""
    say = subject.wording.say
    shown = (
        f"Tocsin {tocsin.__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"numba {numba.__version__}, {platform.system()} {platform.machine()}"
    )
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        yield fault(shown, say("SQLite must be {version} or newer: use a Python that brings it.", version="3.37"))
    elif not sys.platform.startswith(("linux", "darwin")):
        yield warning(shown, say("Run it on Linux; elsewhere it is not tested."))
    else:
        yield ok(shown)


def check_variables(subject: Subject) -> Iterator[Finding]:
    """Whether a variable looks like a setting's and is none."""
    say = subject.wording.say
    for name, nearest in misspelt_variables(Settings, os.environ):
        text = say("The variable {name} is no setting", name=name)
        yield warning(text, say("Write {nearest} if that is meant, else remove it.", nearest=nearest))


def check_open_files(subject: Subject) -> Iterator[Finding]:
    """How many files and connections the process may hold."""
    say = subject.wording.say
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= ENOUGH_FILES:
        yield ok(say("The process may hold enough files and connections"))
        return
    text = say("The process may hold {count} files and connections only", count=soft)
    mend = say("Raise the limit: LimitNOFILE=65536 in the systemd unit, or `ulimit -n 65536` before the start.")
    yield fault(text, mend) if soft < LEAST_FILES else warning(text, mend)


def check_memory(subject: Subject) -> Iterator[Finding]:
    """How much memory is to be had, a container's limit included."""
    say = subject.wording.say
    found = [each for each in (machine_memory(_read("/proc/meminfo")), container_memory()) if each is not None]
    if not found:
        return
    text = say("{size} of memory are free", size=in_bytes(min(found)))
    mend = say(
        "Give it more memory, or run fewer programs beside it; about 0.3 GiB and what the windows hold are needed."
    )
    least = min(found)
    yield fault(text, mend) if least < LEAST_BYTES else warning(text, mend) if least < ENOUGH_BYTES else ok(text)


def check_cache(subject: Subject) -> Iterator[Finding]:
    """Whether compiled code is kept, so that a start does not pay for it."""
    say = subject.wording.say
    folder = cache_folder()
    mend = say("Name a folder that this user can write in TOCSIN_CACHE_DIR.")
    if folder.is_relative_to(tempfile.gettempdir()):
        yield warning(say("Compiled code is kept in {folder}, which is emptied from time to time", folder=folder), mend)
    elif not any(folder.rglob("*.nbi")):
        text = say("No compiled code is kept in {folder} yet", folder=folder)
        yield warning(text, say("The first start compiles it and takes half a minute; nothing need be done."))
    else:
        yield ok(say("Compiled code is kept in {folder}", folder=folder))


def machine_memory(meminfo: str) -> int | None:
    """The bytes that the machine can still give.

    >>> machine_memory("MemAvailable: 4 kB")
    4096
    """
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return None


def container_memory(root: Path = Path("/sys/fs/cgroup"), groups: str | None = None) -> int | None:
    """The bytes that a control group (version 2) still allows; None where it sets no limit."""
    groups = _read("/proc/self/cgroup") if groups is None else groups
    own = next((line[3:] for line in groups.splitlines() if line.startswith("0::")), "/")
    for folder in (root / own.lstrip("/"), root):
        limit, used = _read(folder / "memory.max").strip(), _read(folder / "memory.current").strip()
        if limit.isdigit() and used.isdigit():
            return max(0, int(limit) - int(used))
    return None


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
