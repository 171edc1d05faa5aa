"""Where compiled code is kept, and the decorator that compiles.

Receives functions over arrays. Gives them compiled by numba, kept on disk so that a start does not pay for it. Numba
does not notice when a function that another one calls has changed, so the folder is named for the text of all of them.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy
from numba.core import config

P = ParamSpec("P")
R = TypeVar("R")


def cache_folder() -> Path:
    """The first of TOCSIN_CACHE_DIR, the user's cache folder and the temporary folder that can be written, versions in its name."""
    digest = hashlib.sha256(f"{numba.__version__} {numpy.__version__}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    chosen = os.environ.get("TOCSIN_CACHE_DIR")
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    owner = f"tocsin-{os.getuid()}" if hasattr(os, "getuid") else "tocsin"
    for place in filter(None, (chosen, f"{user}/tocsin", f"{tempfile.gettempdir()}/{owner}")):
        folder = Path(place) / f"kernel-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and (not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()):
            return folder
    return Path(tempfile.mkdtemp(prefix="tocsin-"))


def is_compiled() -> bool:
    """Whether an earlier start has left compiled code, so that this one need not wait for it."""
    return any(Path(getattr(config, "CACHE_DIR")).rglob("advance.advance_one*.nbi"))  # noqa: B009 - made at run time


setattr(config, "CACHE_DIR", str(cache_folder()))  # noqa: B010 - numba's settings are made at run time


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a function over int64 arrays; whole-number arithmetic wraps, bounds are not checked."""
    options: dict[str, Any] = {"cache": True, "boundscheck": False, "nogil": True, "error_model": "numpy"}
    jit: Any = numba.njit
    return cast("Callable[P, R]", jit(**options, _nrt=False, forceinline=True)(function))
