"""Conditions as Python source.

Receives checked nodes and, for each name, the Python expression that reads it. Gives plain short-circuit code in two
modes: is-true and is-false, so that SQL's third value costs a test for None only where a value may be missing. Never
writes code that can raise.
"""

from collections.abc import Callable, Sequence

from tocsin.language.function import FUNCTIONS
from tocsin.language.node import All, Call, Compare, IsNull, Like, Literal, Member, Node, Not, Reference, Some
from tocsin.language.writers.runtime import like_matcher
from tocsin.language.writers.scalar import NOTHING_KNOWN, Known, ScalarWriter
from tocsin.model.value import Value

PYTHON_OPERATORS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class PythonWriter(ScalarWriter):
    """Writes conditions, and the values in them. `True` or `False` come back where the answer is certain."""

    def is_true(self, node: Node, known: Known = NOTHING_KNOWN) -> str:
        """Code that is true just where the condition is true; `True` or `False` where that is certain."""
        match node:
            case All():
                return self._every(node.items, self.is_true, known)
            case Some():
                return self._any(node.items, self.is_true, known)
            case Not():
                return self.is_false(node.item, known)
        return self._plain(node, known, wanted=True)

    def is_false(self, node: Node, known: Known = NOTHING_KNOWN) -> str:
        """Code that is true just where the condition is false."""
        match node:
            case All():
                return self._any(node.items, self.is_false, known)
            case Some():
                return self._every(node.items, self.is_false, known)
            case Not():
                return self.is_true(node.item, known)
        return self._plain(node, known, wanted=False)

    def _plain(self, node: Node, known: Known, *, wanted: bool) -> str:
        """A condition that is not made of others."""
        match node:
            case Literal():
                return str(node.value is wanted)
            case Compare():
                return self._compare(node, known, wanted=wanted)
            case IsNull():
                return self._is_null(node, known, wanted=wanted)
            case Member():
                return self._member(node, known, wanted=wanted)
            case Like():
                test = self._constant(like_matcher(node.pattern))
                return self._tested([node.item], lambda codes: f"{test}({codes[0]})", known, wanted=wanted)
            case Call(function="in_list" | "any_in_list"):
                return self._listed(node, known, wanted=wanted)
            case Call() if FUNCTIONS[node.function].total:
                return self._tested(list(node.items), lambda codes: self._call_code(node, codes), known, wanted=wanted)
        code = self.value(node)
        if code in {"None", "True", "False"}:
            return str(code == str(wanted))
        if wanted:
            return code if isinstance(node, Reference) else f"({code})"
        return f"{code} is False" if node.nullable else f"not {code}"

    def _compare(self, node: Compare, known: Known, *, wanted: bool) -> str:
        left, right = self._settle(node.left), self._settle(node.right)
        op = node.op if wanted else OPPOSITE[node.op]
        if isinstance(left, Literal) and isinstance(right, Literal):
            return str(_holds(op, left.value, right.value))
        return self._tested(
            [left, right], lambda codes: f"{codes[0]} {PYTHON_OPERATORS[op]} {codes[1]}", known, wanted=True
        )

    def _is_null(self, node: IsNull, known: Known, *, wanted: bool) -> str:
        if not node.item.nullable:
            return str(not wanted)
        code = self.value(node.item)
        if code == "None" or code in known:
            return str((code == "None") is wanted)
        return f"{code} is {'' if wanted else 'not '}None"

    def _member(self, node: Member, known: Known, *, wanted: bool) -> str:
        item = self._settle(node.item)
        if isinstance(item, Literal):
            return str((item.value in node.values) is wanted)
        values = repr(node.values) if len(node.values) <= 6 else self._constant(frozenset(node.values))
        return self._tested(
            [item], lambda codes: f"{codes[0]} {'' if wanted else 'not '}in {values}", known, wanted=True
        )

    def _listed(self, node: Call, known: Known, *, wanted: bool) -> str:
        guards, code = self._strict(node, known)
        if "False" in guards:
            return "False"
        return _conjunction([*guards, code if wanted else f"{code} is False"])

    def _tested(self, items: Sequence[Node], write: Callable[[list[str]], str], known: Known, *, wanted: bool) -> str:
        """A test over values that must all be there."""
        guards: list[str] = []
        codes = []
        for item in items:
            more, code = self._strict(item, known)
            guards += [guard for guard in more if guard not in guards]
            codes.append(code)
        if "False" in guards:
            return "False"
        test = write(codes)
        return _conjunction([*guards, test if wanted else f"not {test}"])

    def _every(self, items: Sequence[Node], write: Callable[[Node, Known], str], known: Known) -> str:
        codes: list[str] = []
        for item in items:
            code = write(item, known)
            if code == "False":
                return code
            if code != "True":
                codes.append(code)
                known |= self._certain(item, write == self.is_true)
        return _conjunction(codes) if codes else "True"

    def _certain(self, node: Node, positive: bool) -> Known:
        """Variables that cannot be None once this condition was found true (or false)."""
        match node:
            case Not():
                return self._certain(node.item, not positive)
            case All() if positive:
                return frozenset().union(*(self._certain(item, positive) for item in node.items))
            case Some() if not positive:
                return frozenset().union(*(self._certain(item, positive) for item in node.items))
            case Compare():
                sides = (node.left, node.right)
            case Member() | Like():
                sides = (node.item, node.item)
            case IsNull() if not positive:
                sides = (node.item, node.item)
            case _:
                return NOTHING_KNOWN
        names = [side.name for side in sides if isinstance(side, Reference) and side.name not in self.known]
        return frozenset(self.variables[name] for name in names if name in self.variables)

    def _any(self, items: Sequence[Node], write: Callable[[Node, Known], str], known: Known) -> str:
        codes = [write(item, known) for item in items]
        if "True" in codes:
            return "True"
        codes = [code for code in codes if code != "False"]
        if not codes:
            return "False"
        return codes[0] if len(codes) == 1 else f"({' or '.join(codes)})"


def _conjunction(codes: Sequence[str]) -> str:
    return codes[0] if len(codes) == 1 else f"({' and '.join(codes)})"


def _holds(op: str, left: Value, right: Value) -> bool:
    """A comparison of two constants of one type."""
    order = 0
    match left, right:
        case str(), str():
            order = (left > right) - (left < right)
        case int(), int():
            order = (left > right) - (left < right)
    return {"=": order == 0, "<>": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]
