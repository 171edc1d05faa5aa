"""Settings, checked, each with where it came from.

Receives a model, a file and a command's options; the environment is read here. Gives the settings and the origin of each
value. Never goes on with a value that is out of range: it says which key, from where, and what is allowed.
"""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from msgspec import Struct
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tocsin.app.configuration.allowed import allowed
from tocsin.app.configuration.environment import read_environment
from tocsin.app.configuration.leaf import Leaf, leaves_of, put, value_at
from tocsin.app.configuration.mask import mask
from tocsin.app.configuration.model import SettingsModel
from tocsin.app.configuration.origin import DEFAULT, Origin, Origins, Source
from tocsin.app.configuration.written import read_file
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError

M = TypeVar("M", bound=SettingsModel)
SHOWN_LIMIT = 80


class Reading(Struct, Generic[M], frozen=True):
    """What was read. `origins` has those settings that are not defaults."""

    settings: M
    origins: Origins

    def origin(self, leaf: Leaf) -> Origin:
        """Where a setting's value comes from."""
        return self.origins.get(leaf.path, DEFAULT)


def read(model: type[M], file: FilePath | None, options: Mapping[str, object]) -> Reading[M]:
    """The settings from a command's options, the environment and a file, in this order of strength.

    An option that is None was not given.

    Raises:
        InputError: the file cannot be read, or a setting is unknown or out of range.
    """
    tree: dict[str, Any] = {}
    origins: Origins = {}
    sources = [read_file(file, model)] if file is not None else []
    sources += [read_environment(model), _given(model, options)]
    for said, places in sources:
        for path, place in places.items():
            put(tree, path, value_at(said, path))
            origins[path] = place
    try:
        return Reading(model.model_validate(tree), origins)
    except ValidationError as error:
        faults = [_fault(model, origins, tree, each) for each in error.errors(include_url=False, include_context=False)]
        raise InputError("\n".join(dict.fromkeys(faults))) from None


def _given(model: type[SettingsModel], options: Mapping[str, object]) -> tuple[dict[str, Any], Origins]:
    """What the command's options say; an option of a table, such as `nats`, says its values one by one."""
    whole = {leaf.path[0] for leaf in leaves_of(model) if len(leaf.path) == 1}
    wanted = {name: value for name, value in options.items() if value is not None}
    places: Origins = {}
    for name, value in wanted.items():
        inner = value if isinstance(value, Mapping) and name not in whole else None
        for path in [(name, key) for key in inner] if inner is not None else [(name,)]:
            places[path] = Origin(Source.OPTION, f"--{path[-1].replace('_', '-')}")
    return wanted, places


def _fault(model: type[SettingsModel], origins: Origins, tree: dict[str, Any], error: ErrorDetails) -> str:
    """What is wrong with one value: its key, the value, where it stands, and what is allowed."""
    place = tuple(map(str, error["loc"]))
    leaf = next((each for each in leaves_of(model) if place[: len(each.path)] == each.path), None)
    if leaf is None:
        return f"{'.'.join(place) or 'settings'}: {error['msg']}"
    value = str(mask(leaf.name, value_at(tree, leaf.path)))
    shown = value if len(value) <= SHOWN_LIMIT else f"{value[:SHOWN_LIMIT]}…"
    origin = origins.get(leaf.path, DEFAULT)
    reason = f"; {error['msg']}" if error["type"] in {"value_error", "assertion_error"} else ""
    return f"{origin.where or origin.source}: `{leaf.name}` is {shown!r}; allowed: {allowed(leaf.field, Wording('en'))}{reason}"
