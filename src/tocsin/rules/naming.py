"""What the packs' authors may name where.

Receives the event types with their signals, the features, the lists and the warnings. Gives Scopes for conditions. Never
reads a condition.
"""

from collections.abc import Iterable, Mapping

from tocsin.features.feature import Feature
from tocsin.language.scope import Name, Origin, Scope
from tocsin.model.event_type import Column, EventTypeName, EventTypes
from tocsin.model.value import ValueType
from tocsin.rules.author import Author, near

Layouts = Mapping[EventTypeName, tuple[Column, ...]]


class Naming:
    """Knows every name. `layouts` are the rows' columns by event type, every possible signal included."""

    def __init__(self, types: EventTypes, layouts: Layouts, lists: Iterable[str], warnings: Iterable[str] = ()) -> None:
        self.types = types
        self.layouts = layouts
        self.lists = frozenset(lists)
        self.warnings = frozenset(warnings)
        self.features: dict[str, Feature] = {}

    def event_types(self, author: Author) -> list[EventTypeName]:
        """The event types of the entry's `on`."""
        on = []
        for node in author.several("on", required=True):
            if node.text in self.layouts:
                on.append(EventTypeName(node.text))
            else:
                author.wrong(
                    "unknown-event-type", f"unknown event type `{node.text[:60]}`", node, near(node.text, self.layouts)
                )
        return list(dict.fromkeys(on))

    def is_key(self, event_type: EventTypeName, field: str) -> bool:
        """Whether rows of this type hold a single value of this name."""
        return any(column.name == field and column.type is not ValueType.STRINGS for column in self.layouts[event_type])

    def scope_of_attributes(self, on: list[EventTypeName], author: Author) -> Scope:
        """What a feature may name: attributes and signals of the feeding events."""
        names: dict[str, Name] = {}
        for event_type in on:
            own = len(self.types[event_type].columns)
            for place, column in enumerate(self.layouts[event_type]):
                known = names.get(column.name)
                if known and known.type is not column.type:
                    author.wrong("type-clash", f"`{column.name}` is {known.type} and, on `{event_type}`, {column.type}")
                names[column.name] = Name(
                    name=column.name,
                    type=column.type,
                    nullable=column.nullable or self._lacks(on, column.name),
                    origin=Origin.ATTRIBUTE if place < own else Origin.SIGNAL,
                )
        return Scope(names=names, lists=self.lists, event_types=frozenset(self.layouts))

    def _lacks(self, on: list[EventTypeName], name: str) -> bool:
        """Whether a row of one of these types may hold nothing of this name."""
        return any(not any(c.name == name and not c.nullable for c in self.layouts[each]) for each in on)

    def scope_of_rule(self, on: list[EventTypeName], author: Author) -> Scope:
        """What a rule may name: attributes and signals of its events, and features that one of them can key."""
        scope = self.scope_of_attributes(on, author)
        names = dict(scope.names)
        for feature in self.features.values():
            if any(each in feature.by for each in on):
                if feature.name in names:
                    author.wrong(
                        "type-clash",
                        f"`{feature.name}` is a feature and a field of {', '.join(on)}; rename the feature",
                    )
                names[feature.name] = Name(
                    name=feature.name, type=feature.aggregate.type, nullable=True, origin=Origin.FEATURE
                )
        return Scope(names=names, lists=scope.lists, event_types=scope.event_types)
