"""How rows of a table become events.

Receives a mapping file and, for each row, its columns. Gives the object that an event would be on the wire. Never
checks values: the reader does, so that a CSV row and a JSON event obey the same rules.

    type: payment.transfer            # or {column: Kind, values: {T: payment.transfer, M: message.send}}
    id: "transfer-{row}"              # or {column: Number}; {row} is the row's number from 1
    time: {column: Time, unit: s, origin: 2024-01-01T00:00:00Z}   # without unit: RFC 3339 text
                                      # or {column: Time, zone: "+08:00"} for local times without a zone
    source: bank-a
    fields:
      sender: {column: Source, prefix: "account:"}
      amount: Amount                  # short for {column: Amount}
      urls: {column: Links, split: ";"}

"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from msgspec import Struct

from tocsin.language import document
from tocsin.model.errors import BadTime, MalformedEvent, MappingError, UnknownEventType, ValueOutOfRange

Row = Mapping[str, object]

ZONE = re.compile(r"Z|[+-][01][0-9]:[0-5][0-9]")
OF_TIME = frozenset({"unit", "origin", "zone"})
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


class FieldMap(Struct, frozen=True, forbid_unknown_fields=True):
    """Where one field comes from: a column (dots reach into objects), or a constant."""

    column: str | None = None
    value: str | int | float | bool | None = None
    prefix: str = ""
    split: str | None = None
    values: dict[str, str] | None = None
    unit: str | None = None
    origin: str | None = None
    zone: str | None = None


class TableMap(Struct, frozen=True):
    """A whole mapping file."""

    type: FieldMap
    id: FieldMap
    id_pattern: str | None
    time: FieldMap
    source: FieldMap | None
    fields: dict[str, FieldMap]

    def columns(self) -> list[str]:
        """Every column that is read."""
        maps = [self.type, self.id, self.time, *([self.source] if self.source else []), *self.fields.values()]
        return sorted({each.column for each in maps if each.column})

    @property
    def wanted(self) -> frozenset[str]:
        """Every name that a table's column may have to be read: a dotted one also reaches into its first part."""
        return frozenset(name for column in self.columns() for name in (column, column.partition(".")[0]))

    def check(self, columns: list[str]) -> None:
        """Makes sure that the table has each column that is read, once.

        Raises:
            MappingError: a column is not there, or there twice.
        """
        twice = [name for name, count in Counter(columns).items() if count > 1 and name in self.wanted]
        if twice:
            raise MappingError(f"the input has the column {twice[0]!r} twice")
        missing = [
            column for column in self.columns() if column not in columns and column.partition(".")[0] not in columns
        ]
        if missing:
            raise MappingError(f"the input has no column {missing[0]!r}; it has {', '.join(columns[:20])}")

    def object_of(self, row: Row, number: int, time_field: str = "time") -> dict[str, object]:
        """The object that this row would be on the wire.

        Raises:
            EventError: a value that the mapping cannot place.
        """
        kind = _read(row, self.type, "type")
        made: dict[str, object] = {"type": kind, time_field: _time(row, self.time)}
        made["id"] = (
            self.id_pattern.replace("{row}", str(number)) if self.id_pattern else _as_text(_read(row, self.id, "id"))
        )
        if self.source:
            made["source"] = _as_text(_read(row, self.source, "source"))
        for name, each in self.fields.items():
            value = _read(row, each, name)
            if value is not None:
                _place(made, name.split("."), value)
        return made


def read_mapping(text: str, file: str) -> TableMap:
    """A mapping from its YAML text.

    Raises:
        MappingError: not YAML, an unknown key, or no type, id or time.
    """
    try:
        found = document.plain(document.read_document(text, file))
    except document.DocumentError as error:
        raise MappingError(error.problem.render()) from None
    if not isinstance(found, dict):
        raise MappingError(f"{file}: a mapping file has the keys type, id, time, source and fields")
    unknown = set(found) - {"type", "id", "time", "source", "fields"}
    missing = {"type", "id", "time"} - set(found)
    if unknown or missing:
        raise MappingError(
            f"{file}: " + (f"unknown key {min(unknown)!r}" if unknown else f"the key {min(missing)!r} is missing")
        )
    fields = found.get("fields") or {}
    if not isinstance(fields, dict):
        raise MappingError(f"{file}: `fields` maps each field to a column")
    pattern = found["id"] if isinstance(found["id"], str) and "{row}" in found["id"] else None
    return TableMap(
        type=_constant(found["type"], "type", file),
        id=FieldMap() if pattern else _field(found["id"], "id", file),
        id_pattern=pattern,
        time=_field(found["time"], "time", file),
        source=_constant(found["source"], "source", file) if found.get("source") is not None else None,
        fields={str(name): _field(each, f"fields.{name}", file) for name, each in fields.items()},
    )


def _constant(found: object, key: str, file: str) -> FieldMap:
    """A text here is the value itself."""
    return FieldMap(value=found) if isinstance(found, str) else _field(found, key, file)


def _field(found: object, key: str, file: str) -> FieldMap:
    """A text here is the name of a column."""
    if isinstance(found, str):
        return FieldMap(column=found)
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise MappingError(f"{file}: `{key}` is a column or {{column: …}}")
    unknown = set(found) - set(FieldMap.__struct_fields__)
    if unknown:
        raise MappingError(
            f"{file}: `{key}` has the unknown key {min(unknown)!r}; known are {', '.join(FieldMap.__struct_fields__)}"
        )
    if ("column" in found) == ("value" in found):
        raise MappingError(f"{file}: `{key}` needs either `column` or `value`")
    if key != "time" and OF_TIME & set(found):
        raise MappingError(f"{file}: `{key}` has the key {min(OF_TIME & set(found))!r}, which only `time` takes")
    unit, origin, zone = found.get("unit"), found.get("origin"), found.get("zone")
    if zone is not None and not ZONE.fullmatch(str(zone)):
        raise MappingError(f"{file}: `{key}` has the zone {zone!r}; write '+08:00' or Z")
    if unit is not None and unit not in UNITS:
        raise MappingError(f"{file}: `{key}` has the unit {unit!r}; known are {', '.join(UNITS)}")
    if origin is not None and _moment(str(origin)) is None:
        raise MappingError(f"{file}: `{key}` needs an RFC 3339 origin with a zone, not {origin!r}")
    values = found.get("values")
    if values is not None and not isinstance(values, dict):
        raise MappingError(f"{file}: `{key}.values` maps what the column holds to what it means")
    return FieldMap(**found)


def _read(row: Row, each: FieldMap, name: str) -> object:
    if each.column is None:
        return each.value
    value = row.get(each.column)
    if value is None and "." in each.column:
        value = _reach(row, each.column.split("."))
    if value is None or value == "":
        return None
    if each.values is not None:
        return _translate(_as_text(value), each.values, name)
    if each.split is not None and isinstance(value, str):
        return [part.strip() for part in value.split(each.split) if part.strip()]
    value = _plain(value, name)
    return f"{each.prefix}{_as_text(value)}" if each.prefix else value


def _translate(value: object, values: Mapping[str, str], name: str) -> object:
    """What a value of the column means."""
    if str(value) in values:
        return values[str(value)]
    if name == "type":
        raise UnknownEventType(name, f"the mapping names no event type for {str(value)[:40]!r}")
    raise ValueOutOfRange(name, f"the mapping does not say what {str(value)[:40]!r} means")


def _plain(value: object, name: str) -> object:
    """What Parquet gives as bytes or decimals, as texts; both are exact."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise MalformedEvent(name, "the bytes are not UTF-8") from None


def _reach(row: object, path: list[str]) -> object:
    for key in path:
        row = row.get(key) if isinstance(row, Mapping) else None
    return row


def _time(row: Row, each: FieldMap) -> object:
    value = _read(row, each, "time")
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if each.zone is not None and isinstance(value, str | datetime):
        return _in_zone(value, each.zone)
    if value is None or isinstance(value, datetime) or (each.unit is None and isinstance(value, str)):
        return value
    try:
        seconds = Decimal(str(value)) * Decimal(str(UNITS[each.unit or "s"]))
        start = _moment(each.origin) if each.origin else None
        return float(seconds + (Decimal(str(start.timestamp())) if start else 0))
    except (ArithmeticError, ValueError):
        raise BadTime("time", f"{str(value)[:40]!r} is not a number of {each.unit or 's'}") from None


def _in_zone(value: str | datetime, zone: str) -> datetime:
    """A local time with the zone that the mapping names; one that has a zone of its own keeps it."""
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        raise BadTime("time", f"{str(value)[:40]!r} is not a time such as 2026-01-15 12:00:00") from None
    return moment if moment.tzinfo else datetime.fromisoformat(f"{moment.isoformat()}{zone}")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _as_text(value: object) -> object:
    """Whole numbers as texts: some tables hold them as floats, because a column with gaps cannot hold them otherwise."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _place(made: dict[str, object], path: list[str], value: object) -> None:
    for key in path[:-1]:
        below = made.setdefault(key, {})
        made = below if isinstance(below, dict) else {}
    made[path[-1]] = value
