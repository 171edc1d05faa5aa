"""Everything that the loaded packs hold, checked together.

Receives folders, a shelf of folders where required packs may be found, and the detectors whose signals exist. Gives a
Catalogue, or every problem at once. Never evaluates a rule.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from tocsin.features.feature import Feature
from tocsin.model.decision import ContentHash, FeatureName, PackId, RuleId
from tocsin.model.errors import PackError
from tocsin.model.event_type import EventType, EventTypeName
from tocsin.model.problem import Problem
from tocsin.rules.event_entry import read_event_type
from tocsin.rules.feature_entry import read_feature
from tocsin.rules.naming import Naming
from tocsin.rules.pack import Pack, Rule
from tocsin.rules.rule_entry import read_rule
from tocsin.rules.section import Reader, Sections, gather_folders
from tocsin.rules.value_list import ValueList, read_list
from tocsin.signals.detector import Detector
from tocsin.signals.plan import columns_with_signals

LATER = ("notices", "warnings", "phrases", "typologies", "words")
"""Sections that a later stage understands; here only their names are known."""


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
    folders = gather_folders(places, shelf, problems)
    loading = Sections(folders, problems)
    warnings = loading.later(LATER, reader)
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
