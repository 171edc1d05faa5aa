"""All checks, one after the other."""

from collections.abc import Iterator

from tocsin.app.doctor import clock, content, disk, folder, font, journal, key, machine, port, record
from tocsin.app.doctor.finding import Check, Finding, Subject, fault

CHECKS: dict[str, tuple[Check, ...]] = {
    "versions": (machine.check_versions,),
    "variables": (machine.check_variables,),
    "folder": (folder.check_permissions, folder.check_settings_file),
    "disk": (disk.check_space, disk.check_writing, disk.check_filesystem),
    "clock": (clock.check_time, clock.check_steadiness, clock.check_skew),
    "machine": (machine.check_open_files, machine.check_memory, machine.check_cache),
    "history": (journal.check_journal, journal.check_lake),
    "database": (record.check_records,),
    "packs": (content.check_packs,),
    "keys": (key.check_keys,),
    "port": (port.check_port,),
    "fonts": (font.check_fonts,),
}


def examine(subject: Subject) -> Iterator[tuple[str, Finding]]:
    """Every finding, with what was looked at. A check that fails itself is a fault and stops no other."""
    say = subject.wording.say
    for name, checks in CHECKS.items():
        for check in checks:
            try:
                for finding in check(subject):
                    yield name, finding
            except Exception as error:  # noqa: BLE001 - the outermost edge: what a strange machine does to a check
                text = say("A check could not be made: {reason}", reason=f"{type(error).__name__}: {str(error)[:200]}")
                yield name, fault(text, say("Look into what it says; if it is Tocsin's fault, report it."))
