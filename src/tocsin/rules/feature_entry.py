"""A feature as a pack declares it.

Receives one entry below `features` and what the packs' event types carry. Gives a Feature, or problems.
"""

import re

from tocsin.features.feature import Feature
from tocsin.language.aggregate import Aggregate, AggregateKind, read_aggregate
from tocsin.language.condition import Condition, read_condition
from tocsin.language.document import Mapping, Node, Scalar, Sequence
from tocsin.model.decision import FeatureName
from tocsin.model.event_type import EventTypeName
from tocsin.model.value import ValueType
from tocsin.model.window import parse_span
from tocsin.rules.author import Author, near
from tocsin.rules.naming import Naming

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WINDOWLESS = frozenset({AggregateKind.LAST, AggregateKind.AGE})
WORDS = frozenset(
    {"and", "or", "not", "in", "is", "like", "between", "case", "when", "then", "else", "end", "null", "true", "false"}
    | {"interval", "type"}
)
"""Names that conditions could not tell from their own words."""


def read_feature(author: Author, name: str, naming: Naming) -> Feature | None:
    """The feature of one entry."""
    author.keys(("title", "on", "by", "value", "where", "window"))
    if not _NAME.fullmatch(name):
        author.wrong("bad-name", f"`{name[:60]}` is no name for a feature; write lower case with underscores")
    title = author.title()
    on = naming.event_types(author)
    if not on:
        return None
    by = _read_by(author, on, naming)
    scope = naming.scope_of_attributes(on, author)
    aggregate = author.expression("value", lambda text: read_aggregate(text, scope), required=True)
    where = author.expression("where", lambda text: read_condition(text, scope))
    window = _read_window(author, aggregate)
    _refuse_lists(author, aggregate, where)
    if by is None or _is_taken(author, name, by, naming) or title is None or aggregate is None:
        return None
    return Feature(
        name=FeatureName(name), title=title, by=by, on=tuple(on), aggregate=aggregate, where=where, window_us=window
    )


def _refuse_lists(author: Author, aggregate: Aggregate | None, where: Condition | None) -> None:
    """A window must be the same whenever it is counted anew, and lists change from day to day."""
    for key, condition in (("value", aggregate.argument if aggregate else None), ("where", where)):
        if condition and condition.lists:
            message = f"a feature does not look into lists, which change; `{condition.lists[0]}` belongs in a rule"
            author.wrong("list-in-feature", message, author.entry.entries[key])


def _is_taken(author: Author, name: str, by: dict[EventTypeName, tuple[str, ...]], naming: Naming) -> bool:
    """Whether a condition that names the feature would mean something else."""
    fields = [each for each in by if any(column.name == name for column in naming.layouts[each])]
    if fields:
        author.wrong("type-clash", f"`{name}` is a field of {', '.join(fields)}; rename the feature")
    elif name in WORDS:
        author.wrong("bad-name", f"`{name}` is a word of the condition language; rename the feature")
    return bool(fields) or name in WORDS


def _read_window(author: Author, aggregate: Aggregate | None) -> int | None:
    node = author.scalar("window")
    if node is None:
        if aggregate and aggregate.kind not in _WINDOWLESS:
            author.wrong("missing-key", "`window` is missing; only last() and age() can do without")
        return None
    window = parse_span(node.text)
    if window is None:
        author.wrong("bad-window", f"`{node.text[:40]}` is no window; write 30s, 10m, 24h or 30d, 1000d at most", node)
    return window


def _read_by(author: Author, on: list[EventTypeName], naming: Naming) -> dict[EventTypeName, tuple[str, ...]] | None:
    """For each event type that can key the feature, the fields that form the key."""
    node = author.entry.entries.get("by")
    if node is None:
        author.wrong("missing-key", "`by` is missing; name the field that keys the window")
        return None
    if isinstance(node, Mapping):
        by = _read_by_type(author, node, naming)
    else:
        fields = _fields(author, node)
        by = (
            {each: fields for each in naming.layouts if all(naming.is_key(each, field) for field in fields)}
            if fields
            else {}
        )
        if fields and not any(each in by for each in on):
            _wrong_key(author, node, fields, on, naming)
            return None
    for each in on:
        if by and each not in by:
            author.wrong("bad-key", f"`by` names no field of `{each}`, which feeds the window", node)
            return None
    return by or None


def _read_by_type(author: Author, node: Mapping, naming: Naming) -> dict[EventTypeName, tuple[str, ...]]:
    by: dict[EventTypeName, tuple[str, ...]] = {}
    lengths = set()
    for name, below in node.entries.items():
        kind = EventTypeName(name)
        if kind not in naming.layouts:
            author.wrong(
                "unknown-event-type", f"unknown event type `{name[:60]}`", node.keys[name], near(name, naming.layouts)
            )
            continue
        fields = _fields(author, below)
        if not all(naming.is_key(kind, field) for field in fields):
            _wrong_key(author, below, fields, [kind], naming)
            continue
        lengths.add(len(fields))
        by[kind] = fields
    if len(lengths) > 1:
        author.wrong("bad-key", "each event type must key the feature by the same number of fields", node)
    return by


def _fields(author: Author, node: Node) -> tuple[str, ...]:
    items = node.items if isinstance(node, Sequence) else (node,)
    fields = tuple(item.text for item in items if isinstance(item, Scalar) and item.text.strip())
    if len(fields) != len(items) or not 1 <= len(fields) <= 4:
        author.wrong("wrong-kind", "`by` is a field or a list of up to four fields", node)
        return ()
    return fields


def _wrong_key(author: Author, node: Node, fields: tuple[str, ...], on: list[EventTypeName], naming: Naming) -> None:
    for field in fields:
        kind = next((column.type for each in on for column in naming.layouts[each] if column.name == field), None)
        if kind is ValueType.STRINGS:
            author.wrong("bad-key", f"`{field}` is a list and cannot key a window", node)
        elif kind is None:
            known = {column.name for each in on for column in naming.layouts[each]}
            author.wrong("unknown-name", f"unknown field `{field[:60]}` on {', '.join(on)}", node, near(field, known))
