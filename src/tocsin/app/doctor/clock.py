"""The clock.

Looks whether the time is one that can be, whether it agrees with the disk's, and whether it has gone back behind what is
kept. The time zone does not matter: everything is kept in UTC.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import tocsin
from tocsin.app.doctor.finding import Finding, Subject, fault, ok, standing_folder, warning
from tocsin.app.doctor.journal import last_commit_us

LATEST_YEAR = 2_100
SKEW_S = 2.0
DAY_S = 86_400


def check_time(subject: Subject) -> Iterator[Finding]:
    """Whether the time can be right: not before Tocsin was installed, and not in another century."""
    say = subject.wording.say
    now_s = subject.now_us / 1e6
    installed_s = Path(tocsin.__file__).stat().st_mtime
    latest_s = datetime(LATEST_YEAR, 1, 1, tzinfo=UTC).timestamp()
    mend = say("Set the clock and keep it by NTP, for example with chrony or systemd-timesyncd.")
    if now_s < installed_s - DAY_S or now_s > latest_s:
        shown = f"{now_s:.0f}" if now_s > latest_s else _shown(now_s)
        yield fault(say("The clock says {now}, which cannot be", now=shown), mend)
        return
    yield ok(say("The clock says {now} UTC", now=_shown(now_s)))
    kept_us = last_commit_us(subject.settings.data)
    if kept_us is not None and kept_us > subject.now_us + SKEW_S * 1e6:
        behind = round(kept_us / 1e6 - now_s)
        yield fault(say("The clock is {seconds} s behind the last entry that was kept", seconds=behind), mend)


def check_steadiness(subject: Subject) -> Iterator[Finding]:
    """Whether the steady clock never goes back."""
    say = subject.wording.say
    before = [time.monotonic_ns() for _ in range(1_000)]
    if before == sorted(before):
        yield ok(say("The steady clock runs forward"))
    else:
        mend = say("Choose another clock source of the kernel (clocksource=hpet or acpi_pm), or move the machine.")
        yield fault(say("The steady clock went back"), mend)


def check_skew(subject: Subject) -> Iterator[Finding]:
    """Whether the disk's time is ours; on a network's file system it is another machine's."""
    say = subject.wording.say
    try:
        seconds = disk_skew_s(standing_folder(subject.settings.data))
    except OSError:
        return
    if abs(seconds) > SKEW_S:
        yield warning(
            say("The disk's clock differs from ours by {seconds:.1f} s", seconds=seconds),
            say("Keep both machines by NTP, or use a local disk."),
        )
    else:
        yield ok(say("The disk's clock is ours"))


def disk_skew_s(folder: Path) -> float:
    """How far the time that a new file bears is ahead of the clock, in seconds.

    Raises:
        OSError: no file can be made there.
    """
    handle, name = tempfile.mkstemp(prefix=".doctor-", dir=folder)
    try:
        os.write(handle, b"\0")
        return os.fstat(handle).st_mtime - time.time()
    finally:
        os.close(handle)
        os.unlink(name)


def _shown(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
