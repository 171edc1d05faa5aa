"""Making types meet.

Receives checked nodes. Gives them in one type: null takes the type beside it, whole numbers become decimals beside
decimals, texts become times and durations beside those. Never converts anything else.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from tocsin.language.node import Literal, Node, Widen
from tocsin.model.fixed import SCALE
from tocsin.model.value import ValueType
from tocsin.model.window import SECOND_US, parse_span

WORDS = {
    ValueType.BOOL: "true or false",
    ValueType.INT: "a whole number",
    ValueType.DECIMAL: "a decimal",
    ValueType.STRING: "a text",
    ValueType.TIMESTAMP: "a time",
    ValueType.DURATION: "a duration",
    ValueType.STRINGS: "a list of texts",
}
NUMBERS = frozenset({ValueType.INT, ValueType.DECIMAL})


class Mismatch(Exception):
    """Types that cannot meet; says which, and carries a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def is_null(node: Node) -> bool:
    """Whether a node is the literal null."""
    return isinstance(node, Literal) and node.value is None


def widen(node: Node) -> Node:
    """A whole number as a decimal."""
    if node.type is ValueType.DECIMAL:
        return node
    if isinstance(node, Literal) and isinstance(node.value, int):
        return replace(node, type=ValueType.DECIMAL, value=node.value * SCALE, bound=node.bound * SCALE)
    return Widen(
        type=ValueType.DECIMAL, nullable=node.nullable, bound=node.bound * SCALE, weight=node.weight + 1, item=node
    )


def meet(nodes: Sequence[Node]) -> list[Node]:
    """The nodes in one type.

    Raises:
        Mismatch: there is none.
    """
    kinds = [node.type for node in nodes if not is_null(node)]
    if not kinds:
        return list(nodes)
    target = kinds[0]
    for kind in kinds[1:]:
        target = _common(target, kind)
    return [become(node, target) for node in nodes]


def become(node: Node, target: ValueType) -> Node:
    """A node in a given type.

    Raises:
        Mismatch: it cannot be had.
    """
    if node.type is target:
        return node
    if is_null(node):
        return replace(node, type=target)
    if target is ValueType.DECIMAL and node.type is ValueType.INT:
        return widen(node)
    if isinstance(node, Literal) and isinstance(node.value, str):
        if target is ValueType.TIMESTAMP:
            return _as_time(node.value)
        if target is ValueType.DURATION:
            return _as_duration(node.value)
    raise Mismatch(f"{WORDS[target]} is expected here, this is {WORDS[node.type]}", _hint(node, target))


def _common(left: ValueType, right: ValueType) -> ValueType:
    pair = {left, right}
    if len(pair) == 1:
        return left
    if pair == NUMBERS:
        return ValueType.DECIMAL
    for timed in (ValueType.TIMESTAMP, ValueType.DURATION):
        if pair == {timed, ValueType.STRING}:
            return timed
    raise Mismatch(f"{WORDS[left]} cannot be compared with {WORDS[right]}", _quote_hint(pair))


def _hint(node: Node, target: ValueType) -> str:
    return _quote_hint({node.type, target})


def _quote_hint(pair: set[ValueType]) -> str:
    if ValueType.STRING in pair and pair & NUMBERS:
        return "numbers stand without quotes"
    if ValueType.DURATION in pair and pair & NUMBERS:
        return "write a duration as '24h'"
    if ValueType.STRINGS in pair and ValueType.STRING in pair:
        return "use list_contains(list, text)"
    return ""


def _as_time(text: str) -> Node:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Mismatch(f"`{text[:40]}` is no time", "write '2026-01-15T12:00:00Z', with a zone")
    at = round(moment.timestamp() * SECOND_US)
    return Literal(type=ValueType.TIMESTAMP, nullable=False, bound=abs(at), value=at)


def _as_duration(text: str) -> Node:
    span = parse_span(text)
    if span is None:
        raise Mismatch(f"`{text[:40]}` is no duration", "write '30s', '10m', '24h' or '30d'")
    return Literal(type=ValueType.DURATION, nullable=False, bound=span, value=span)
