"""Files that hold keys.

Receives a path. Gives the file's bytes, but only where nobody else on this machine can read it; writes such files whole.
Never shows what is in them, not even in an error.
"""

import os
import stat
from pathlib import Path

from tocsin.model.errors import SecretWrong

FILE_LIMIT = 65_536
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(path: Path) -> bytes:
    """What a file of keys holds.

    Raises:
        SecretWrong: it cannot be read, is no plain file, is too large, belongs to somebody else, or others may read it.
    """
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise SecretWrong(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise SecretWrong(f"{path}: a file of keys must be a plain file")
        if found.st_uid not in {os.geteuid(), 0}:
            raise SecretWrong(f"{path}: a file of keys must belong to who runs Tocsin, or to root")
        if found.st_mode & OTHERS:
            raise SecretWrong(f"{path}: others may read or write it; say chmod 600 {path}")
        if found.st_size > FILE_LIMIT:
            raise SecretWrong(f"{path}: a file of keys has at most {FILE_LIMIT} bytes")
        return os.read(opened, FILE_LIMIT)
    finally:
        os.close(opened)


def write_secret(path: Path, content: bytes) -> None:
    """Writes a new file of keys that only its owner can read, durable before it is there.

    Raises:
        SecretWrong: it exists, or cannot be written.
    """
    fresh = _write_beside(path, content)
    try:
        os.link(fresh, path)  # unlike a rename, this fails where the file exists
        _sync(path.parent)
    except OSError as error:
        raise SecretWrong(f"{path}: {error.strerror}") from None
    finally:
        fresh.unlink(missing_ok=True)


def replace_secret(path: Path, content: bytes) -> None:
    """Writes a file of keys in the place of another; a crash leaves the one or the other whole.

    Raises:
        SecretWrong: it cannot be written.
    """
    fresh = _write_beside(path, content)
    try:
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise SecretWrong(f"{path}: {error.strerror}") from None


def _write_beside(path: Path, content: bytes) -> Path:
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(opened, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SecretWrong(f"{path}: {error.strerror}") from None
    return fresh


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
