"""Every duty of the loaded packs, checked together.

Receives folders of packs. Gives a Register, or every problem at once. Where a loaded pack holds rules too, the duties
that they name are checked.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from tocsin.language.document import Mapping, Scalar
from tocsin.language.document import Sequence as Written
from tocsin.model.decision import PackId
from tocsin.model.errors import PackError
from tocsin.model.problem import Problem
from tocsin.rulebook.duties.duty import Duty, DutyId, Regime, RegimeId
from tocsin.rulebook.duties.duty_entry import Known, read_duty
from tocsin.rulebook.duties.regime_entry import read_regime
from tocsin.rulebook.duties.vocabulary import Vocabulary, known_word, read_vocabulary
from tocsin.rules.author import Author
from tocsin.rules.folder import Document, Folder
from tocsin.rules.pack import Pack
from tocsin.rules.section import Sections, gather_folders


class Register(Struct, frozen=True, kw_only=True):
    """The duties of all loaded packs, in the order of their files."""

    packs: dict[PackId, Pack]
    words: Vocabulary
    regimes: dict[RegimeId, Regime]
    duties: dict[DutyId, Duty]

    def duties_under(self, asked: str) -> list[Duty]:
        """The duties of one regime (`EU-DSA`) or of all regimes of a jurisdiction (`EU`), in order."""
        return [duty for duty in self.duties.values() if asked in {duty.regime, self.regimes[duty.regime].jurisdiction}]


def load_register(places: Sequence[Path], shelf: Sequence[Path]) -> Register:
    """Reads and checks the duties of packs, and of those that they require.

    Raises:
        PackError: with every problem of every file.
    """
    problems: list[Problem] = []
    folders = gather_folders(places, shelf, problems)
    loading = Sections(folders, problems)
    words = read_vocabulary(folders, problems)
    regimes = loading.each("regimes", lambda author, name, folder: read_regime(author, name, folder.pack.id))
    known = Known(regimes, words)
    duties = loading.each("duties", lambda author, name, folder: read_duty(author, name, folder.pack.id, known))
    _check_references(folders, loading.names("duties"), problems)
    if problems:
        raise PackError(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column)))
    return Register(
        packs={folder.pack.id: folder.pack for folder in folders},
        words=words,
        regimes={RegimeId(name): regime for name, regime in regimes.items()},
        duties={DutyId(name): duty for name, duty in duties.items()},
    )


def _check_references(folders: Iterable[Folder], declared: frozenset[str], problems: list[Problem]) -> None:
    """Notes each duty that a rule names and no pack declares."""
    for folder in folders:
        for document in folder.documents:
            for name, rule in _rules_of(document):
                author = Author(document.file, f"rules {name}", rule, problems)
                written = rule.entries.get("duties")
                items = written.items if isinstance(written, Written) else (written,)
                for node in items:
                    if isinstance(node, Scalar):
                        known_word(author, node, "duty", declared)


def _rules_of(document: Document) -> list[tuple[str, Mapping]]:
    rules = document.root.entries.get("rules")
    entries = rules.entries.items() if isinstance(rules, Mapping) else ()
    return [(name, rule) for name, rule in entries if isinstance(rule, Mapping)]
