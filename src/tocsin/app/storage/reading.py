"""SQLite files of a service that runs, for reading only.

Receives a path. Gives a connection that changes nothing, beside the process that writes there.
"""

import sqlite3
from pathlib import Path

WAIT_S = 5.0


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A SQLite file that is there.

    Raises:
        sqlite3.Error: it is not there, or is no SQLite file.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT_S, isolation_level=None)
