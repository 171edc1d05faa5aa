"""Who can read the data folder and the settings' file."""

import os
import stat
from collections.abc import Iterator

from tocsin.app.configuration.mask import mask
from tocsin.app.doctor.finding import Finding, Subject, fault, ok, warning


def check_permissions(subject: Subject) -> Iterator[Finding]:
    """Whether nobody but the service's user and group can read what is kept."""
    say = subject.wording.say
    folder = subject.settings.data
    if not folder.exists():
        yield ok(say("{folder} is not there yet; it is made for this user only", folder=folder.absolute()))
        return
    found = folder.stat()
    mode = f"{stat.S_IMODE(found.st_mode):04o}"
    if not folder.is_dir():
        yield fault(say("{folder} is no folder", folder=folder), say("Name a folder in `data`."))
    elif found.st_mode & stat.S_IRWXO:
        text = say("Everybody on this machine can look into {folder} (mode {mode})", folder=folder, mode=mode)
        yield fault(text, say("Run: chmod 700 {folder}", folder=folder))
    elif found.st_uid != os.getuid():
        text = say("{folder} belongs to another user (number {number})", folder=folder, number=found.st_uid)
        yield warning(text, say("Run Tocsin's commands as that user."))
    else:
        yield ok(say("Only this user and its group can look into {folder} (mode {mode})", folder=folder, mode=mode))


def check_settings_file(subject: Subject) -> Iterator[Finding]:
    """Whether a file with a password in it is kept from others."""
    say = subject.wording.say
    file = subject.file
    if file is None:
        return
    holds_secret = any(mask(name, value) != value for name, value in subject.settings.model_dump().items())
    if holds_secret and file.stat().st_mode & stat.S_IRWXO:
        yield warning(
            say("{file} can be read by everybody, and the settings hold a password", file=file),
            say(
                "Run: chmod 600 {file}; or lay the value into a file of its own and name it in a _FILE variable.",
                file=file,
            ),
        )
