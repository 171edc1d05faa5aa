"""A feature as it is defined.

Receives what a pack says. Gives the noun that the plan is made from. Never holds a value.
"""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.language.aggregate import Aggregate
from tocsin.language.condition import Condition
from tocsin.model.decision import FeatureName
from tocsin.model.event_type import EventTypeName, Title


class Feature(Struct, frozen=True, kw_only=True):
    """A windowed aggregate by entity.

    `by` names the fields that form the key, for every event type that feeds or may read the feature; `on` are the types that
    feed it, where `where` is true. `window_us` is None for last and age over all time.
    """

    name: FeatureName
    title: Title
    by: Mapping[EventTypeName, tuple[str, ...]]
    on: tuple[EventTypeName, ...]
    aggregate: Aggregate
    where: Condition | None = None
    window_us: int | None = None
