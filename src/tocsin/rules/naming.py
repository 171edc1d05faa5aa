"""What the packs' authors may name where.

Receives the event types with their signals, the features and the lists. Gives Scopes for conditions. Never reads a
condition.
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

    def __init__(self, types: EventTypes, layouts: Layouts, lists: Iterable[str]) -> None:
        self.types = types
        self.layouts = layouts
        self.lists = frozenset(lists)
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
            declared = {field.name for field in self.types[event_type].fields}
            for column in self.layouts[event_type]:
                origin = (
                    Origin.ATTRIBUTE
                    if column.name in declared or column in self.types[event_type].columns
                    else Origin.SIGNAL
                )
                found = names.get(column.name)
                if found and found.type is not column.type:
                    author.wrong(
                        "type-clash",
                        f"`{column.name}` is {found.type} on one event type of `on` and {column.type} on `{event_type}`",
                    )
                nullable = column.nullable or bool(found and found.nullable)
                names[column.name] = Name(name=column.name, type=column.type, nullable=nullable, origin=origin)
        for name, known in names.items():
            if not all(any(column.name == name for column in self.layouts[each]) for each in on):
                names[name] = Name(name=name, type=known.type, nullable=True, origin=known.origin)
        return Scope(names=names, lists=self.lists, event_types=frozenset(self.layouts))

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
