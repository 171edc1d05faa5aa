"""The shape that events of a platform have on the wire, made from its event types.

Receives EventTypes. Gives, for each, a msgspec struct that decodes quickly and strictly, and a function that turns the
decoded struct into a Row. Never decodes by itself: `reader.py` does.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from tocsin.ingest import checks
from tocsin.model.entity import ENTITY_LIMIT
from tocsin.model.event import Row
from tocsin.model.event_type import EventType, EventTypes, Field
from tocsin.model.value import INT_LIMIT, STRING_LIMIT, STRINGS_LIMIT, ValueType

WireTime = datetime | int | float | None
ToRow = Callable[[Struct, int], Row]
"""(decoded struct, the event's time in microseconds) -> row."""

_INT = Annotated[int, Meta(gt=-INT_LIMIT, lt=INT_LIMIT)]
_TEXT = Annotated[str, Meta(max_length=STRING_LIMIT)]
_TYPES: dict[ValueType, object] = {
    ValueType.BOOL: bool,
    ValueType.INT: _INT,
    ValueType.DECIMAL: int | float | str,
    ValueType.STRING: _TEXT,
    ValueType.TIMESTAMP: datetime | int | float,
    ValueType.DURATION: int | float,
    ValueType.STRINGS: Annotated[list[_TEXT], Meta(max_length=STRINGS_LIMIT)],
}
_ENTITY = Annotated[str, Meta(max_length=ENTITY_LIMIT)]
_ID = Annotated[str, Meta(min_length=1, max_length=256)]


class Wire(Struct, frozen=True):
    """What the reader needs of one event type."""

    shape: type[Struct]
    to_row: ToRow


def build_wire(event_type: EventType) -> Wire:
    """The struct and the row function of one event type."""
    tree = _Branch("")
    for index, field in enumerate(event_type.fields):
        tree.add(field.name.split("."), index, field)
    frame: list[tuple[str, object, object]] = [
        ("id", _ID, msgspec.NODEFAULT),
        ("time", WireTime, None),
        ("source", Annotated[str, Meta(max_length=ENTITY_LIMIT)] | None, None),
    ]
    names = {"id": "id", "time": event_type.time_field, "source": "source"}
    shape = tree.shape(frame, names, tag=event_type.name)
    return Wire(shape, _row_function(event_type.fields, tree.places()))


def union_of(wires: Sequence[Wire]) -> object:
    """The tagged union that a decoder takes: the field `type` picks the struct."""
    union: Any = wires[0].shape
    for wire in wires[1:]:
        union = union | wire.shape
    return cast("object", union)


def build_wires(types: EventTypes) -> dict[str, Wire]:
    """A Wire for each event type, by name."""
    return {name: build_wire(event_type) for name, event_type in types.items()}


class _Branch:
    """A nested object on the wire, gathered from dotted field names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.leaves: dict[str, tuple[int, Field]] = {}
        self.branches: dict[str, _Branch] = {}

    def add(self, path: list[str], index: int, field: Field) -> None:
        if len(path) == 1:
            self.leaves[path[0]] = (index, field)
        else:
            self.branches.setdefault(path[0], _Branch(path[0])).add(path[1:], index, field)

    def required(self) -> bool:
        return any(f.required for _, f in self.leaves.values()) or any(b.required() for b in self.branches.values())

    def shape(
        self,
        frame: Sequence[tuple[str, object, object]] = (),
        names: dict[str, str] | None = None,
        tag: str | None = None,
    ) -> type[Struct]:
        """A struct with opaque attribute names (f0, b1 ...), renamed on the wire."""
        rename = dict(names or {})
        fields = list(frame)
        for index, field in self.leaves.values():
            kind = _ENTITY if field.entity else _TYPES[field.type]
            rename[f"f{index}"] = field.name.rsplit(".", 1)[-1]
            required = field.required
            fields.append((f"f{index}", kind if required else kind | None, msgspec.NODEFAULT if required else None))  # type: ignore[operator]
        for number, branch in enumerate(self.branches.values()):
            nested: Any = branch.shape()
            rename[f"b{number}"] = branch.name
            required = branch.required()
            fields.append(
                (f"b{number}", nested if required else nested | None, msgspec.NODEFAULT if required else None)
            )
        return msgspec.defstruct(
            "Event" if tag else "Object",
            cast("Any", fields),
            kw_only=True,
            frozen=True,
            rename=rename,
            tag=tag,
            tag_field="type" if tag else None,
        )

    def places(self, path: str = "w", optional: tuple[str, ...] = ()) -> dict[int, tuple[str, tuple[str, ...]]]:
        """For each field index the expression that reads it, and the objects on the way that may be null."""
        found = {index: (f"{path}.f{index}", optional) for index, _ in self.leaves.values()}
        for number, branch in enumerate(self.branches.values()):
            below = f"{path}.b{number}"
            found |= branch.places(below, optional if branch.required() else (*optional, below))
        return found


def _row_function(fields: Sequence[Field], places: dict[int, tuple[str, tuple[str, ...]]]) -> ToRow:
    """Straight-line Python for one event type: read each field, check it, and make the tuple."""
    lines = ["def to_row(w, at):"]
    values = ["at", "w.id", "w.source"]
    names: dict[str, object] = dict(checks.CHECKS)
    for index, field in enumerate(fields):
        read, optional = places[index]
        guard = "".join(f"None if {branch} is None else " for branch in optional)
        check = checks.check_of(field)
        if not check:
            values.append(f"({guard}{read})" if guard else read)
            continue
        names[f"n{index}"] = field.name
        lines.append(f"    x{index} = {guard}{read}")
        lines.append(f"    if x{index} is not None: x{index} = {check.format(value=f'x{index}', name=f'n{index}')}")
        values.append(f"x{index}")
    lines.append(f"    return ({', '.join(values)},)")
    exec(compile("\n".join(lines), "<row>", "exec"), names)  # noqa: S102 - built from checked names only
    return cast("ToRow", names["to_row"])
