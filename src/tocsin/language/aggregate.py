"""The value of a feature: an aggregate over what its window holds.

Receives a text such as `count(distinct sender)` and the scope of the feeding events. Gives an Aggregate, or a
ConditionError.
"""

import re
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tocsin.language.condition import Condition, read_expression
from tocsin.language.errors import ConditionError
from tocsin.language.scope import Scope
from tocsin.language.syntax import wrong
from tocsin.model.value import ValueType

N, D, S = ValueType.INT, ValueType.DECIMAL, ValueType.DURATION
ARGUMENT_LIMIT = 2**60
"""Whole numbers of this size at most enter a window: sums and squares of them are exact."""

_CALL = re.compile(r"\s*([a-zA-Z_]+)\s*\(\s*(distinct\s+)?(.*?)\s*\)\s*", re.DOTALL | re.IGNORECASE)


class AggregateKind(StrEnum):
    """What is computed over a window."""

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    STDDEV = "stddev"
    LAST = "last"
    AGE = "age"


TAKES: dict[AggregateKind, frozenset[ValueType]] = {
    AggregateKind.DISTINCT: frozenset(ValueType) - {ValueType.STRINGS},
    AggregateKind.SUM: frozenset({N, D, S}),
    AggregateKind.AVG: frozenset({N, D}),
    AggregateKind.MIN: frozenset({N, D, S, ValueType.TIMESTAMP}),
    AggregateKind.MAX: frozenset({N, D, S, ValueType.TIMESTAMP}),
    AggregateKind.STDDEV: frozenset({N, D}),
    AggregateKind.LAST: frozenset(ValueType) - {ValueType.STRINGS},
}
GIVES = {
    AggregateKind.COUNT: N,
    AggregateKind.DISTINCT: N,
    AggregateKind.AVG: D,
    AggregateKind.STDDEV: D,
    AggregateKind.AGE: S,
}


class Aggregate(Struct, frozen=True, kw_only=True):
    """An aggregate, its argument (None for count(*) and age(*)) and the type of its value."""

    kind: AggregateKind
    argument: Condition | None
    type: ValueType


def read_aggregate(text: str, scope: Scope) -> Aggregate:
    """An aggregate from its text.

    >>> read_aggregate("count(*)", Scope(names={})).type
    <ValueType.INT: 'int'>

    Raises:
        ConditionError: an unknown aggregate, a wrong argument, or whatever is wrong within it.
    """
    match = _CALL.fullmatch(text) if len(text) <= 4_096 else None
    name = match[1].lower() if match else ""
    if match is None or name not in {kind.value for kind in AggregateKind} - {"distinct"}:
        known = "count(*), count(distinct x), sum(x), avg(x), min(x), max(x), stddev(x), last(x) or age(*)"
        raise wrong("unknown-aggregate", "a feature's value is an aggregate", text, (0, len(text)), f"write {known}")
    kind = AggregateKind.DISTINCT if match[2] else AggregateKind(name)
    if match[2] and name != "count":
        raise wrong("unknown-aggregate", "only count takes `distinct`", text, (match.start(2), match.end(2)))
    if match[3] == "*" or kind in {AggregateKind.COUNT, AggregateKind.AGE}:
        if match[3] != "*" or kind not in {AggregateKind.COUNT, AggregateKind.AGE}:
            hint = "write count(*), or count(distinct x)" if kind is AggregateKind.COUNT else ""
            message = f"{name} takes {'`*`' if kind not in TAKES else 'an expression'}"
            raise wrong("wrong-argument", message, text, (match.start(3), match.end(3)), hint)
        return Aggregate(kind=kind, argument=None, type=GIVES[kind])
    return _with_argument(text, kind, match[3], match.start(3), scope)


def _with_argument(text: str, kind: AggregateKind, inner: str, start: int, scope: Scope) -> Aggregate:
    try:
        argument = read_expression(inner, scope)
    except ConditionError as error:
        moved = [replace(p, source=text, start=p.start + start, end=p.end + start) for p in error.problems]
        raise ConditionError(moved) from None
    if argument.root.type not in TAKES[kind]:
        message = (
            f"{'count(distinct)' if kind is AggregateKind.DISTINCT else kind.value} does not take {argument.root.type}"
        )
        raise wrong("wrong-argument", message, text, (start, start + len(inner)))
    if argument.root.bound > ARGUMENT_LIMIT:
        message = "the argument may have more than 18 digits, places included"
        hint = "bound it: least(greatest(amount, 0), 1000000)"
        raise wrong("may-overflow", message, text, (start, start + len(inner)), hint)
    return Aggregate(kind=kind, argument=argument, type=GIVES.get(kind, argument.root.type))
