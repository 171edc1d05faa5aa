"""The memory that a service gives back once it has started.

Receives nothing. Loading the kernels maps a compiler of whose code nothing is needed afterwards: its pages are given back
to the machine, which reads them again should somebody call it. Never touches a page that can have been written: code only.
"""

import ctypes
from pathlib import Path

MAPS = Path("/proc/self/maps")
COMPILER = "libllvmlite"
NOT_NEEDED = 4
"""Linux's MADV_DONTNEED: what was read from a file and not written leaves the process, and is read again when asked for."""


def give_back_compiler() -> int:
    """Bytes of the compiler's code that are no longer asked for; 0 on a machine that has no such advice."""
    given = 0
    for line in MAPS.read_text().splitlines() if MAPS.exists() else ():
        span, rights, *rest = line.split()
        if rights == "r-xp" and COMPILER in rest[-1]:
            begin, end = (int(each, 16) for each in span.split("-"))
            given += _let_go(begin, end - begin)
    return given


def _let_go(begin: int, length: int) -> int:
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return length if advise(begin, length, NOT_NEEDED) == 0 else 0
