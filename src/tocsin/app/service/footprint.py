"""The memory that a service gives back once it has started.

Receives nothing. To start maps the code of a compiler and of many libraries, of which little is needed afterwards: it is
given back to the machine, which maps again what is called. Never touches a page that can have been written: code only.
"""

import ctypes
from pathlib import Path

MAPS = Path("/proc/self/maps")
NOT_NEEDED = 4
"""Linux's MADV_DONTNEED: what was read from a file and not written leaves the process, and is read again when asked for."""


def give_back_code() -> int:
    """Bytes of code that are no longer held; 0 on a machine that has no such advice."""
    given = 0
    for line in MAPS.read_text().splitlines() if MAPS.exists() else ():
        span, rights, *rest = line.split()
        if rights == "r-xp" and rest[-1].startswith("/"):
            begin, end = (int(each, 16) for each in span.split("-"))
            given += _let_go(begin, end - begin)
    return given


def _let_go(begin: int, length: int) -> int:
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return length if advise(begin, length, NOT_NEEDED) == 0 else 0
