"""Settings from the environment.

Receives variables such as `TOCSIN_PORT`, and `TOCSIN_DATABASE_FILE` for a value that lies in a file of its own, as
secrets do. Gives values, each with the variable it came from. A list may be written with commas.
"""

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, SettingsError

from tocsin.app.configuration.leaf import leaves_of
from tocsin.app.configuration.model import SettingsModel
from tocsin.app.configuration.origin import Origin, Origins, Source
from tocsin.model.errors import InputError

FILE_SUFFIX = "_FILE"
SECRET_LIMIT = 65_536
OTHERS = frozenset({"TOCSIN_LANG", "TOCSIN_CONFIG", "TOCSIN_CACHE_DIR"})
"""Variables that Tocsin reads and that are no settings."""


class Environment(EnvSettingsSource):
    """The library's reader; what is no JSON is a list with commas."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """A list or a table from text."""
        text = str(value).strip()
        if text[:1] in {"[", "{"}:
            return super().decode_complex_value(field_name, field, text)
        return [part.strip() for part in text.split(",") if part.strip()]


def read_environment(model: type[SettingsModel]) -> tuple[dict[str, Any], Origins]:
    """What the environment says.

    Raises:
        InputError: a list or a table is no JSON, or a file of a `_FILE` variable cannot be read.
    """
    names = variables_of(model)
    lent = dict(_files(names))
    source = Environment(model)
    source.env_vars = {**source.env_vars, **{names[path].lower(): text for path, text in lent.items()}}
    try:
        said = source()
    except SettingsError as error:
        raise InputError(f"environment: {error}; write it as JSON") from None
    origins: Origins = {}
    for path, name in names.items():
        found = f"{name}{FILE_SUFFIX}" if path in lent else _variable_for(name, source.env_vars, _delimiter(model))
        if found:
            origins[path] = Origin(Source.ENVIRONMENT, found)
    return said, origins


def variables_of(model: type[SettingsModel]) -> dict[tuple[str, ...], str]:
    """The name of each setting's variable."""
    prefix, between = model.model_config.get("env_prefix", ""), _delimiter(model)
    return {leaf.path: f"{prefix}{between.join(leaf.path)}".upper() for leaf in leaves_of(model)}


def misspelt_variables(model: type[SettingsModel], environ: Mapping[str, str] = os.environ) -> list[tuple[str, str]]:
    """Variables that look like a setting's and are none, each with the one that it may be meant for."""
    prefix, between = model.model_config.get("env_prefix", ""), _delimiter(model)
    known = list(variables_of(model).values())
    found: list[tuple[str, str]] = []
    for name in sorted(environ):
        whole = name.upper().removesuffix(FILE_SUFFIX)
        if not whole.startswith(prefix) or whole in OTHERS or name.upper() in OTHERS:
            continue
        if not any(each == whole or whole.startswith(each + between) for each in known):
            nearest = difflib.get_close_matches(whole, known, 1, 0.8)
            found += [(name, each) for each in nearest]
    return found


def _files(names: Mapping[tuple[str, ...], str]) -> Iterator[tuple[tuple[str, ...], str]]:
    for path, name in names.items():
        file = os.environ.get(name + FILE_SUFFIX)
        if not file or name in os.environ or name + FILE_SUFFIX in names.values():
            continue
        try:
            with FilePath(file).open("rb") as opened:
                raw = opened.read(SECRET_LIMIT + 1)
            text = raw.decode()
        except OSError as error:
            raise InputError(f"{name}{FILE_SUFFIX}: {file}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError(f"{name}{FILE_SUFFIX}: {file}: not UTF-8") from None
        if len(raw) > SECRET_LIMIT:
            raise InputError(f"{name}{FILE_SUFFIX}: {file}: more than {SECRET_LIMIT:,} bytes")
        yield path, text.rstrip("\r\n")


def _variable_for(name: str, given: Mapping[str, str | None], between: str) -> str:
    """The variable that a setting came from: its own, one below it, or one of a table above it."""
    wanted = name.lower()
    if wanted in given or any(each.startswith(wanted + between) for each in given):
        return name
    while between in wanted:
        wanted = wanted.rpartition(between)[0]
        if given.get(wanted):
            inside = name.lower()[len(wanted) + len(between) :].split(between)
            if _holds(str(given[wanted]), inside):
                return wanted.upper()
    return ""


def _holds(text: str, path: list[str]) -> bool:
    """Whether a table written as JSON has a value at a path."""
    try:
        tree = json.loads(text)
    except ValueError:
        return False
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return False
        tree = tree[name]
    return True


def _delimiter(model: type[SettingsModel]) -> str:
    return model.model_config.get("env_nested_delimiter") or "__"
