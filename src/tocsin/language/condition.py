"""Conditions and expressions, read and checked.

Receives a text and a scope. Gives a Condition, or a ConditionError with every problem.
"""

from msgspec import Struct

from tocsin.language.checking.checker import Checker
from tocsin.language.checking.coercion import is_null
from tocsin.language.checking.grammar import HANDLERS
from tocsin.language.errors import ConditionError
from tocsin.language.node import Call, Node, Reference, height, walk
from tocsin.language.scope import Scope
from tocsin.language.syntax import parse, wrong

HEIGHT_LIMIT = 200
"""Operations in one another, long sums included, for which every writer has room."""


class Condition(Struct, frozen=True, kw_only=True):
    """A checked expression. `reads` are the names it uses but `type`, in order; `lists` and `patterns` what it looks into."""

    text: str
    root: Node
    reads: tuple[str, ...]
    lists: tuple[str, ...]
    patterns: tuple[str, ...]


def read_condition(text: str, scope: Scope) -> Condition:
    """A condition: an expression that is true, false or null.

    >>> from tocsin.language.scope import Name, Origin
    >>> from tocsin.model.value import ValueType
    >>> amount = Name(name="amount", type=ValueType.DECIMAL, nullable=True, origin=Origin.ATTRIBUTE)
    >>> read_condition("amount >= 1000", Scope(names={"amount": amount})).reads
    ('amount',)

    Raises:
        ConditionError: every problem of the text, each with its place.
    """
    condition = read_expression(text, scope)
    if condition.root.type != "bool":
        raise wrong("not-boolean", f"a condition is expected, this is {condition.root.type}", text, (0, len(text)))
    return condition


def read_expression(text: str, scope: Scope) -> Condition:
    """An expression of any type; `root.type` tells which.

    Raises:
        ConditionError: every problem of the text, each with its place.
    """
    checker = Checker(text, scope, HANDLERS)
    root = checker.check(parse(text))
    if root is None or checker.problems:
        raise ConditionError(checker.problems)
    if height(root) > HEIGHT_LIMIT:
        raise wrong("too-deep", "too many operations in one another; split the rule", text, (0, len(text)))
    if is_null(root):
        raise wrong("not-boolean", "null alone is no expression", text, (0, len(text)))
    nodes = list(walk(root))
    calls = [node for node in nodes if isinstance(node, Call)]
    reads = dict.fromkeys(node.name for node in nodes if isinstance(node, Reference) and node.name != "type")
    return Condition(
        text=text,
        root=root,
        reads=tuple(reads),
        lists=tuple(dict.fromkeys(str(call.constants[0]) for call in calls if "in_list" in call.function)),
        patterns=tuple(dict.fromkeys(str(call.constants[0]) for call in calls if call.function == "regexp_matches")),
    )
