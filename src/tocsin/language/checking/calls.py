"""Function calls.

Receives sqlglot's call with its arguments. Gives a node, or None where a problem has been noted.
"""

from collections.abc import Sequence

from sqlglot import exp

from tocsin.language.checking.checker import Checker, any_nullable, nearest, weigh, weigh_values
from tocsin.language.checking.coercion import NUMBERS, WORDS, Mismatch, become, is_null
from tocsin.language.constant import ConstantFault
from tocsin.language.function import CHOICES, FUNCTIONS, KNOWN, LIST_FUNCTIONS, ROUNDING, Function
from tocsin.language.node import Call, Choice, Literal, Node
from tocsin.model.fixed import SCALE
from tocsin.model.value import Value, ValueType

AGGREGATES = frozenset({"count", "sum", "avg", "min", "max", "stddev", "last", "age"})
ELSEWHERE = {
    "ifnull": "write coalesce(a, b)",
    "nvl": "write coalesce(a, b)",
    "iff": "write case when a then b else c end",
    "mod": "write a % b",
    "power": "multiply a by itself",
    "left": "write substr(text, 1, n)",
    "position": "write contains(text, part)",
    "now": "`at` is the event's own time; there is no wall clock",
}
"""What other dialects call it."""


def check_call(checker: Checker, tree: exp.Expression) -> Node | None:
    """A call of any function."""
    name, arguments = str(tree.this).lower(), tree.expressions
    if name not in KNOWN:
        hint = ELSEWHERE.get(name) or nearest(name, KNOWN)
        hint = "an aggregate is written in a feature, not in a condition" if name in AGGREGATES else hint
        checker.wrong(tree, "unknown-function", f"unknown function `{name[:60]}`", hint)
        return None
    if name in LIST_FUNCTIONS:
        return _in_list(checker, tree, name, arguments)
    if name in FUNCTIONS:
        if name == "date_diff" and arguments:
            arguments = [*arguments[1:], arguments[0]]
        return _plain(checker, tree, name, arguments)
    nodes = checker.several(arguments)
    if nodes is None:
        return None
    if name in CHOICES:
        return _choice(checker, tree, name, nodes)
    if name == "concat":
        return _concat(checker, tree, nodes)
    return _rounding(checker, tree, name, nodes)


def _plain(checker: Checker, tree: exp.Expression, name: str, arguments: Sequence[exp.Expression]) -> Node | None:
    function = FUNCTIONS[name]
    most = len(function.takes) + len(function.constants)
    if not most - function.optional <= len(arguments) <= most:
        _count(checker, tree, name, most - function.optional, most)
        return None
    taken = arguments[: len(function.takes)]
    nodes = checker.several(taken)
    constants = _constants(checker, name, function, arguments[len(function.takes) :])
    if nodes is None or constants is None:
        return None
    items = [
        _argument(checker, at, name, node, kind) for at, node, kind in zip(taken, nodes, function.takes, strict=True)
    ]
    found = tuple(item for item in items if item is not None)
    if len(found) != len(items):
        return None
    nullable = any_nullable(found) or not function.total
    weight = 3 * weigh(found)
    return Call(
        type=function.gives,
        nullable=nullable,
        bound=function.bound,
        weight=weight,
        function=name,
        items=found,
        constants=constants,
    )


def _argument(checker: Checker, tree: exp.Expression, name: str, node: Node, kind: ValueType) -> Node | None:
    try:
        return become(node, kind)
    except Mismatch:
        checker.wrong(tree, "wrong-type", f"{name} takes {WORDS[kind]} here, this is {WORDS[node.type]}")
        return None


def _constants(
    checker: Checker, name: str, function: Function, trees: Sequence[exp.Expression]
) -> tuple[Value, ...] | None:
    values: list[Value] = []
    for place, read in enumerate(function.constants):
        tree = trees[place] if place < len(trees) else None
        if tree is not None and not isinstance(tree, exp.Literal):
            checker.wrong(
                tree, "not-literal", f"{name} needs a literal here, so that it can be checked when the pack is loaded"
            )
            return None
        given = (
            None
            if tree is None
            else tree.name
            if tree.is_string
            else int(tree.name)
            if tree.name.isdigit()
            else tree.name
        )
        try:
            values.append(read(given))
        except ConstantFault as fault:
            if tree is not None:
                checker.wrong(tree, "bad-pattern" if name == "regexp_matches" else "bad-constant", str(fault))
            return None
    return tuple(values)


def _in_list(checker: Checker, tree: exp.Expression, name: str, arguments: Sequence[exp.Expression]) -> Node | None:
    kind = ValueType.STRINGS if name == "any_in_list" else ValueType.STRING
    if len(arguments) != 2:
        _count(checker, tree, name, 2, 2)
        return None
    item = checker.check(arguments[0])
    found = _argument(checker, arguments[0], name, item, kind) if item else None
    named = arguments[1]
    if not (isinstance(named, exp.Literal) and named.is_string):
        checker.wrong(named, "not-literal", f"{name} needs the list's name in single quotes")
        return None
    if named.name not in checker.scope.lists:
        checker.wrong(
            named, "unknown-list", f"unknown list `{named.name[:60]}`", nearest(named.name, checker.scope.lists)
        )
        return None
    if found is None:
        return None
    return Call(
        type=ValueType.BOOL,
        nullable=True,
        weight=found.weight + 5,
        function=name,
        items=(found,),
        constants=(named.name,),
    )


def _choice(checker: Checker, tree: exp.Expression, name: str, nodes: Sequence[Node]) -> Node | None:
    if (name == "nullif" and len(nodes) != 2) or len(nodes) < 2:
        _count(checker, tree, name, 2, 2 if name == "nullif" else 99)
        return None
    unified = checker.together(tree, nodes)
    if unified is None:
        return None
    kind = unified[0].type
    if name in {"least", "greatest"} and kind in {ValueType.BOOL, ValueType.STRINGS}:
        checker.wrong(tree, "wrong-type", f"{name} does not take {WORDS[kind]}")
        return None
    nullable = name == "nullif" or all(node.nullable for node in unified)
    bounds = [node.bound for node in unified]
    bound = bounds[0] if name == "nullif" else max(bounds)
    if name in {"least", "greatest"} and not is_null(unified[0]):
        bound = _bounded(name, unified, bound)
    return Choice(
        type=kind, nullable=nullable, bound=bound, weight=weigh_values(unified), function=name, items=tuple(unified)
    )


def _bounded(name: str, nodes: Sequence[Node], bound: int) -> int:
    """least(x, 1000) of what cannot be negative would be small, but x may be negative: only both sides together bound it.

    `least(greatest(x, -b), b)` and the other way round are bounded by b.
    """
    limits = [node.value for node in nodes if isinstance(node, Literal) and isinstance(node.value, int)]
    inner = [
        node
        for node in nodes
        if isinstance(node, Choice) and node.function in {"least", "greatest"} and node.function != name
    ]
    for choice in inner:
        other = [node.value for node in choice.items if isinstance(node, Literal) and isinstance(node.value, int)]
        if limits and other and len(nodes) == 2:
            return max(abs(limits[0]), abs(other[0]))
    return bound


def _concat(checker: Checker, tree: exp.Expression, nodes: Sequence[Node]) -> Node | None:
    if not 2 <= len(nodes) <= 20:
        _count(checker, tree, "concat", 2, 20)
        return None
    items = [_argument(checker, tree, "concat", node, ValueType.STRING) for node in nodes]
    found = tuple(item for item in items if item is not None)
    if len(found) != len(items):
        return None
    return Call(
        type=ValueType.STRING, nullable=any_nullable(found), weight=weigh(found), function="concat", items=found
    )


def _rounding(checker: Checker, tree: exp.Expression, name: str, nodes: Sequence[Node]) -> Node | None:
    """abs, round, floor, ceil."""
    most = 2 if name == "round" else 1
    if not 1 <= len(nodes) <= most:
        _count(checker, tree, name, 1, most)
        return None
    item = nodes[0]
    if item.type not in NUMBERS or is_null(item):
        checker.wrong(tree, "wrong-type", f"{name} takes a number, this is {WORDS[item.type]}")
        return None
    if name == "abs":
        return Call(
            type=item.type,
            nullable=item.nullable,
            bound=item.bound,
            weight=item.weight + 1,
            function="abs",
            items=(item,),
        )
    places = nodes[1] if len(nodes) > 1 else None
    if places is not None and not (
        isinstance(places, Literal) and places.value in {0, 1, 2, 3, 4} and places.type is ValueType.INT
    ):
        checker.wrong(tree, "bad-constant", "round keeps 0 to 4 places, written as a number")
        return None
    if item.type is ValueType.INT:
        return item
    kept = int(places.value) if isinstance(places, Literal) and isinstance(places.value, int) else 0
    kind = ValueType.INT if places is None else ValueType.DECIMAL
    step = 10 ** (4 - kept)
    bound = item.bound // SCALE + 1 if kind is ValueType.INT else item.bound + step
    return Call(
        type=kind,
        nullable=item.nullable,
        bound=bound,
        weight=3 * item.weight + 1,
        function=ROUNDING[name],
        items=(item,),
        constants=(step,),
    )


def _count(checker: Checker, tree: exp.Expression, name: str, least: int, most: int) -> None:
    words = str(least) if least == most else f"{least} or more" if most == 99 else f"{least} to {most}"
    checker.wrong(
        tree,
        "wrong-count",
        f"{name} takes {words} {'argument' if words == '1' else 'arguments'}, {len(tree.expressions)} given",
    )
