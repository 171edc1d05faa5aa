"""Values as Python source.

Receives checked nodes. Gives, for a value, what must hold for it to be there and code that computes it where it does.
Never writes code that can raise. Conditions are written by python.py, which builds on this.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from tocsin.language.function import FUNCTIONS
from tocsin.language.node import (
    All,
    Arithmetic,
    Call,
    Case,
    Choice,
    Compare,
    IsNull,
    Like,
    Literal,
    Member,
    Node,
    Not,
    Reference,
    Some,
    Widen,
)
from tocsin.language.writers.runtime import RUNTIME, matcher
from tocsin.model.fixed import SCALE
from tocsin.model.value import Value, ValueType

Known = frozenset[str]
"""Variables that are known not to be None where the code runs."""

NOTHING_KNOWN: Known = frozenset()

INLINE = 4
"""Alternatives of one `coalesce` that are written into one another; Python does not read very deep brackets."""


class ListView(Protocol):
    """A list that conditions look into.

    Why a protocol: packs' lists come from files, a service's from its store.
    """

    def has(self, value: str, at: int) -> bool | None:
        """Whether the value stands in the list at this time; None where the list cannot say."""
        ...


class ScalarWriter(ABC):
    """Writes values over variables; a name that has none is null.

    `known` are names whose value is the same for all events that the code will see; `constants` are the globals that
    the written code needs.
    """

    def __init__(self, variables: Mapping[str, str], known: Mapping[str, Value], lists: Mapping[str, ListView]) -> None:
        self.variables = variables
        self.known = known
        self.lists = lists
        self.constants: dict[str, object] = dict(RUNTIME)
        self._temporaries = 0

    @abstractmethod
    def is_true(self, node: Node, known: Known = NOTHING_KNOWN) -> str:
        """Code that is true just where the condition is true."""

    @abstractmethod
    def is_false(self, node: Node, known: Known = NOTHING_KNOWN) -> str:
        """Code that is true just where the condition is false."""

    def value(self, node: Node) -> str:
        """Code that gives the value, or None."""
        if isinstance(node, All | Some | Not | Compare | Member | Like | IsNull):
            yes = self.is_true(node)
            if not node.nullable or yes == "True":
                return f"({yes})"
            return f"(True if {yes} else False if {self.is_false(node)} else None)"
        if isinstance(node, Reference) and node.name not in self.known:
            return self.variables.get(node.name, "None")
        guards, code = self._strict(node, NOTHING_KNOWN)
        if "False" in guards:
            return "None"
        return f"({code} if {' and '.join(guards)} else None)" if guards else code

    def _settle(self, node: Node) -> Node:
        """A name whose value is known, as that value."""
        if isinstance(node, Reference) and node.name in self.known:
            return Literal(type=node.type, nullable=False, bound=node.bound, value=self.known[node.name])
        return node

    def _strict(self, node: Node, known: Known) -> tuple[list[str], str]:
        """What must hold for the value to be there, and code for the value where it does."""
        match node:
            case Literal():
                return (["False"], "None") if node.value is None else ([], repr(node.value))
            case Reference():
                return self._reference(node, known)
            case Widen():
                guards, code = self._strict(node.item, known)
                return guards, f"({code} * {SCALE})"
            case Arithmetic():
                return self._arithmetic(node, known)
            case Call(function="in_list"):
                guards, code = self._strict(node.items[0], known)
                return guards, f"{self._list(node)}({code}, {self.variables['at']})"
            case Call(function="any_in_list"):
                guards, code = self._strict(node.items[0], known)
                return guards, f"any_in({self._list(node)}, {code}, {self.variables['at']})"
            case Call():
                return self._call(node, known)
            case Case():
                return self._kept(node, self._case(node))
            case Choice():
                return self._kept(node, self._choice(node))
        return self._kept(node, self.value(node))

    def _reference(self, node: Reference, known: Known) -> tuple[list[str], str]:
        if node.name in self.known:
            return [], repr(self.known[node.name])
        code = self.variables.get(node.name, "None")
        if code == "None":
            return ["False"], code
        return ([f"{code} is not None"] if node.nullable and code not in known else []), code

    def _kept(self, node: Node, code: str) -> tuple[list[str], str]:
        """A value that may be None by itself: computed once, tested, and kept under a name."""
        if not node.nullable:
            return [], code
        if code == "None":
            return ["False"], code
        name = self._temporary()
        return [f"({name} := {code}) is not None"], name

    def _arithmetic(self, node: Arithmetic, known: Known) -> tuple[list[str], str]:
        left_guards, left = self._strict(node.left, known)
        right_guards, right = self._strict(node.right, known)
        guards = left_guards + [guard for guard in right_guards if guard not in left_guards]
        if node.op in {"/", "%"}:
            if not isinstance(node.right, Literal):
                name = self._temporary()
                guards = [*guards, f"({name} := {right}) != 0"]
                right = name
            return guards, f"{'divide' if node.op == '/' else 'remainder'}({left}, {right})"
        if node.op == "*" and node.left.type is node.right.type is ValueType.DECIMAL:
            return guards, f"multiply({left}, {right})"
        if node.op in {"+", "-"}:
            left = left[1:-1] if isinstance(node.left, Arithmetic) and node.left.op in {"+", "-"} else left
        return guards, f"({left} {node.op} {right})"

    def _call(self, node: Call, known: Known) -> tuple[list[str], str]:
        guards: list[str] = []
        codes = []
        for item in node.items:
            more, code = self._strict(item, known)
            guards += [guard for guard in more if guard not in guards]
            codes.append(code)
        code = self._call_code(node, codes)
        if node.function in FUNCTIONS and not FUNCTIONS[node.function].total:
            name = self._temporary()
            return [*guards, f"({name} := {code}) is not None"], name
        return guards, code

    def _call_code(self, node: Call, codes: Sequence[str]) -> str:
        """The call itself over values that are there."""
        if node.function == "concat":
            return f"({' + '.join(codes)})"
        if node.function == "abs":
            return f"abs({codes[0]})"
        if node.function not in FUNCTIONS:
            return f"{node.function}({codes[0]}, {node.constants[0]})"
        if node.function == "regexp_matches":
            return f"{self._constant(matcher(str(node.constants[0])))}({codes[0]})"
        constants = dict(zip("ab", map(repr, node.constants), strict=False))
        return FUNCTIONS[node.function].python.format(*codes, **constants)

    def _case(self, node: Case) -> str:
        code = self.value(node.otherwise)
        for condition, value in zip(reversed(node.conditions), reversed(node.values), strict=True):
            code = f"{self.value(value)} if {self.is_true(condition)} else {code}"
        return f"({code})"

    def _choice(self, node: Choice) -> str:
        codes = [self.value(item) for item in node.items]
        if node.function in {"least", "greatest"}:
            if any(item.nullable for item in node.items):
                return f"{node.function}({', '.join(codes)})"
            return f"{'min' if node.function == 'least' else 'max'}({', '.join(codes)})"
        if node.function == "nullif":
            first, second = self._temporary(), self._temporary()
            return (
                f"(None if ({first} := {codes[0]}) == ({second} := {codes[1]}) and {second} is not None else {first})"
            )
        if len(codes) > INLINE:
            return f"first_of({', '.join(codes)})"
        code = codes[-1]
        for item, each in zip(reversed(node.items[:-1]), reversed(codes[:-1]), strict=True):
            if not item.nullable:
                code = each
            elif each != "None":
                name = each if each.isidentifier() else self._temporary()
                test = each if each == name else f"({name} := {each})"
                code = f"({name} if {test} is not None else {code})"
        return code

    def _list(self, node: Call) -> str:
        return self._constant(self.lists[str(node.constants[0])].has)

    def _constant(self, value: object) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"
