"""Expressions, typed and checked.

Receives nothing. Gives the nodes that the checker builds and the writers read. Every node knows its type, whether it
may be null, and `bound`: a number that the size of its whole-number representation never exceeds (0 where it is no
number).
"""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.model.value import Value, ValueType


class Node(Struct, frozen=True, kw_only=True):
    """Any expression. `weight` measures how long its SQL grows."""

    type: ValueType
    nullable: bool
    bound: int = 0
    weight: int = 1

    def parts(self) -> tuple["Node", ...]:
        """The expressions in this one."""
        return ()


class Literal(Node, frozen=True, kw_only=True):
    """A constant, as rows hold it; null has the type that its place asks for."""

    value: Value


class Reference(Node, frozen=True, kw_only=True):
    """A name."""

    name: str


class All(Node, frozen=True, kw_only=True):
    """`a and b and ...`"""

    items: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return self.items


class Some(Node, frozen=True, kw_only=True):
    """`a or b or ...`"""

    items: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return self.items


class Not(Node, frozen=True, kw_only=True):
    """`not a`"""

    item: Node

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (self.item,)


class Compare(Node, frozen=True, kw_only=True):
    """`a < b`; `op` is one of = <> < <= > >=. Both sides have the same type."""

    op: str
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (self.left, self.right)


class IsNull(Node, frozen=True, kw_only=True):
    """`a is null`; never null itself."""

    item: Node

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (self.item,)


class Member(Node, frozen=True, kw_only=True):
    """`a in (constants)`; none of them is null."""

    item: Node
    values: tuple[Value, ...]

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (self.item,)


class Like(Node, frozen=True, kw_only=True):
    """`a like 'pattern'`: % is any text, _ any one character."""

    item: Node
    pattern: str

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (self.item,)


class Widen(Node, frozen=True, kw_only=True):
    """A whole number as a decimal."""

    item: Node

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (self.item,)


class Arithmetic(Node, frozen=True, kw_only=True):
    """`a + b`; `op` is one of + - * / %. Both sides are scaled alike for + - / %; for * the type tells."""

    op: str
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (self.left, self.right)


class Case(Node, frozen=True, kw_only=True):
    """`case when a then b ... else c end`; `otherwise` is a null literal where there is no else."""

    conditions: tuple[Node, ...]
    values: tuple[Node, ...]
    otherwise: Node

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return (*self.conditions, *self.values, self.otherwise)


class Choice(Node, frozen=True, kw_only=True):
    """`coalesce`, `least`, `greatest` or `nullif` over values of one type."""

    function: str
    items: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return self.items


class Call(Node, frozen=True, kw_only=True):
    """A function that is null where an argument is. `constants` are arguments that had to be literals."""

    function: str
    items: tuple[Node, ...]
    constants: tuple[Value, ...] = ()

    def parts(self) -> tuple[Node, ...]:
        """The expressions in this one."""
        return self.items


def walk(root: Node) -> Iterator[Node]:
    """Every node of a tree, each before its parts, left to right."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.parts())


def height(root: Node) -> int:
    """How many nodes stand on the longest way down."""
    most = 0
    waiting = [(root, 1)]
    while waiting:
        node, level = waiting.pop()
        most = max(most, level)
        waiting += [(part, level + 1) for part in node.parts()]
    return most
