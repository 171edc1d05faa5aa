"""What a setting may be, in words.

Receives a field of a model. Gives one phrase with its kind and its range, in the language of who reads. Never checks a
value: the model does.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from tocsin.app.wording import Wording

Say = Callable[..., str]


def allowed(field: FieldInfo, wording: Wording) -> str:
    """What a setting may be.

    >>> from pydantic import Field
    >>> allowed(FieldInfo.from_annotated_attribute(int, Field(1, ge=0, le=5)), Wording("en"))
    'a whole number from 0 to 5'
    """
    return _describe(field.annotation, field.metadata, wording.say)


def _describe(kind: Any, rules: Iterable[Any], say: Say) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _describe(inner[0], [*inner[1:], *rules], say)
    if origin in {Union, UnionType}:
        shown = [_describe(each, rules, say) for each in inner if each is not NoneType]
        return say(" or ").join([*shown, say("nothing")] if NoneType in inner else shown)
    if origin is Literal:
        return say("one of {choices}", choices=", ".join(map(str, inner)))
    if origin in {list, tuple, set, frozenset}:
        return say("a list; each is {item}", item=_describe(inner[0], (), say))
    if origin is dict:
        return say("a table by name; each is {item}", item=_describe(inner[1], (), say))
    return _describe_single(kind, rules, say)


def _describe_single(kind: Any, rules: Iterable[Any], say: Say) -> str:
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return say("one of {choices}", choices=", ".join(str(each.value) for each in kind))
        if issubclass(kind, bool):
            return say("true or false")
        if issubclass(kind, int | float):
            word = say("a whole number") if issubclass(kind, int) else say("a number")
            return word + _range(rules, say)
        if issubclass(kind, Path):
            return say("a path")
    least = next((rule.min_length for rule in rules if getattr(rule, "min_length", None)), 0)
    return say("a text that is not empty") if least else say("a text")


def _range(rules: Iterable[Any], say: Say) -> str:
    flat = [each for rule in rules for each in (rule.metadata if isinstance(rule, FieldInfo) else [rule])]
    bounds = {name: getattr(rule, name) for rule in flat for name in ("ge", "gt", "le") if hasattr(rule, name)}
    shown = {name: f"{value:,}" for name, value in bounds.items()}
    if "ge" in shown and "le" in shown:
        return say(" from {least} to {most}", least=shown["ge"], most=shown["le"])
    if "gt" in shown and "le" in shown:
        return say(" above {bound}, at most {most}", bound=shown["gt"], most=shown["le"])
    if "ge" in shown:
        return say(", at least {least}", least=shown["ge"])
    if "gt" in shown:
        return say(" above {bound}", bound=shown["gt"])
    return say(", at most {most}", most=shown["le"]) if "le" in shown else ""
