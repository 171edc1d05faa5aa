"""The settings' file.

Receives a TOML file. Gives what stands there, each setting with its line, and names every key that is no setting
or is a secret. Never checks a value.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from tocsin.app.configuration.leaf import Path, is_secret, table_of
from tocsin.app.configuration.origin import Origin, Origins, Source
from tocsin.model.errors import InputError
from tocsin.rules.author import near

_HEADER = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_ASSIGNED = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def read_file(file: FilePath, model: type[BaseModel]) -> tuple[dict[str, Any], Origins]:
    """What a file says, and where each setting stands in it.

    Raises:
        InputError: the file cannot be read, or holds a key that is no setting or is a secret.
    """
    try:
        text = file.read_text(encoding="utf-8")
        said = tomllib.loads(text)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{file}: {error}") from None
    lines = _lines_of(text)

    def place(path: Path) -> str:
        line = lines.get(path)
        return f"{file} line {line}" if line else str(file)

    faults = [f"{place(path)}: {fault}" for path, fault in _faults(said, model, ())]
    if faults:
        raise InputError("\n".join(faults))
    return said, {path: Origin(Source.FILE, place(path)) for path in _settings_in(said, model, ())}


def _faults(said: dict[str, Any], model: type[BaseModel], above: Path) -> Iterator[tuple[Path, str]]:
    for key, value in said.items():
        path, field = (*above, key), model.model_fields.get(key)
        name = ".".join(path)
        if field is None:
            known = [".".join((*above, each)) for each in model.model_fields]
            yield path, f"there is no setting `{name[:80]}`; {near(name, known)}"
            continue
        inner = table_of(field)
        if inner is not None and isinstance(value, dict):
            yield from _faults(value, inner, path)
        elif inner is not None:
            yield path, f"`{name}` is a table; write [{name}] and its settings below"
        elif is_secret(field):
            yield (
                path,
                f"`{name}` is a secret and may not stand in this file; set its variable, or lay it into a file of its own",
            )


def _settings_in(said: dict[str, Any], model: type[BaseModel], above: Path) -> Iterator[Path]:
    for key, value in said.items():
        inner = table_of(model.model_fields[key])
        if inner is None:
            yield (*above, key)
        else:
            yield from _settings_in(value, inner, (*above, key))


def _lines_of(text: str) -> dict[Path, int]:
    """The line of each key that is written on a line of its own."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, assigned = _HEADER.match(line), _ASSIGNED.match(line)
        if header:
            table = _split(header[1])
            found.setdefault(table, number)
        elif assigned:
            found.setdefault((*table, *_split(assigned[1])), number)
    return found


def _split(key: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", key))
