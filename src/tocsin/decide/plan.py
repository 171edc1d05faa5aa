"""What is to be done for each event type, worked out once when packs are loaded.

Receives a Catalogue and the detectors. Gives, per event type, the rules, the features they read and the place of each
name. Event types share nothing, so that rules of another type cost nothing.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from tocsin.decide.policy import Terms, terms_of
from tocsin.features.feature import Feature
from tocsin.model.decision import FeatureName
from tocsin.model.event_type import Column, EventTypeName
from tocsin.model.value import ValueType
from tocsin.rules.catalogue import Catalogue
from tocsin.rules.compiled import Evaluate, Names, ShowFeatures, compile_rules, compile_shown
from tocsin.rules.pack import EVALUATED, Rule
from tocsin.rules.value_list import NEVER, ValueList
from tocsin.signals.detector import Detector
from tocsin.signals.plan import SignalPlan


class TypePlan(Struct, frozen=True):
    """One event type: its rules' function and terms, the features in order, the lists that may be stale."""

    evaluate: Evaluate
    terms: tuple[Terms, ...]
    features: dict[FeatureName, ValueType]
    shown: ShowFeatures
    stale_lists: tuple[ValueList, ...]


class Plan(Struct, frozen=True):
    """All event types, and what the features' state needs to know."""

    types: dict[EventTypeName, TypePlan]
    signals: SignalPlan
    features: tuple[Feature, ...]
    reads: dict[EventTypeName, tuple[FeatureName, ...]]


def make_plan(catalogue: Catalogue, detectors: Sequence[Detector], *, every_feature: bool = False) -> Plan:
    """The plan over a catalogue. With `every_feature`, each event type reads every feature that it can key."""
    rules = {name: _rules_on(catalogue, name) for name in catalogue.types}
    reads = {name: _features_on(catalogue, name, rules[name], every=every_feature) for name in catalogue.types}
    wanted = {feature for names in reads.values() for feature in names}
    features = tuple(feature for name, feature in catalogue.features.items() if name in wanted)
    signals = SignalPlan(catalogue.types, detectors, _names_read(catalogue, rules, features))
    types = {
        name: _plan_type(catalogue, name, rules[name], reads[name], signals.layouts[name]) for name in catalogue.types
    }
    return Plan(types, signals, features, reads)


def _rules_on(catalogue: Catalogue, name: EventTypeName) -> list[Rule]:
    return [rule for rule in catalogue.rules.values() if name in rule.on and rule.state in EVALUATED]


def _features_on(
    catalogue: Catalogue, name: EventTypeName, rules: Iterable[Rule], *, every: bool
) -> tuple[FeatureName, ...]:
    read = {each for rule in rules for each in rule.condition.reads}
    return tuple(
        feature for feature, known in catalogue.features.items() if name in known.by and (every or feature in read)
    )


def _names_read(
    catalogue: Catalogue, rules: dict[EventTypeName, list[Rule]], features: Iterable[Feature]
) -> dict[EventTypeName, frozenset[str]]:
    """Every attribute and signal that a rule or a feeding feature reads, by event type."""
    read: dict[EventTypeName, set[str]] = {
        name: {each for rule in on for each in rule.condition.reads} for name, on in rules.items()
    }
    for feature in features:
        parts = [part for part in (feature.where, feature.aggregate.argument) if part]
        for name in feature.by:
            read[name] |= {*feature.by[name], *(each for part in parts for each in part.reads)}
    return {name: frozenset(names) for name, names in read.items() if name in catalogue.types}


def _plan_type(
    catalogue: Catalogue,
    name: EventTypeName,
    rules: Sequence[Rule],
    reads: Sequence[FeatureName],
    columns: Sequence[Column],
) -> TypePlan:
    features = {each: catalogue.features[each].aggregate.type for each in reads}
    places = {column.name: index for index, column in enumerate(columns)}
    used = {each for rule in rules for each in rule.condition.lists}
    return TypePlan(
        evaluate=compile_rules(rules, Names(name, columns, features), catalogue.lists),
        terms=tuple(terms_of(rule, places) for rule in rules),
        features=features,
        shown=compile_shown(features),
        stale_lists=tuple(catalogue.lists[each] for each in sorted(used) if catalogue.lists[each].stale_at < NEVER),
    )
