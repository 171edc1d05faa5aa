"""Proving rules by their own cases.

Receives a Catalogue. Gives, for each case of each rule, whether the rule did what the case says, and what it read.
Windows in a case's history are the real ones.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from tocsin.features.state import FeatureState
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import FeatureName, Shown
from tocsin.model.errors import EventError, NumberOutOfRange
from tocsin.model.event import Event
from tocsin.model.fixed import fixed_from_number
from tocsin.model.value import Value, ValueType
from tocsin.model.window import SECOND_US, parse_span
from tocsin.rules.catalogue import Catalogue
from tocsin.rules.compiled import Names, compile_rules
from tocsin.rules.pack import Rule, RuleCase
from tocsin.signals.detector import Detector
from tocsin.signals.plan import SignalPlan

CASE_TIME = "2026-01-15T12:00:00Z"


class CaseResult(Struct, frozen=True):
    """What became of one case. `fault` is empty where it holds; `values` are what the rule read, if it fired."""

    rule: Rule
    case: RuleCase
    fault: str
    values: dict[str, Shown]


class CaseError(Exception):
    """A case that cannot be run as written."""


def check_cases(catalogue: Catalogue, rules: Iterable[Rule], detectors: Sequence[Detector]) -> list[CaseResult]:
    """Runs every case of the given rules; a case that cannot be run has its reason as fault."""
    reader = EventReader(catalogue.types)
    every = {name: frozenset(c.name for d in detectors for c in d.gives) for name in catalogue.types}
    signals = SignalPlan(catalogue.types, detectors, every)
    return [_check(catalogue, rule, case, reader, signals) for rule in rules for case in rule.cases]


def _check(catalogue: Catalogue, rule: Rule, case: RuleCase, reader: EventReader, signals: SignalPlan) -> CaseResult:
    try:
        event = _event(reader, case.event, "case", CASE_TIME)
        history = [_event(reader, each, f"history {number}", None) for number, each in enumerate(case.history, 1)]
        found = _fired(catalogue, rule, case, (event, history), signals)
    except CaseError as error:
        return CaseResult(rule, case, str(error), {})
    fault = "" if bool(found) is case.fires else "did not fire" if case.fires else "fired"
    return CaseResult(rule, case, fault, found[0][1] if found else {})


def _fired(
    catalogue: Catalogue, rule: Rule, case: RuleCase, events: tuple[Event, list[Event]], signals: SignalPlan
) -> list[tuple[int, dict[str, Shown]]]:
    event, history = events
    if event.type not in rule.on:
        raise CaseError(f"the event is a {event.type}, the rule is on {', '.join(rule.on)}")
    read = [FeatureName(name) for name in rule.condition.reads if name in catalogue.features]
    keyed = [name for name in read if event.type in catalogue.features[name].by]
    given = _given(catalogue, rule, case, keyed)
    state = FeatureState(
        [catalogue.features[name] for name in keyed],
        signals.layouts,
        {name: tuple(keyed) if name == event.type else () for name in catalogue.types},
    )
    for before in history:
        row, _ = signals.extend(before)
        state.step(before.type, before.at, row)
    row, _ = signals.extend(event)
    values = state.step(event.type, event.at, row)
    values = [given.get(name, value) for name, value in zip(keyed, values, strict=True)]
    kinds = {name: catalogue.features[name].aggregate.type for name in keyed}
    names = Names(event.type, signals.layouts[event.type], kinds)
    return compile_rules([rule], names, catalogue.lists)(row, values)


def _event(reader: EventReader, written: Mapping[str, object], name: str, at: str | None) -> Event:
    fields = {"id": name, **({reader.time_field(written.get("type")): at} if at else {}), **written}
    try:
        return reader.read_object(fields)
    except EventError as error:
        raise CaseError(f"the {name} event cannot be read: {error}") from None


def _given(catalogue: Catalogue, rule: Rule, case: RuleCase, keyed: Sequence[FeatureName]) -> dict[FeatureName, Value]:
    given: dict[FeatureName, Value] = {}
    for name, value in case.features.items():
        feature = FeatureName(name)
        if feature not in keyed:
            raise CaseError(f"`{rule.id}` reads no feature `{name}`")
        given[feature] = _value(value, catalogue.features[feature].aggregate.type, name)
    return given


def _value(value: object, kind: ValueType, name: str) -> Value:
    """A feature's value as an author writes it: a number, a text, `3h` for a duration."""
    match value, kind:
        case None, _:
            return None
        case bool(), ValueType.BOOL:
            return value
        case int() | float(), ValueType.DECIMAL:
            try:
                return fixed_from_number(value)
            except NumberOutOfRange as error:
                raise CaseError(f"`{name}`: {error}") from None
        case int(), ValueType.INT:
            return value
        case str(), ValueType.STRING:
            return value
        case str(), ValueType.DURATION if (span := parse_span(value)) is not None:
            return span
        case int() | float(), ValueType.DURATION:
            return round(value * SECOND_US)
        case _:
            raise CaseError(f"`{name}` is {kind}, and {value!r} is none")
