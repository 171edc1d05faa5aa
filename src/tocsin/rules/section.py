"""The sections of packs, gone through.

Receives places where packs are. Gives their folders, with all that they require, and each entry of a section once, to
whoever reads that section. Never interprets an entry.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from tocsin.language.document import Mapping as Written
from tocsin.language.document import is_empty
from tocsin.model.decision import PackId
from tocsin.model.problem import Problem
from tocsin.rules.author import Author, near
from tocsin.rules.folder import Folder, find_folders, read_documents, read_head, show
from tocsin.rules.pack import Pack

T = TypeVar("T")
SECTIONS = (
    *("events", "features", "rules", "lists"),
    *("notices", "warnings", "phrases", "typologies", "words"),
    *("regimes", "duties", "terms"),
)
"""What a pack's files may hold; each loader reads its own sections and lets the others be."""


class Reader(Protocol):
    """Reads the sections of packs that a later stage understands, so that its problems are found with all others.

    To give packs a new kind of content, name its section in LATER, implement this in your stage, and join both in
    `app/bootstrap.py`.
    """

    def take(self, section: str, name: str, author: Author) -> None:
        """Takes one entry, in the order of packs and files."""

    def settle(self, problems: list[Problem]) -> None:
        """Checks what only the whole shows, once every entry has been taken."""


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
        for name, author, folder in self._entries(section):
            value = read(author, name, folder)
            if value is not None:
                found[name] = value
            self.homes[name] = folder.pack.id
        return found

    def names(self, section: str) -> frozenset[str]:
        """Every name that one section declares, even where its entry is wrong."""
        found = [document.root.entries.get(section) for folder in self.folders for document in folder.documents]
        return frozenset(name for entries in found if isinstance(entries, Written) for name in entries.entries)

    def later(self, sections: Sequence[str], reader: Reader | None) -> frozenset[str]:
        """Gives a later stage what it understands; answers the names of all warnings."""
        warnings: set[str] = set()
        for section in sections:
            for name, author, _ in self._entries(section):
                if section == "warnings":
                    warnings.add(name)
                if reader is not None:
                    reader.take(section, name, author)
        if reader is not None:
            reader.settle(self.problems)
        return frozenset(warnings)

    def _entries(self, section: str) -> Iterator[tuple[str, Author, Folder]]:
        """Every entry of one section, its name unique over all packs."""
        places: dict[str, str] = {}
        for folder in self.folders:
            for document in folder.documents:
                entries = document.root.entries.get(section)
                if not isinstance(entries, Written):
                    if entries is not None and not is_empty(entries):
                        Author(document.file, "", document.root, self.problems).mapping(section)
                    continue
                for name, entry in entries.entries.items():
                    where, key = f"{section} {name}", entries.keys[name]
                    author = Author(document.file, where, entries, self.problems)
                    if name in places:
                        author.wrong(
                            "duplicate-name", f"`{name}` is declared twice; the first is in {places[name]}", key
                        )
                    elif not isinstance(entry, Written):
                        author.wrong("wrong-kind", f"`{name}` must be a mapping of keys to values", entry)
                    else:
                        places[name] = f"{document.file}:{key.line}"
                        yield name, Author(document.file, where, entry, self.problems), folder


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
