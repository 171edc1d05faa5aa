"""Literals and names.

Receives sqlglot's leaves. Gives nodes, or None where a problem has been noted.
"""

from decimal import Decimal, InvalidOperation

from sqlglot import exp

from tocsin.language.checking.checker import Checker, nearest
from tocsin.language.function import bound_of_name
from tocsin.language.node import Literal, Node, Reference
from tocsin.model.fixed import LIMIT, SCALE
from tocsin.model.value import INT_LIMIT, ValueType
from tocsin.model.window import SECOND_US

BOOL = ValueType.BOOL
UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


def check_literal(checker: Checker, tree: exp.Expression) -> Node | None:
    """A number or a text."""
    if tree.args.get("is_string"):
        return Literal(type=ValueType.STRING, nullable=False, value=tree.name)
    try:
        number = Decimal(tree.name)
    except InvalidOperation:
        checker.wrong(tree, "bad-number", f"`{tree.name[:40]}` is not a number")
        return None
    if tree.name.isdigit() and number < INT_LIMIT:
        return Literal(type=ValueType.INT, nullable=False, bound=int(number), value=int(number))
    units = number * SCALE if number.adjusted() < 20 else Decimal(LIMIT)
    if abs(units) >= LIMIT:
        checker.wrong(
            tree, "bad-number", f"`{tree.name[:40]}` is too large: 14 digits before the point, 17 for whole numbers"
        )
        return None
    if units != int(units):
        checker.wrong(tree, "bad-number", f"`{tree.name[:40]}` has more than four places")
        return None
    return Literal(type=ValueType.DECIMAL, nullable=False, bound=int(units), value=int(units))


def check_boolean(_: Checker, tree: exp.Expression) -> Node | None:
    """`true` or `false`."""
    return Literal(type=BOOL, nullable=False, value=bool(tree.this))


def check_null(_: Checker, __: exp.Expression) -> Node | None:
    """`null`; its type is that of its place."""
    return Literal(type=ValueType.STRING, nullable=True, value=None)


def check_column(checker: Checker, tree: exp.Expression) -> Node | None:
    """A name, dotted or not."""
    parts = tree.parts if isinstance(tree, exp.Column) else []
    name = ".".join(part.name for part in parts)
    if name == "type":
        return Reference(type=ValueType.STRING, nullable=False, name=name)
    known = checker.scope.names.get(name)
    if known is None:
        quoted = any(isinstance(part, exp.Identifier) and part.args.get("quoted") for part in parts)
        hint = "texts stand in single quotes" if quoted else nearest(name, list(checker.scope.names))
        checker.wrong(tree, "unknown-name", f"unknown name `{name[:80]}`", hint)
        return None
    return Reference(type=known.type, nullable=known.nullable, bound=bound_of_name(known.type), name=name)


def check_interval(checker: Checker, tree: exp.Expression) -> Node | None:
    """`interval '24' hour`."""
    amount, unit = tree.this, tree.args.get("unit")
    words = f"{amount.name if amount else ''} {unit.name if unit else ''}".lower().split()
    factor = UNITS.get(words[1].removesuffix("s")) if len(words) == 2 and words[0].isdigit() else None
    span = int(words[0][:12]) * factor * SECOND_US if factor else INT_LIMIT
    if span >= INT_LIMIT:
        checker.wrong(
            tree,
            "bad-interval",
            "an interval is a whole number of seconds, minutes, hours, days or weeks",
            "interval '24' hour, or just '24h'",
        )
        return None
    return Literal(type=ValueType.DURATION, nullable=False, bound=span, value=span)
