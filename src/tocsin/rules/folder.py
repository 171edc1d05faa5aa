"""A pack as files.

Receives folders. Gives, for each pack in or below them, its head (pack.toml), its documents and its content hash. Never
interprets an entry.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from tocsin.language.document import DocumentError, Mapping, read_document
from tocsin.model.decision import ContentHash, PackId
from tocsin.model.event_type import Title
from tocsin.model.problem import Problem
from tocsin.rules.author import Author, near, reason_of
from tocsin.rules.pack import Pack

FILE_LIMIT = 2_000
HEAD = "pack.toml"
SECTIONS = ("events", "features", "rules", "lists", "regimes", "duties", "words")
"""What a pack's files may hold; each loader reads its own sections and lets the others be."""
_KEYS = {"id", "title", "version", "licence", "requires"}
T = TypeVar("T")


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
            content = file.read_bytes()
            digest.update(f"{len(name.encode())}:{name}{len(content)}:".encode())
            digest.update(content)
    return ContentHash(digest.hexdigest()[:32])


def read_head(path: Path, problems: list[Problem]) -> Pack | None:
    """The head of one pack; what is wrong with it joins `problems`."""
    file = path / HEAD
    try:
        head = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(message=f"cannot be read: {reason_of(error)}", code="pack-head", file=show(file)))
        return None
    faults = [f"unknown key `{key}`; {near(key, _KEYS)}" for key in head if key not in _KEYS]
    faults += [f"`{key}` is missing" for key in ("id", "title", "version") if key not in head]
    title = head.get("title")
    if title is not None and not (isinstance(title, dict) and all(isinstance(title.get(k), str) for k in ("en", "zh"))):
        faults.append('`title` needs both languages: { en = "…", zh = "…" }')
    requires = head.get("requires", [])
    if not (isinstance(requires, list) and all(isinstance(each, str) for each in requires)):
        faults.append("`requires` is a list of pack ids")
    problems += [Problem(message=fault, code="pack-head", file=show(file)) for fault in faults]
    if faults:
        return None
    return Pack(
        id=PackId(str(head["id"])),
        title=Title(head["title"]["en"], head["title"]["zh"]),
        version=str(head["version"]),
        licence=str(head.get("licence", "")),
        requires=tuple(PackId(each) for each in requires),
        hash=hash_folder(path),
        folder=show(path),
    )


class Sections:
    """Goes through the sections of all documents and keeps each name unique."""

    def __init__(self, folders: Sequence[Folder], problems: list[Problem]) -> None:
        self.folders = folders
        self.problems = problems
        self.homes: dict[str, PackId] = {}
        for folder in folders:
            for document in folder.documents:
                author = Author(document.file, "", document.root, problems)
                author.keys(SECTIONS)

    def each(self, section: str, read: Callable[[Author, str, Folder], T | None]) -> dict[str, T]:
        """Every entry of one section over all packs, read."""
        found: dict[str, T] = {}
        places: dict[str, str] = {}
        for folder in self.folders:
            for document in folder.documents:
                entries = document.root.entries.get(section)
                if not isinstance(entries, Mapping):
                    if entries is not None:
                        Author(document.file, "", document.root, self.problems).mapping(section)
                    continue
                for name, entry in entries.entries.items():
                    author = Author(document.file, f"{section} {name}", entries, self.problems)
                    if name in places:
                        author.wrong(
                            "duplicate-name",
                            f"`{name}` is declared twice; the first is in {places[name]}",
                            entries.keys[name],
                        )
                    elif not isinstance(entry, Mapping):
                        author.wrong("wrong-kind", f"`{name}` must be a mapping of keys to values", entry)
                    else:
                        places[name] = f"{document.file}:{entries.keys[name].line}"
                        self._keep(
                            found, name, read(Author(document.file, author.where, entry, self.problems), name, folder)
                        )
                        self.homes[name] = folder.pack.id
        return found

    def names(self, section: str) -> frozenset[str]:
        """Every name that one section declares, even where its entry is wrong."""
        found = [document.root.entries.get(section) for folder in self.folders for document in folder.documents]
        return frozenset(name for entries in found if isinstance(entries, Mapping) for name in entries.entries)

    @staticmethod
    def _keep(found: dict[str, T], name: str, value: T | None) -> None:
        if value is not None:
            found[name] = value


def gather_folders(places: Sequence[Path], shelf: Sequence[Path], problems: list[Problem]) -> list[Folder]:
    """The folders of the packs asked for and of all that they require, required ones first."""
    asked = find_folders(places)
    message = "no pack here: a pack is a folder with a pack.toml"
    problems += [Problem(message=message, code="no-pack", file=show(p)) for p in places if not find_folders([p])]
    known: dict[PackId, tuple[Path, Pack]] = {}
    quiet: list[Problem] = []
    for path in dict.fromkeys([*asked, *find_folders([*(path.parent for path in asked), *shelf])]):
        pack = read_head(path, problems if path in asked else quiet)
        if pack is None:
            continue
        if pack.id not in known:
            known[pack.id] = (path, pack)
        elif path in asked:
            message = f"pack id `{pack.id}` is taken by {show(known[pack.id][0])}"
            problems.append(Problem(message=message, code="duplicate-name", file=show(path)))
    wanted: dict[PackId, None] = {}
    for path, pack in known.values():
        if path in asked:
            wanted |= dict.fromkeys(_with_required(pack, known, problems))
    return [Folder(known[name][0], known[name][1], read_documents(known[name][0], problems)) for name in wanted]


def _with_required(pack: Pack, known: dict[PackId, tuple[Path, Pack]], problems: list[Problem]) -> list[PackId]:
    """A pack after everything that it requires; packs that require one another come once."""
    waiting = [pack]
    order = [pack.id]
    while waiting:
        current = waiting.pop()
        for name in current.requires:
            if name not in known:
                message = f"requires the pack `{name}`, which is not beside it nor shipped"
                problems.append(
                    Problem(message=message, code="unknown-pack", file=current.folder, hint=near(name, known))
                )
            elif name not in order:
                order.append(name)
                waiting.append(known[name][1])
    return order[::-1]


def _read_yaml(file: Path, problems: list[Problem]) -> Document | None:
    name = show(file)
    try:
        root = read_document(file.read_text(encoding="utf-8"), name)
    except DocumentError as error:
        problems.append(error.problem)
        return None
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(message=f"cannot be read: {reason_of(error)}", code="yaml", file=name))
        return None
    if not isinstance(root, Mapping):
        problems.append(
            Problem(message="a pack file maps events, features, rules and lists", code="wrong-kind", file=name, line=1)
        )
        return None
    return Document(name, root)
