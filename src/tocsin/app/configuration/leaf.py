"""The single settings of a model.

Receives a model whose fields may be models again. Gives every setting that holds a value, with its path. Never reads a
value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from msgspec import Struct
from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

Path = tuple[str, ...]
Tree = Mapping[str, Any]


class Leaf(Struct, frozen=True):
    """One setting; `path` leads to it through the tables of the file."""

    path: Path
    field: FieldInfo

    @property
    def name(self) -> str:
        """The path as people write it.

        >>> Leaf(("nats", "subject"), FieldInfo()).name
        'nats.subject'
        """
        return ".".join(self.path)


def leaves_of(model: type[BaseModel], above: Path = ()) -> Iterator[Leaf]:
    """Every setting of a model, its own first and then those of its tables, in the order in which they are declared."""
    tables: list[tuple[Path, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        inner = table_of(field)
        if inner is None:
            yield Leaf((*above, name), field)
        else:
            tables.append(((*above, name), inner))
    for path, inner in tables:
        yield from leaves_of(inner, path)


def table_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model that a field holds, also where it may hold nothing; None where it holds a value."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def is_secret(field: FieldInfo) -> bool:
    """Whether a field's type says that its value is never to be shown."""
    return any(kind in {SecretStr, SecretBytes} for kind in (field.annotation, *get_args(field.annotation)))


def value_at(tree: object, path: Path) -> object:
    """The value at a path of a model or of a table; None where a part of the way is absent."""
    for name in path:
        tree = tree.get(name) if isinstance(tree, Mapping) else getattr(tree, name, None)
    return tree


def default_of(model: type[BaseModel], path: Path) -> object:
    """What a setting is where nobody says anything."""
    field = model.model_fields[path[0]]
    if len(path) == 1:
        return field.get_default(call_default_factory=True, validated_data={})
    inner = table_of(field)
    assert inner is not None
    given = field.get_default(call_default_factory=True, validated_data={})
    return value_at(given, path[1:]) if isinstance(given, BaseModel) else default_of(inner, path[1:])


def put(tree: dict[str, Any], path: Path, value: object) -> None:
    """Puts a value into nested tables, making those that are absent."""
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value
