"""`tocsin init`: a settings' file to begin with."""

import os
from pathlib import Path

from tocsin.app.configuration.template import make_template
from tocsin.app.settings import USUAL, Settings
from tocsin.app.wording import Wording
from tocsin.model.errors import OutputError

MODE = 0o600
"""A settings' file may come to hold a password."""


def run(folder: Path, lang: str) -> int:
    """Writes the file where there is none.

    Raises:
        OutputError: there is one already, or it cannot be written.
    """
    wording = Wording(lang)
    file = folder / USUAL
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    except FileExistsError:
        raise OutputError(f"{file} exists and is not written over") from None
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(make_template(Settings, wording))
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror}") from None
    print(wording.say("{file} is written; every setting in it stands at its default", file=file))
    return 0
