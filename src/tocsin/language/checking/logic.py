"""Conditions: and, or, not, comparisons, in, like, is, case.

Receives sqlglot's trees. Gives nodes, or None where a problem has been noted.
"""

from sqlglot import exp

from tocsin.language.checking.checker import Checker, any_nullable, weigh, weigh_values
from tocsin.language.checking.coercion import is_null
from tocsin.language.node import All, Case, Choice, Compare, IsNull, Like, Literal, Member, Node, Not, Some
from tocsin.model.value import ValueType

BOOL = ValueType.BOOL
OPERATORS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def check_paren(checker: Checker, tree: exp.Expression) -> Node | None:
    """`(a)` is a."""
    return checker.check(tree.this)


def check_chain(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a and b and c`, however long, in one node."""
    kind = type(tree)
    items: list[exp.Expression] = []
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if type(each) is kind:
            waiting += [each.expression, each.this]
        else:
            items.append(each)
    nodes = [checker.condition(item) for item in items]
    found = tuple(node for node in nodes if node is not None)
    if len(found) != len(nodes):
        return None
    made = All if kind is exp.And else Some
    return made(type=BOOL, nullable=any_nullable(found), weight=weigh(found), items=found)


def check_not(checker: Checker, tree: exp.Expression) -> Node | None:
    """`not a`."""
    item = checker.condition(tree.this)
    return item and Not(type=BOOL, nullable=item.nullable, weight=item.weight + 1, item=item)


def check_comparison(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a < b` and its like."""
    sides = checker.several((tree.this, tree.expression))
    return checker.compare(tree, OPERATORS[type(tree)], sides[0], sides[1]) if sides else None


def check_between(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a between b and c`."""
    parts = checker.several((tree.this, tree.args["low"], tree.args["high"]))
    if parts is None:
        return None
    low = checker.compare(tree, ">=", parts[0], parts[1])
    high = checker.compare(tree, "<=", parts[0], parts[2])
    if low is None or high is None:
        return None
    return All(type=BOOL, nullable=low.nullable or high.nullable, weight=weigh((low, high)), items=(low, high))


def check_in(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a in (b, c)`: a set where all are constants, else comparisons."""
    if not tree.expressions:
        checker.wrong(
            tree, "not-allowed", "`in` needs values in parentheses", "for a list of the pack write in_list(x, 'name')"
        )
        return None
    nodes = checker.several((tree.this, *tree.expressions))
    if nodes is None or any(is_null(node) for node in nodes):
        if nodes is not None:
            checker.wrong(
                tree,
                "null-comparison",
                "null among the values of `in` is never equal to anything",
                "write `or x is null`",
            )
        return None
    pairs = [checker.compare(tree, "=", nodes[0], node) for node in nodes[1:]]
    found = [pair for pair in pairs if isinstance(pair, Compare)]
    if len(found) != len(pairs):
        return None
    item = found[0].left
    if all(isinstance(pair.right, Literal) and pair.left == item for pair in found):
        values = tuple(pair.right.value for pair in found if isinstance(pair.right, Literal))
        return Member(type=BOOL, nullable=item.nullable, weight=item.weight + len(values), item=item, values=values)
    return Some(type=BOOL, nullable=any_nullable(found), weight=weigh(found), items=tuple(found))


def check_like(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a like 'pattern'`."""
    item, pattern = checker.check(tree.this), tree.expression
    if item is None:
        return None
    if item.type is not ValueType.STRING or not (isinstance(pattern, exp.Literal) and pattern.is_string):
        checker.wrong(tree, "wrong-type", "`like` compares a text with a pattern in single quotes")
        return None
    if len(pattern.name) > 1_000:
        checker.wrong(pattern, "bad-pattern", "a pattern has at most 1000 characters")
        return None
    return Like(type=BOOL, nullable=item.nullable, weight=item.weight + 1, item=item, pattern=pattern.name)


def check_is(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a is null`, `a is true`, `a is false`."""
    item, what = checker.check(tree.this), tree.expression
    if item is None:
        return None
    if isinstance(what, exp.Null):
        return IsNull(type=BOOL, nullable=False, weight=weigh_values((item,)), item=item)
    if not isinstance(what, exp.Boolean) or item.type is not BOOL:
        checker.wrong(tree, "wrong-type", "`is` is followed by null, true or false, the last two after a condition")
        return None
    wanted = bool(what.this)
    other = Literal(type=BOOL, nullable=False, value=not wanted)
    known = Choice(
        type=BOOL, nullable=False, weight=weigh_values((item, other)), function="coalesce", items=(item, other)
    )
    return known if wanted else Not(type=BOOL, nullable=False, weight=known.weight + 1, item=known)


def check_case(checker: Checker, tree: exp.Expression) -> Node | None:
    """`case when a then b else c end`, and `case x when a then b end`."""
    ifs = tree.args["ifs"]
    conditions = [_when(checker, tree, each) for each in ifs]
    default = tree.args.get("default")
    values = checker.several([*(each.args["true"] for each in ifs), *([default] if default else [])])
    if values is None or any(condition is None for condition in conditions):
        return None
    if default is None:
        values.append(Literal(type=ValueType.STRING, nullable=True, value=None))
    unified = checker.together(tree, values)
    if unified is None:
        return None
    return Case(
        type=unified[0].type,
        nullable=any_nullable(unified),
        bound=max(value.bound for value in unified),
        weight=weigh_values(unified) + sum(condition.weight for condition in conditions if condition),
        conditions=tuple(condition for condition in conditions if condition),
        values=tuple(unified[:-1]),
        otherwise=unified[-1],
    )


def _when(checker: Checker, tree: exp.Expression, each: exp.Expression) -> Node | None:
    """One `when`: a condition, or a value that the case's own value is compared with."""
    if tree.this is None:
        return checker.condition(each.this)
    sides = checker.several((tree.this, each.this))
    return checker.compare(each.this, "=", sides[0], sides[1]) if sides else None
