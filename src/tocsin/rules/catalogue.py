"""Everything that the loaded packs hold, checked together.

Receives folders, a shelf of folders where required packs may be found, and the detectors whose signals exist. Gives a
Catalogue, or every problem at once. Never evaluates a rule.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec import Struct

from tocsin.features.feature import Feature
from tocsin.language.document import Mapping as Written
from tocsin.model.decision import ContentHash, FeatureName, PackId, RuleId
from tocsin.model.errors import PackError
from tocsin.model.event_type import EventType, EventTypeName
from tocsin.model.problem import Problem
from tocsin.rules.author import Author, near
from tocsin.rules.event_entry import read_event_type
from tocsin.rules.feature_entry import read_feature
from tocsin.rules.folder import Folder, find_folders, read_documents, read_head, show
from tocsin.rules.naming import Naming
from tocsin.rules.pack import Pack, Rule
from tocsin.rules.rule_entry import read_rule
from tocsin.rules.value_list import ValueList, read_list
from tocsin.signals.detector import Detector
from tocsin.signals.plan import columns_with_signals

SECTIONS = ("events", "features", "rules", "lists")
LATER = ("notices", "warnings", "phrases", "typologies", "words")
"""Sections that a later stage understands; here only their names are known."""
T = TypeVar("T")


class Reader(Protocol):
    """Reads the sections of packs that a later stage understands, so that its problems are found with all others.

    To give packs a new kind of content, name its section in LATER, implement this in your stage, and join both in
    `app/bootstrap.py`.
    """

    def take(self, section: str, name: str, author: Author) -> None:
        """Takes one entry, in the order of packs and files."""

    def settle(self, problems: list[Problem]) -> None:
        """Checks what only the whole shows, once every entry has been taken."""


class Catalogue(Struct, frozen=True, kw_only=True):
    """The content of all loaded packs, by name; names are unique over all packs."""

    packs: dict[PackId, Pack]
    types: dict[EventTypeName, EventType]
    features: dict[FeatureName, Feature]
    lists: dict[str, ValueList]
    rules: dict[RuleId, Rule]
    homes: dict[str, PackId]
    """The pack in which each feature and event type stands."""

    @property
    def hashes(self) -> dict[PackId, ContentHash]:
        """The version of each pack, as decisions name it."""
        return {name: pack.hash for name, pack in self.packs.items()}

    def rules_of(self, packs: Iterable[PackId]) -> list[Rule]:
        """The rules of the given packs, in the order of their files."""
        wanted = set(packs)
        return [rule for rule in self.rules.values() if rule.pack in wanted]


def load_catalogue(
    places: Sequence[Path], shelf: Sequence[Path], detectors: Sequence[Detector], reader: Reader | None = None
) -> Catalogue:
    """Reads and checks packs, and those that they require; `reader` is given what a later stage understands.

    Raises:
        PackError: with every problem of every file.
    """
    problems: list[Problem] = []
    folders = _gather(places, shelf, problems)
    loading = _Loading(folders, problems)
    warnings = loading.later(reader)
    types = loading.each("events", lambda author, name, _: read_event_type(author, name))
    lists = loading.each("lists", lambda author, name, folder: read_list(author, name, folder.path))
    layouts = {EventTypeName(name): columns_with_signals(kind, detectors) for name, kind in types.items()}
    named = {EventTypeName(name): kind for name, kind in types.items()}
    naming = Naming(named, layouts, lists, warnings)
    naming.features = loading.each("features", lambda author, name, _: read_feature(author, name, naming))
    rules = loading.each("rules", lambda author, name, folder: read_rule(author, name, folder.pack.id, naming))
    if problems:
        raise PackError(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column)))
    return Catalogue(
        packs={folder.pack.id: folder.pack for folder in folders},
        types=named,
        features={FeatureName(name): feature for name, feature in naming.features.items()},
        lists=lists,
        rules={RuleId(name): rule for name, rule in rules.items()},
        homes=loading.homes,
    )


class _Loading:
    """Goes through the sections of all documents and keeps each name unique."""

    def __init__(self, folders: Sequence[Folder], problems: list[Problem]) -> None:
        self.folders = folders
        self.problems = problems
        self.homes: dict[str, PackId] = {}
        for folder in folders:
            for document in folder.documents:
                author = Author(document.file, "", document.root, problems)
                author.keys(SECTIONS + LATER)

    def each(self, section: str, read: Callable[[Author, str, Folder], T | None]) -> dict[str, T]:
        """Every entry of one section over all packs, read."""
        found: dict[str, T] = {}
        for name, author, folder in self._entries(section):
            value = read(author, name, folder)
            if value is not None:
                found[name] = value
            self.homes[name] = folder.pack.id
        return found

    def later(self, reader: Reader | None) -> frozenset[str]:
        """Gives a later stage what it understands; answers the names of all warnings."""
        names: dict[str, list[str]] = {}
        for section in LATER:
            for name, author, _ in self._entries(section):
                names.setdefault(section, []).append(name)
                if reader is not None:
                    reader.take(section, name, author)
        if reader is not None:
            reader.settle(self.problems)
        return frozenset(names.get("warnings", ()))

    def _entries(self, section: str) -> Iterator[tuple[str, Author, Folder]]:
        """Every entry of one section, its name unique over all packs."""
        places: dict[str, str] = {}
        for folder in self.folders:
            for document in folder.documents:
                entries = document.root.entries.get(section)
                if not isinstance(entries, Written):
                    if entries is not None:
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


def _gather(places: Sequence[Path], shelf: Sequence[Path], problems: list[Problem]) -> list[Folder]:
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


def _with_required(pack: Pack, known: Mapping[PackId, tuple[Path, Pack]], problems: list[Problem]) -> list[PackId]:
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
