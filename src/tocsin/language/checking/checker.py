"""From sqlglot's tree to a typed one.

Receives a tree and a scope. Gives a Node, or every problem that the text has. Whatever is not named here is refused, so
that a new version of the parser cannot let in what nobody has thought about.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from tocsin.language.checking.coercion import Mismatch, is_null, meet
from tocsin.language.node import All, Compare, IsNull, Like, Literal, Member, Node, Not, Reference, Some
from tocsin.language.scope import Scope
from tocsin.language.syntax import span_of
from tocsin.model.problem import Problem
from tocsin.model.value import ValueType

CHAIN_LIMIT = 60
WEIGHT_LIMIT = 20_000
BOOL = ValueType.BOOL

ADVICE: dict[type[exp.Expression], str] = {
    exp.DPipe: "write concat(a, b) for texts, `or` for conditions",
    exp.ILike: "use lower(x) like '…'",
    exp.RegexpLike: "use regexp_matches(x, 'pattern')",
    exp.SimilarTo: "use regexp_matches(x, 'pattern')",
    exp.If: "write case when a then b else c end",
    exp.NullSafeEQ: "write a = b or (a is null and b is null)",
    exp.Pow: "multiply a by itself",
    exp.Array: "a list stands in the event; for a list of values write x in (a, b)",
}

Handler = Callable[["Checker", exp.Expression], Node | None]
Handlers = Mapping[type[exp.Expression], Handler]


class Checker:
    """Checks one expression. Every method gives None where it has noted a problem."""

    def __init__(self, text: str, scope: Scope, handlers: Handlers) -> None:
        self.text = text
        self.handlers = handlers
        self.scope = scope
        self.problems: list[Problem] = []
        self._depth = 0

    def wrong(self, tree: exp.Expression, code: str, message: str, hint: str = "") -> None:
        """Notes a problem at the place of a tree."""
        start, end = span_of(tree)
        self.problems.append(Problem(message=message, code=code, source=self.text, start=start, end=end, hint=hint))

    def check(self, tree: exp.Expression) -> Node | None:
        """The node of a tree."""
        handler = self.handlers.get(type(tree))
        if handler is None:
            self.wrong(tree, "not-allowed", f"`{_word(tree)}` is not part of the condition language", _advice(tree))
            return None
        self._depth += 1
        try:
            if self._depth > CHAIN_LIMIT:
                self.wrong(tree, "too-deep", "too many operations in one another; split the rule")
                return None
            node = handler(self, tree)
        finally:
            self._depth -= 1
        if node is not None and node.weight > WEIGHT_LIMIT:
            self.wrong(tree, "too-intricate", "too many divisions and products in one another; split the rule")
            return None
        return node

    def condition(self, tree: exp.Expression) -> Node | None:
        """The node of a tree that must be true or false."""
        node = self.check(tree)
        if node is not None and node.type is not BOOL and not is_null(node):
            self.wrong(
                tree,
                "not-boolean",
                f"a condition is expected here, `{_word(tree)}` is {node.type}",
                "compare it with something",
            )
            return None
        return node

    def several(self, trees: Sequence[exp.Expression]) -> list[Node] | None:
        """The nodes of all trees; every one is checked even where the first is wrong."""
        nodes = [self.check(tree) for tree in trees]
        found = [node for node in nodes if node is not None]
        return found if len(found) == len(nodes) else None

    def together(self, tree: exp.Expression, nodes: Sequence[Node]) -> list[Node] | None:
        """The nodes in one type."""
        try:
            return meet(nodes)
        except Mismatch as fault:
            self.wrong(tree, "wrong-type", str(fault), fault.hint)
            return None

    def compare(self, tree: exp.Expression, op: str, left: Node, right: Node) -> Node | None:
        """A comparison of two checked sides."""
        if is_null(left) or is_null(right):
            hint = "write `is null`" if op == "=" else "write `is not null`"
            self.wrong(tree, "null-comparison", "a comparison with null is never true", hint)
            return None
        self._check_event_type(tree, left, right)
        sides = self.together(tree, (left, right))
        if sides is None:
            return None
        kind = sides[0].type
        if kind is ValueType.STRINGS or (kind is BOOL and op not in {"=", "<>"}):
            self.wrong(
                tree,
                "wrong-type",
                f"`{op}` does not compare {kind}",
                "use list_contains(list, text)" if kind is not BOOL else "",
            )
            return None
        return Compare(
            type=BOOL, nullable=any_nullable(sides), weight=weigh_values(sides), op=op, left=sides[0], right=sides[1]
        )

    def _check_event_type(self, tree: exp.Expression, left: Node, right: Node) -> None:
        for name, literal in ((left, right), (right, left)):
            if isinstance(name, Reference) and name.name == "type" and isinstance(literal, Literal):
                known = self.scope.event_types
                if isinstance(literal.value, str) and literal.value not in known:
                    self.wrong(
                        tree,
                        "unknown-event-type",
                        f"unknown event type `{literal.value[:60]}`",
                        nearest(literal.value, known),
                    )


def weigh(nodes: Sequence[Node]) -> int:
    """The weight of a node over these."""
    return 1 + sum(node.weight for node in nodes)


def weigh_values(nodes: Sequence[Node]) -> int:
    """The weight of a node over the values of these: a condition that may be null is written twice to give its value."""
    twice = All | Some | Not | Compare | Member | Like | IsNull
    return 1 + sum(node.weight * (1 + (node.nullable and isinstance(node, twice))) for node in nodes)


def nearest(word: str, known: Sequence[str] | frozenset[str]) -> str:
    """A hint with the nearest known word, capitals or not."""
    by_lower = {name.lower(): name for name in sorted(known)}
    found = difflib.get_close_matches(word[:80].lower(), by_lower, 1)
    return f"did you mean `{by_lower[found[0]]}`?" if found else ""


def any_nullable(nodes: Sequence[Node]) -> bool:
    """Whether any of the nodes may be null."""
    return any(node.nullable for node in nodes)


def _word(tree: exp.Expression) -> str:
    """How a tree is called in an error."""
    return str(tree.sql())[:60]


def _advice(tree: exp.Expression) -> str:
    if isinstance(tree, exp.Select | exp.Subquery | exp.Exists):
        return "a rule sees one event; what came before it is a feature"
    if isinstance(tree, exp.Cast):
        return "types are known from the event type; texts become times where they are compared with one"
    return next((advice for kind, advice in ADVICE.items() if isinstance(tree, kind)), "")
