"""The platform's rules on queues, from the file that the settings name.

Receives the settings. Gives rules that are checked, so that a mistake in them is told at the start and not by a case that
lies in the wrong queue.
"""

from pathlib import Path

from tocsin.app.settings import Settings
from tocsin.cases.routing import FILE_LIMIT, Route, read_routes
from tocsin.model.errors import InputError


def load_routes(settings: Settings) -> tuple[Route, ...]:
    """The rules, in their order; none where no file is named.

    Raises:
        InputError: the file cannot be read, or what is wrong in it.
    """
    if not settings.queues:
        return ()
    path = Path(settings.queues)
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise InputError(f"queues: {path}: {error.strerror}") from None
    return read_routes(content, str(path))
