"""The words that duties are written in: actors, events, records, stages, facts.

Receives the `words` sections of packs. Gives each word with its title in both languages. Never knows a duty.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from tocsin.language.document import Scalar
from tocsin.model.event_type import Title
from tocsin.model.problem import Problem
from tocsin.rulebook.duties.translation import bilingual
from tocsin.rules.author import Author, near
from tocsin.rules.folder import Folder

KINDS = ("actors", "events", "records", "stages")


class Vocabulary(Struct, frozen=True):
    """Every word by its kind. `facts` are what a trigger may ask of an event, with the values each may have."""

    actors: dict[str, Title] = {}
    events: dict[str, Title] = {}
    records: dict[str, Title] = {}
    stages: dict[str, Title] = {}
    facts: dict[str, tuple[str, ...]] = {}


def read_vocabulary(folders: Sequence[Folder], problems: list[Problem]) -> Vocabulary:
    """The words of all packs; what is wrong with them joins `problems`."""
    found: dict[str, dict[str, Title]] = {kind: {} for kind in KINDS}
    facts: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        for document in folder.documents:
            author = Author(document.file, "terms", document.root, problems)
            if "terms" in document.root.entries and (words := author.mapping("terms")):
                reader = Author(document.file, "terms", words, problems)
                reader.keys((*KINDS, "facts"))
                for kind in KINDS:
                    _read_titles(reader, kind, found[kind])
                _read_facts(reader, facts)
    return Vocabulary(**found, facts=facts)


def known_word(author: Author, node: Scalar, what: str, known: Iterable[str]) -> bool:
    """Whether a written word is known; notes a problem, with the word underlined, where it is not."""
    names = sorted(known)
    if node.text in names:
        return True
    problem = Problem(
        message=f"unknown {what} `{node.text[:60]}`",
        code=f"unknown-{what.replace(' ', '-')}",
        source=node.text[:60],
        end=min(len(node.text), 60),
        hint=near(node.text, names),
    )
    author.wrong_in(node, [problem])
    return False


def _read_titles(author: Author, kind: str, found: dict[str, Title]) -> None:
    entries = author.mapping(kind) if kind in author.entry.entries else None
    if entries is None:
        return
    reader = Author(author.file, f"words {kind}", entries, author.problems)
    for name, key in entries.keys.items():
        if name in found:
            reader.wrong("duplicate-name", f"`{name}` is declared twice", key)
        title = bilingual(reader, name)
        if title:
            found[name] = title


def _read_facts(author: Author, facts: dict[str, tuple[str, ...]]) -> None:
    entries = author.mapping("facts") if "facts" in author.entry.entries else None
    if entries is None:
        return
    reader = Author(author.file, "words facts", entries, author.problems)
    for name in entries.entries:
        facts[name] = tuple(node.text for node in reader.several(name))
