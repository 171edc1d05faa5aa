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
_KIND = re.compile(r"[a-z][a-z0-9_]*")
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
    time_field = author.text("time_field") or "time"
    if entries:
        _check_places(author, entries, time_field)
    if title is None or not fields or None in fields:
        return None
    return EventType(
        name=EventTypeName(name),
        title=title,
        fields=tuple(field for field in fields if field),
        time_field=time_field,
    )


def _check_places(author: Author, entries: Mapping, time_field: str) -> None:
    """Whether each name has a place of its own in the event's object; objects hold no values beside their fields."""
    if time_field in RESERVED - {"time"}:
        node = author.entry.entries["time_field"]
        author.wrong("bad-name", f"`time_field` cannot be `{time_field}`, which every event has", node)
    taken = {*entries.keys, *RESERVED, time_field} - {"at"}
    for name, key in entries.keys.items():
        parts = name.split(".")
        for parent in (".".join(parts[:length]) for length in range(1, len(parts))):
            if parent in taken:
                author.wrong("bad-name", f"`{parent}` cannot hold a value and `{name[:60]}` beside it", key)
        if name == time_field != "time":
            author.wrong("bad-name", f"`{name}` cannot be the event's time and a field beside it", key)


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
    if entity and not _KIND.fullmatch(entity):
        author.wrong("bad-name", f"`{entity[:60]}` is no kind of entity; write lower case, such as account", entry)
        return None
    kind = "string" if entity else author.choice("type", ValueType, "unknown-type", required=True, entry=entry)
    required = author.truth("required", entry=entry)
    title = author.title(required=False, entry=entry)
    if not kind:
        return None
    named = EntityKind(entity) if entity else None
    return Field(name=name, type=ValueType(kind), required=required, entity=named, title=title)
