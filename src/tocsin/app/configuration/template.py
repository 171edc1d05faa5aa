"""A settings' file to begin with.

Receives a model. Gives TOML with every setting at its default, as comments: what is not uncommented follows the version
that runs. Never writes a file.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import PurePath

from pydantic import BaseModel

from tocsin.app.configuration.allowed import allowed
from tocsin.app.configuration.environment import variables_of
from tocsin.app.configuration.leaf import Leaf, Path, default_of, is_secret, leaves_of, table_of, value_at
from tocsin.app.configuration.model import SettingsModel
from tocsin.app.wording import Wording

WIDTH = 100
STOPS = "，。；：、）！？"
"""Signs that hang over the end of a line rather than begin the next."""


def make_template(model: type[SettingsModel], wording: Wording) -> str:
    """The file's text in one language. It parses to the defaults, as it is and with every setting uncommented."""
    say = wording.say
    head = say(
        "Settings of Tocsin. Each stands at its default; remove the # before a setting and change it."
        " A variable such as TOCSIN_PORT is stronger than this file, an option of a command stronger than both."
        " `tocsin config` shows what holds and where it comes from."
    )
    lines = list(_comment(head))
    variables = variables_of(model)
    table: Path = ()
    for leaf in leaves_of(model):
        lines.append("")
        if leaf.path[:-1] != table:
            table = leaf.path[:-1]
            lines += [*_header(model, table), ""]
        meaning, variable = meaning_of(leaf, wording), variables[leaf.path]
        rule = say("Allowed: {allowed}. Variable: {variable}.", allowed=allowed(leaf.field, wording), variable=variable)
        lines += [*_comment(meaning), *_comment(rule)]
        if is_secret(leaf.field):
            told = say("A secret: it may not stand in this file; set the variable, or {name}.", name=f"{variable}_FILE")
            lines += _comment(told)
        else:
            lines.append(_assignment(leaf, default_of(model, leaf.path)))
    return "\n".join(lines) + "\n"


def meaning_of(leaf: Leaf, wording: Wording) -> str:
    """Title and description of a setting, as one paragraph."""
    title, description = leaf.field.title or leaf.name, leaf.field.description or leaf.name
    say = wording.say
    return say("{title}. {description}", title=say(title), description=say(description))


def _header(model: type[SettingsModel], table: Path) -> Iterator[str]:
    """A table's header; commented where the table is absent by default, so that the file does not make it."""
    absent = value_at(_defaults(model), table) is None
    yield f"{'#' if absent else ''}[{'.'.join(table)}]"


def _defaults(model: type[BaseModel]) -> dict[str, object]:
    made: dict[str, object] = {}
    for name, field in model.model_fields.items():
        inner = table_of(field)
        given = field.get_default(call_default_factory=True, validated_data={})
        made[name] = _defaults(inner) if inner is not None and given is not None else given
    return made


def _assignment(leaf: Leaf, default: object) -> str:
    value = to_toml(default)
    return f"#{leaf.path[-1]} = {value}" if value else f"#{leaf.path[-1]} ="


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text)]


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` columns, broken between words and between Chinese signs, none of which begins with a stop.

    >>> wrap("one two", 4), wrap("一二三，四", 6)
    (['one', 'two'], ['一二三，', '四'])
    """
    lines, used = [""], 0
    for unit in re.findall(r"[^\s\u2e80-\uffef]+[\u3000-\u303f\uff00-\uffef]*|\s|.[\u3000-\u303f\uff00-\uffef]*", text):
        columns = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in unit)
        stops = sum(2 for sign in unit if sign in STOPS)
        if used + columns - stops > width:
            lines.append("")
            used = 0
        lines[-1] += unit if used or not unit.isspace() else ""
        used += columns
    return [line.rstrip() for line in lines]


def to_toml(value: object) -> str:
    """A value as TOML; empty where TOML has no word for it.

    >>> to_toml({"*": 365, "a b": [1, True, "x"]}), to_toml(PurePath("data")), to_toml(0.5)
    ('{"*" = 365, "a b" = [1, true, "x"]}', '"data"', '0.5')
    """
    if isinstance(value, Enum):
        return to_toml(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return {math.inf: "inf", -math.inf: "-inf"}.get(value, repr(value))
    if isinstance(value, str | PurePath):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {to_toml(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(to_toml, value)) + "]" if isinstance(value, Sequence) else ""
