"""Conditions as SQL for DuckDB and Spark.

Receives checked nodes. Gives SQL over a table whose columns are named as in the scope: decimals are DECIMAL(18, 4),
timestamps TIMESTAMP in UTC, durations BIGINT microseconds, lists of texts VARCHAR[]. Conditions come out as SQL
booleans, other values as rows hold them: decimals and times as whole numbers, so that nothing is rounded twice and
nothing can overflow. Spark (3.3 or later) needs the functions of duckdb.py registered under the same names.
"""

from typing import Literal as Either

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
from tocsin.model.fixed import SCALE
from tocsin.model.value import Value, ValueType

Dialect = Either["duckdb", "spark"]
NUMERIC = frozenset({ValueType.INT, ValueType.DECIMAL, ValueType.TIMESTAMP, ValueType.DURATION})


def write_sql(node: Node, dialect: Dialect, known: dict[str, str] | None = None) -> str:
    """The SQL of a checked node. `known` are names with a fixed text, such as {"type": "payment.transfer"}."""
    return SqlWriter(dialect, known or {}).write(node)


def list_table(name: str) -> str:
    """The table in which SQL finds a list: columns value and expires_at (null: never)."""
    return "tocsin_list_" + name.replace("-", "_")


class SqlWriter:
    """Writes one dialect."""

    def __init__(self, dialect: Dialect, known: dict[str, str]) -> None:
        self.dialect = dialect
        self.known = known
        self.wide = "HUGEINT" if dialect == "duckdb" else "DECIMAL(38, 0)"

    def write(self, node: Node) -> str:
        """A condition as a boolean, a value as rows hold it."""
        match node:
            case Literal():
                return self.literal(node.value, node.type)
            case Reference():
                return self._reference(node)
            case All():
                return "(" + " AND ".join(self.write(item) for item in node.items) + ")"
            case Some():
                return "(" + " OR ".join(self.write(item) for item in node.items) + ")"
            case Not():
                return f"(NOT {self.write(node.item)})"
            case Compare():
                return self._compare(node)
            case IsNull():
                return f"({self.write(node.item)} IS NULL)"
            case Member():
                values = ", ".join(self.literal(value, node.item.type) for value in node.values)
                return f"({self.write(node.item)} IN ({values}))"
            case Like():
                return self._like(node)
        return self._value(node)

    def _value(self, node: Node) -> str:
        match node:
            case Widen():
                return f"({self.write(node.item)} * {SCALE})"
            case Arithmetic():
                return self._arithmetic(node)
            case Case():
                whens = zip(node.conditions, node.values, strict=True)
                body = " ".join(f"WHEN {self.write(when)} THEN {self.write(value)}" for when, value in whens)
                return f"(CASE {body} ELSE {self.write(node.otherwise)} END)"
            case Choice():
                return f"{node.function}({', '.join(self.write(item) for item in node.items)})"
            case Call(function="in_list" | "any_in_list"):
                return self._in_list(node)
            case Call():
                return self._call(node)
        raise AssertionError(node)

    def literal(self, value: Value, kind: ValueType) -> str:
        """A constant."""
        if value is None:
            return f"CAST(NULL AS {self._sql_type(kind)})"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, int):
            return f"CAST({value} AS {self.wide})"
        return self.text(str(value))

    def text(self, value: str) -> str:
        """A text in quotes; Spark reads backslashes as escapes, DuckDB takes no NUL within quotes."""
        if self.dialect == "spark":
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "('" + value.replace("'", "''").replace("\0", "' || chr(0) || '") + "')"

    def _sql_type(self, kind: ValueType) -> str:
        if kind in NUMERIC:
            return self.wide
        texts = {"duckdb": "VARCHAR", "spark": "STRING"}[self.dialect]
        return {ValueType.BOOL: "BOOLEAN", ValueType.STRING: texts}.get(
            kind, f"{texts}[]" if self.dialect == "duckdb" else "ARRAY<STRING>"
        )

    def _reference(self, node: Reference) -> str:
        if node.name in self.known:
            return self.text(self.known[node.name])
        quoted = self._column(node.name)
        if node.type is ValueType.DECIMAL:
            return f"CAST(CAST({quoted} AS DECIMAL(38, 4)) * {SCALE} AS {self.wide})"
        if node.type is ValueType.TIMESTAMP:
            micros = "epoch_us" if self.dialect == "duckdb" else "unix_micros"
            return f"CAST({micros}({quoted}) AS {self.wide})"
        return f"CAST({quoted} AS {self.wide})" if node.type in NUMERIC else quoted

    def _column(self, name: str) -> str:
        return f'"{name}"' if self.dialect == "duckdb" else f"`{name}`"

    def _compare(self, node: Compare) -> str:
        """Two plain sides are compared as they stand, so that the engine can use what it knows of the column."""
        sides = (node.left, node.right)
        if node.left.type is ValueType.DECIMAL and all(isinstance(side, Reference | Literal) for side in sides):
            left, right = (self._decimal(side) for side in sides)
        else:
            left, right = (self.write(side) for side in sides)
        return f"({left} {node.op} {right})"

    def _decimal(self, node: Node) -> str:
        if isinstance(node, Literal) and isinstance(node.value, int):
            whole, rest = divmod(abs(node.value), SCALE)
            return f"{'-' if node.value < 0 else ''}{whole}.{rest:04d}"
        return self._column(node.name) if isinstance(node, Reference) else self.write(node)

    def _like(self, node: Like) -> str:
        if self.dialect == "spark":
            return f"tocsin_like({self.write(node.item)}, {self.text(node.pattern)})"
        return f"({self.write(node.item)} LIKE {self.text(node.pattern)})"

    def _arithmetic(self, node: Arithmetic) -> str:
        left, right = self.write(node.left), self.write(node.right)
        if node.op == "/":
            above = f"(2 * {left} * {SCALE} + {self._sign(left)} * abs({right}))"
            return f"(CASE WHEN {right} = 0 THEN NULL ELSE {self._truncate(above, f'(2 * {right})')} END)"
        if node.op == "%":
            return f"(CASE WHEN {right} = 0 THEN NULL ELSE {left} % {right} END)"
        if node.op == "*" and node.left.type is node.right.type is ValueType.DECIMAL:
            product = f"({left} * {right})"
            return self._truncate(f"(2 * {product} + {self._sign(product)} * {SCALE})", str(2 * SCALE))
        return f"({left} {node.op} {right})"

    def _sign(self, item: str) -> str:
        """-1, 0 or 1; Spark's sign is a float, which would make one of everything it meets."""
        return f"sign({item})" if self.dialect == "duckdb" else f"CAST(sign({item}) AS {self.wide})"

    def _truncate(self, above: str, below: str) -> str:
        """The whole part of a quotient, towards zero."""
        if self.dialect == "duckdb":
            return f"({above} // {below})"
        return f"CAST(({above} - {above} % {below}) / {below} AS {self.wide})"

    def _call(self, node: Call) -> str:
        items = [self.write(item) for item in node.items]
        if node.function == "concat":
            return f"({' || '.join(items)})"
        if node.function == "abs":
            return f"abs({items[0]})"
        if node.function.endswith("_units"):
            return self._rounded(node.function, items[0], int(str(node.constants[0])))
        function = FUNCTIONS[node.function]
        template = function.spark if self.dialect == "spark" and function.spark else function.duckdb
        constants = [self.text(c) if isinstance(c, str) else str(c) for c in node.constants]
        return template.format(*items, **dict(zip("ab", constants, strict=False)))

    def _rounded(self, function: str, item: str, step: int) -> str:
        if function == "round_units":
            rounded = self._truncate(f"(2 * {item} + {self._sign(item)} * {step})", str(2 * step))
        elif function == "floor_units":
            rounded = self._truncate(f"({item} - (({item} % {step} + {step}) % {step}))", str(step))
        else:
            rounded = self._truncate(f"({item} + (({step} - {item} % {step}) % {step}))", str(step))
        return f"CAST({rounded} AS {self.wide})"

    def _in_list(self, node: Call) -> str:
        item, table = self.write(node.items[0]), list_table(str(node.constants[0]))
        held = f"(l.expires_at IS NULL OR l.expires_at > {self._column('at')})"
        if node.function == "in_list":
            found = f"EXISTS (SELECT 1 FROM {table} l WHERE l.value = {item} AND {held})"  # noqa: S608 - checked names
        else:
            contains = "list_contains" if self.dialect == "duckdb" else "array_contains"
            found = f"EXISTS (SELECT 1 FROM {table} l WHERE {contains}({item}, l.value) AND {held})"  # noqa: S608 - as above
        return f"(CASE WHEN {item} IS NULL THEN NULL ELSE {found} END)"
