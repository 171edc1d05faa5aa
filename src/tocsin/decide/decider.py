"""Decides events one at a time, live or from a file.

Receives Events in arrival order and a timer. Gives Decisions; the same id gives the same Decision. Never reads a clock
of its own.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from tocsin.decide.memory import DecisionMemory
from tocsin.decide.plan import make_plan
from tocsin.decide.policy import NOTHING, conclude
from tocsin.features.state import FeatureState, StateOptions
from tocsin.model.decision import Decision, FeatureName, Shown, Unavailable
from tocsin.model.event import Event
from tocsin.rules.catalogue import Catalogue
from tocsin.rules.value_list import ValueList, show_stale
from tocsin.signals.detector import Detector

LATENESS_US = 3_600_000_000
Timer = Callable[[], int]
"""Nanoseconds on any steady clock."""


class DeciderOptions(Struct, frozen=True, kw_only=True):
    """How much a decider reads and shows.

    With `every_feature`, each event type reads every feature that it can key, also those that no rule on it reads; with
    `show_features`, decisions carry the values that were read.
    """

    every_feature: bool = False
    show_features: bool = False
    allowed_lateness_us: int = LATENESS_US


USUAL = DeciderOptions()


class Decider:
    """The whole hot path after ingest. Not for use by several threads at once: arrival order is one line."""

    def __init__(
        self, catalogue: Catalogue, detectors: Sequence[Detector], timer: Timer, options: DeciderOptions = USUAL
    ) -> None:
        self._plan = make_plan(catalogue, detectors, every_feature=options.every_feature)
        self._show = options.show_features
        self._timer = timer
        self._hashes = catalogue.hashes
        self._newest_us = 0
        self._memory = DecisionMemory[Decision](2 * options.allowed_lateness_us)
        self.features = FeatureState(
            self._plan.features,
            self._plan.signals.layouts,
            self._plan.reads,
            StateOptions(allowed_lateness_us=options.allowed_lateness_us),
        )
        self.duplicates = 0

    def decide(self, event: Event) -> Decision:
        """The decision of one event, or the one that its id was given before."""
        known = self._memory.find(event.id)
        if known is not None:
            self.duplicates += 1
            return known
        decision = self.judge(event)
        self._newest_us = max(self._newest_us, event.at)
        self._memory.keep(event.id, self._newest_us, decision)
        return decision

    def judge(self, event: Event) -> Decision:
        """The decision of one event whose id is known to be new. Its features are read before it feeds any window."""
        began = self._timer()
        plan = self._plan.types[event.type]
        row, lost = self._plan.signals.extend(event)
        values = self.features.step(event.type, event.at, row)
        if self.features.lost:
            lost += tuple(Unavailable(name, cause) for name, cause in self.features.lost)
        if plan.stale_lists:
            lost += tuple(_stale(each) for each in plan.stale_lists if event.at >= each.stale_at)
        found = plan.evaluate(row, values)
        verdict = conclude(found, plan.terms, row) if found else NOTHING
        return Decision(
            event_id=event.id,
            outcome=verdict.outcome,
            score=verdict.score,
            fired=verdict.fired,
            shadow=verdict.shadow,
            features=plan.shown(values) if self._show else None,
            unavailable=lost,
            packs=self._hashes,
            took_us=(self._timer() - began) / 1_000,
        )

    def replay(self, events: Sequence[Event]) -> None:
        """Lets events that were decided before into the windows, in order, and decides nothing."""
        extend = self._plan.signals.extend
        self.features.feed([(event.type, event.at, extend(event)[0]) for event in events])

    def peek(self, event: Event, field: str) -> dict[str, Shown]:
        """The features keyed by one field alone that an event like this one would read; feeds nothing."""
        row, _ = self._plan.signals.extend(event)
        values = self.features.peek(event.type, event.at, row)
        shown = self._plan.types[event.type].shown(values)
        keys = {feature.name: feature.by.get(event.type) for feature in self._plan.features}
        return {
            name: value for name, value in shown.items() if value is not None and keys[FeatureName(name)] == (field,)
        }


def _stale(values: ValueList) -> Unavailable:
    return Unavailable(f"list:{values.name}", show_stale(values))
