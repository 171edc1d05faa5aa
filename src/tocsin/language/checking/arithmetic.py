"""Sums, products, quotients.

Receives sqlglot's trees. Gives nodes whose whole-number values are known to stay below 10**37 on every engine, so that
nothing can overflow when an event is decided; or None where a problem has been noted.
"""

from sqlglot import exp

from tocsin.language.checking.checker import Checker, any_nullable
from tocsin.language.checking.coercion import NUMBERS, WORDS, Mismatch, become, is_null, widen
from tocsin.language.node import Arithmetic, Literal, Node
from tocsin.model.fixed import SCALE
from tocsin.model.value import ValueType

BOUND_LIMIT = 10**37
QUOTIENT_LIMIT = 10**32
"""Spark's decimals keep six of their 38 digits for what follows the point of a quotient."""
T, S = ValueType.TIMESTAMP, ValueType.DURATION
Sides = tuple[Node, Node]


def check_sum(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a + b - c`, however long: taken apart from the left without recursion."""
    steps: list[exp.Expression] = []
    left = tree
    while isinstance(left, exp.Add | exp.Sub):
        steps.append(left)
        left = left.this
    total = checker.check(left)
    for step in reversed(steps):
        right = checker.check(step.expression)
        if total is None or right is None:
            total = None
            continue
        total = _sum(checker, step, total, right)
    return total


def _sum(checker: Checker, tree: exp.Expression, left: Node, right: Node) -> Node | None:
    op = "+" if isinstance(tree, exp.Add) else "-"
    sides = (
        _timed(checker, tree, left, right) if {left.type, right.type} & {T, S} else _numbers(checker, tree, left, right)
    )
    if sides is None:
        return None
    kinds = (sides[0].type, sides[1].type)
    if kinds == (T, T) and op == "-":
        kind = S
    elif kinds in {(T, S), (S, S)}:
        kind = kinds[0]
    elif kinds == (S, T) and op == "+":
        kind = T
    elif kinds[0] in NUMBERS:
        kind = kinds[0]
    else:
        checker.wrong(tree, "wrong-type", f"`{op}` does not take {WORDS[kinds[0]]} and {WORDS[kinds[1]]}")
        return None
    return _made(
        checker,
        tree,
        Arithmetic(
            type=kind,
            nullable=any_nullable(sides),
            bound=sides[0].bound + sides[1].bound,
            op=op,
            left=sides[0],
            right=sides[1],
        ),
    )


def _timed(checker: Checker, tree: exp.Expression, left: Node, right: Node) -> Sides | None:
    """Texts beside times and durations are durations."""
    try:
        sides = [become(side, S) if side.type is ValueType.STRING else side for side in (left, right)]
    except Mismatch as fault:
        checker.wrong(tree, "wrong-type", str(fault), fault.hint)
        return None
    return sides[0], sides[1]


def _numbers(checker: Checker, tree: exp.Expression, left: Node, right: Node, *, alike: bool = True) -> Sides | None:
    """Both sides as numbers, of one scale where `alike`."""
    for side in (left, right):
        if side.type not in NUMBERS or is_null(side):
            hint = "use concat(a, b) for texts" if side.type is ValueType.STRING and isinstance(tree, exp.Add) else ""
            checker.wrong(
                tree,
                "wrong-type",
                f"a number is expected here, this is {'null' if is_null(side) else WORDS[side.type]}",
                hint,
            )
            return None
    if alike and left.type is not right.type:
        return widen(left), widen(right)
    return left, right


def check_product(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a * b`: of whole numbers exact, of decimals rounded to four places; a duration times a whole number."""
    nodes = checker.several((tree.this, tree.expression))
    if nodes is None:
        return None
    left, right = nodes
    if {left.type, right.type} == {S, ValueType.INT}:
        sides: Sides | None = (left, right)
    else:
        sides = _numbers(checker, tree, left, right, alike=False)
    if sides is None:
        return None
    bound = left.bound * right.bound
    kinds = {left.type, right.type}
    kind = S if S in kinds else ValueType.DECIMAL if ValueType.DECIMAL in kinds else ValueType.INT
    rounds = kinds == {ValueType.DECIMAL}
    made = _made(
        checker,
        tree,
        Arithmetic(
            type=kind,
            nullable=any_nullable(sides),
            bound=bound,
            weight=2 if rounds else 1,
            op="*",
            left=left,
            right=right,
        ),
    )
    if made is None or not rounds or not _fits(checker, tree, bound // SCALE):
        return made if not rounds else None
    return Arithmetic(
        type=kind, nullable=made.nullable, bound=bound // SCALE + 1, weight=made.weight, op="*", left=left, right=right
    )


def check_quotient(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a / b`: a decimal, null where b is 0."""
    nodes = checker.several((tree.this, tree.expression))
    sides = _numbers(checker, tree, *nodes) if nodes else None
    if sides is None or _by_zero(checker, tree, sides[1]):
        return None
    bound = 2 * sides[0].bound * SCALE + sides[1].bound
    made = _made(
        checker,
        tree,
        Arithmetic(type=ValueType.DECIMAL, nullable=True, bound=bound, weight=4, op="/", left=sides[0], right=sides[1]),
    )
    divisor = abs(sides[1].value) if isinstance(sides[1], Literal) and isinstance(sides[1].value, int) else 1
    bound = sides[0].bound * SCALE // divisor
    if made is None or not _fits(checker, tree, bound):
        return None
    return Arithmetic(
        type=ValueType.DECIMAL,
        nullable=not isinstance(sides[1], Literal) or sides[0].nullable,
        bound=bound + 1,
        weight=made.weight,
        op="/",
        left=sides[0],
        right=sides[1],
    )


def check_remainder(checker: Checker, tree: exp.Expression) -> Node | None:
    """`a % b` of whole numbers: the sign is that of a; null where b is 0."""
    nodes = checker.several((tree.this, tree.expression))
    if nodes is None:
        return None
    if any(node.type is not ValueType.INT or is_null(node) for node in nodes):
        checker.wrong(tree, "wrong-type", "`%` takes whole numbers")
        return None
    if _by_zero(checker, tree, nodes[1]):
        return None
    nullable = not isinstance(nodes[1], Literal) or nodes[0].nullable
    return _made(
        checker,
        tree,
        Arithmetic(
            type=ValueType.INT, nullable=nullable, bound=nodes[0].bound, weight=2, op="%", left=nodes[0], right=nodes[1]
        ),
    )


def check_negative(checker: Checker, tree: exp.Expression) -> Node | None:
    """`-a`."""
    node = checker.check(tree.this)
    if node is None:
        return None
    if node.type not in {*NUMBERS, S} or is_null(node):
        checker.wrong(tree, "wrong-type", f"`-` takes a number, this is {WORDS[node.type]}")
        return None
    if isinstance(node, Literal) and isinstance(node.value, int):
        return Literal(type=node.type, nullable=False, bound=node.bound, value=-node.value)
    zero = Literal(type=node.type, nullable=False, value=0)
    return _made(
        checker,
        tree,
        Arithmetic(type=node.type, nullable=node.nullable, bound=node.bound, op="-", left=zero, right=node),
    )


def _by_zero(checker: Checker, tree: exp.Expression, divisor: Node) -> bool:
    zero = isinstance(divisor, Literal) and divisor.value == 0
    if zero:
        checker.wrong(tree, "division-by-zero", "a division by 0 is always null")
    return zero


def _made(checker: Checker, tree: exp.Expression, node: Arithmetic) -> Arithmetic | None:
    """The node with its weight (given as the number of times that SQL repeats each side), if its bound permits."""
    if not _fits(checker, tree, node.bound, BOUND_LIMIT):
        return None
    weight = 1 + node.weight * (node.left.weight + node.right.weight)
    return Arithmetic(
        type=node.type,
        nullable=node.nullable,
        bound=node.bound,
        weight=weight,
        op=node.op,
        left=node.left,
        right=node.right,
    )


def _fits(checker: Checker, tree: exp.Expression, bound: int, limit: int = QUOTIENT_LIMIT) -> bool:
    if bound > limit:
        message = f"the result may have more than {len(str(limit)) - 1} digits"
        checker.wrong(tree, "may-overflow", message, "bound a factor: least(greatest(amount, 0), 1000000)")
    return bound <= limit
