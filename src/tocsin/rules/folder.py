"""A pack as files.

Receives folders. Gives, for each pack in or below them, its head (pack.toml), its documents and its content hash. Never
interprets an entry.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from errno import ENOENT
from pathlib import Path
from typing import Any

from msgspec import Struct

from tocsin.language.document import SIZE_LIMIT, DocumentError, Mapping, read_document
from tocsin.model.decision import ContentHash, PackId
from tocsin.model.event_type import Title
from tocsin.model.problem import Problem
from tocsin.rules.author import NAME, near, reason_of
from tocsin.rules.pack import Pack

FILE_LIMIT = 2_000
HEAD = "pack.toml"
HEAD_LIMIT = 1 << 16
CHUNK = 1 << 20
_KEYS = {"id", "title", "version", "licence", "requires"}


class Document(Struct, frozen=True):
    """One YAML file of a pack."""

    file: str
    root: Mapping


class Folder(Struct, frozen=True):
    """One pack on disk, read."""

    path: Path
    pack: Pack
    documents: tuple[Document, ...]


def find_folders(places: Iterable[Path]) -> list[Path]:
    """The pack folders among and directly below the given places, in order, each once."""
    found: dict[Path, None] = {}
    for place in places:
        if (place / HEAD).is_file():
            found[place.resolve()] = None
        elif place.is_dir():
            found |= dict.fromkeys(head.parent.resolve() for head in sorted(place.glob(f"*/{HEAD}")))
    return list(found)


def read_documents(path: Path, problems: list[Problem]) -> tuple[Document, ...]:
    """The YAML files of one pack; what is wrong with them joins `problems`."""
    files = sorted(path.rglob("*.yaml")) + sorted(path.rglob("*.yml"))
    if len(files) > FILE_LIMIT:
        problems.append(Problem(message=f"more than {FILE_LIMIT} files in one pack", code="too-large", file=show(path)))
        return ()
    return tuple(document for file in files if (document := _read_yaml(file, problems)))


def show(path: Path) -> str:
    """A path as authors know it: relative to where they stand, if it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def hash_folder(path: Path) -> ContentHash:
    """128 bits of SHA-256 over the relative path and bytes of every content file.

    Line ends are kept as they are; hidden files and other kinds of files do not count.
    """
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_file() and file.suffix in {".yaml", ".yml", ".toml", ".csv", ".txt"} and not name.startswith("."):
            digest.update(f"{len(name.encode())}:{name}{file.stat().st_size}:".encode())
            with file.open("rb") as content:
                while chunk := content.read(CHUNK):
                    digest.update(chunk)
    return ContentHash(digest.hexdigest()[:32])


def read_head(path: Path, problems: list[Problem]) -> Pack | None:
    """The head of one pack; what is wrong with it joins `problems`."""
    file = path / HEAD
    try:
        head = tomllib.loads(_read(file, HEAD_LIMIT))
    except (OSError, ValueError, RecursionError) as error:
        problems.append(Problem(message=f"cannot be read: {reason_of(error)}", code="pack-head", file=show(file)))
        return None
    faults = _faults_of(head)
    problems += [Problem(message=fault, code="pack-head", file=show(file)) for fault in faults]
    if faults:
        return None
    return Pack(
        id=PackId(head["id"]),
        title=Title(head["title"]["en"], head["title"]["zh"]),
        version=head["version"],
        licence=head.get("licence", ""),
        requires=tuple(PackId(each) for each in head.get("requires", [])),
        hash=hash_folder(path),
        folder=show(path),
    )


def _faults_of(head: dict[str, Any]) -> list[str]:
    """What is wrong with a head that could be read."""
    faults = [f"unknown key `{key[:60]}`; {near(key, _KEYS)}" for key in head if key not in _KEYS]
    faults += [f"`{key}` is missing" for key in ("id", "title", "version") if key not in head]
    faults += [f"`{key}` is a text" for key in ("id", "version", "licence") if not isinstance(head.get(key, ""), str)]
    if isinstance(head.get("id"), str) and not NAME.fullmatch(head["id"]):
        faults.append(f"`{head['id'][:60]}` is no pack id; write lower case with hyphens, such as my-bank")
    title = head.get("title")
    if title is not None and not (isinstance(title, dict) and all(isinstance(title.get(k), str) for k in ("en", "zh"))):
        faults.append('`title` needs both languages: { en = "…", zh = "…" }')
    requires = head.get("requires", [])
    if not (isinstance(requires, list) and all(isinstance(each, str) for each in requires)):
        faults.append("`requires` is a list of pack ids")
    return faults


def _read(file: Path, limit: int) -> str:
    """The text of a file that is one, and no longer than it may be; it may begin with a byte order mark.

    Raises:
        OSError: it cannot be read, or is no plain file.
        ValueError: it is too long, or not UTF-8.
    """
    if not file.is_file():
        raise FileNotFoundError(ENOENT, "no such file, or no plain one")
    if file.stat().st_size > limit:
        raise ValueError(f"more than {limit} bytes; split it")
    return file.read_text(encoding="utf-8-sig")


def _read_yaml(file: Path, problems: list[Problem]) -> Document | None:
    name = show(file)
    try:
        root = read_document(_read(file, 4 * SIZE_LIMIT), name)
    except DocumentError as error:
        problems.append(error.problem)
        return None
    except (OSError, ValueError) as error:
        problems.append(Problem(message=f"cannot be read: {reason_of(error)}", code="yaml", file=name))
        return None
    if not isinstance(root, Mapping):
        problems.append(
            Problem(message="a pack file maps events, features, rules and lists", code="wrong-kind", file=name, line=1)
        )
        return None
    return Document(name, root)
