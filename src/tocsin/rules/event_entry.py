"""An event type as a pack declares it.

Receives one entry below `events`. Gives an EventType, or problems.
"""

import re

from tocsin.language.document import Mapping
from tocsin.model.entity import EntityKind
from tocsin.model.event_type import EventType, EventTypeName, Field
from tocsin.model.value import ValueType
from tocsin.rules.author import Author

RESERVED = frozenset({"id", "type", "time", "source", "at"})
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}")
_FIELD_KEYS = ("type", "entity", "required", "title")


def read_event_type(author: Author, name: str) -> EventType | None:
    """The event type of one entry."""
    author.keys(("title", "fields", "time_field"))
    if not _NAME.fullmatch(name):
        author.wrong(
            "bad-name",
            f"`{name[:60]}` is no name for an event type; write lower case with dots, such as payment.transfer",
        )
    title = author.title()
    entries = author.mapping("fields", required=True)
    fields = [_read_field(author, key, entry) for key, entry in entries.entries.items()] if entries else []
    names = {field.name for field in fields if field}
    for field in names:
        parent = field.rpartition(".")[0]
        if parent in names:
            author.wrong("bad-name", f"`{parent}` cannot hold a value and `{field}` beside it", entries)
    if title is None or not fields or None in fields:
        return None
    return EventType(
        name=EventTypeName(name),
        title=title,
        fields=tuple(field for field in fields if field),
        time_field=author.text("time_field") or "time",
    )


def _read_field(author: Author, name: str, entry: object) -> Field | None:
    if not isinstance(entry, Mapping):
        author.wrong("wrong-kind", f"field `{name}` needs {{type: …}} or {{entity: …}}")
        return None
    author.keys(_FIELD_KEYS, entry)
    if name in RESERVED or not _NAME.fullmatch(name):
        author.wrong("bad-name", f"`{name[:60]}` cannot name a field", entry)
        return None
    entity = author.text("entity", entry=entry)
    if bool(entity) == ("type" in entry.entries):
        author.wrong("missing-key", f"field `{name}` needs either `type` or `entity`", entry)
        return None
    kind = "string" if entity else author.choice("type", ValueType, "unknown-type", required=True, entry=entry)
    required = author.truth("required", entry=entry)
    return (
        Field(name=name, type=ValueType(kind), required=required, entity=EntityKind(entity) if entity else None)
        if kind
        else None
    )
