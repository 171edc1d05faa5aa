"""Random expressions over random rows, nulls and extremes included: Python equals DuckDB."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.language.condition import Condition, read_expression
from tocsin.language.errors import ConditionError
from tocsin.language.scope import Name, Origin, Scope
from tocsin.language.writers.duckdb import register_functions
from tocsin.language.writers.python import PythonWriter
from tocsin.language.writers.sql import write_sql
from tocsin.model.value import ValueType as V

TYPES = {
    "at": V.TIMESTAMP, "made": V.TIMESTAMP, "amount": V.DECIMAL, "price": V.DECIMAL, "n": V.INT, "m": V.INT,
    "text": V.STRING, "word": V.STRING, "ok": V.BOOL, "new": V.BOOL, "span": V.DURATION, "urls": V.STRINGS,
}  # fmt: skip
SCOPE = Scope(
    names={
        name: Name(name=name, type=kind, nullable=name != "at", origin=Origin.ATTRIBUTE) for name, kind in TYPES.items()
    },
    lists=frozenset({"some-list"}),
    event_types=frozenset({"pay"}),
)
LISTED = {"abc": datetime(2026, 1, 1, tzinfo=UTC), "中文": None}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOW, HIGH = 946_684_800_000_000, 4_102_444_800_000_000 - 1


class ListedValues:
    def has(self, value: str, at: int) -> bool | None:
        if value not in LISTED:
            return False
        ends = LISTED[value]
        return ends is None or EPOCH + timedelta(microseconds=at) < ends


texts = st.one_of(
    st.sampled_from(
        ["", "abc", "ABC", "中文", "a%b_c", "\0", "İß", "ﬁ", "10.1.2.3", "::1", "ip:10.0.0.1", " x ", "e\u0301"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
units = st.one_of(
    st.sampled_from([0, 1, -1, 10**18 - 1, -(10**18) + 1, 10_000, 5_000, -5_000]),
    st.integers(-(10**18) + 1, 10**18 - 1),
)
times = st.one_of(st.sampled_from([LOW, HIGH, LOW + 3_599_999_999]), st.integers(LOW, HIGH))
VALUES: dict[V, st.SearchStrategy[Any]] = {
    V.DECIMAL: units, V.INT: units, V.DURATION: units.map(lambda n: n // 1000), V.TIMESTAMP: times, V.STRING: texts,
    V.BOOL: st.booleans(), V.STRINGS: st.lists(texts, max_size=3).map(tuple),
}  # fmt: skip
rows = st.fixed_dictionaries(
    {name: VALUES[kind] if name == "at" else st.one_of(st.none(), VALUES[kind]) for name, kind in TYPES.items()}
)


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def names(kind: V) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, each in TYPES.items() if each is kind])


def pairs(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: template.format(*found))


@st.composite
def numbers(draw: st.DrawFn, kind: V, depth: int) -> str:
    literal = draw(st.integers(0, 100_000))
    plain = st.one_of(names(kind), st.just(str(literal) if kind is V.INT else f"{literal // 100}.{literal % 100:02d}"))
    if depth == 0:
        return draw(plain)
    same, text = numbers(kind, depth - 1), strings(depth - 1)
    options = [
        plain,
        pairs("({} + {})", same, same),
        pairs("({} - {})", same, same),
        pairs("({} * {})", same, numbers(V.INT, depth - 1)),
        pairs("abs({})", same),
        pairs("-{}", names(kind)),
        pairs("coalesce({}, {})", same, same),
        pairs("nullif({}, {})", same, same),
        pairs("least({}, {})", same, same),
        pairs("greatest({}, {})", same, same),
        pairs("case when {} then {} else {} end", conditions(depth - 1), same, same),
        pairs("case when {} then {} end", conditions(depth - 1), same),
    ]
    if kind is V.INT:
        clock = st.one_of(names(V.TIMESTAMP), pairs("({} - {})", names(V.TIMESTAMP), names(V.DURATION)))
        options += [
            pairs("({} % {})", same, same), pairs("length({})", text), pairs("len({})", names(V.STRINGS)),
            pairs("hour({}, '+08:00')", clock), pairs("day_of_week({})", clock), pairs("floor({})", numbers(V.DECIMAL, depth - 1)),
            pairs("ceil({})", numbers(V.DECIMAL, depth - 1)), pairs("round({})", numbers(V.DECIMAL, depth - 1)),
            pairs("date_diff('{}', {}, {})", st.sampled_from(["second", "minute", "hour", "day"]), clock, clock),
        ]  # fmt: skip
    else:
        options += [
            pairs("({} / {})", same, same), pairs("({} / {})", numbers(V.INT, depth - 1), numbers(V.INT, depth - 1)),
            pairs("({} * {})", same, same), pairs("round({}, {})", same, st.sampled_from("01234")),
            pairs("similarity({}, {})", text, text), pairs("distance_km({}, {}, 31.2304, 121.4737)", same, same),
        ]  # fmt: skip
    return draw(st.one_of(options))


@st.composite
def strings(draw: st.DrawFn, depth: int) -> str:
    plain = st.one_of(names(V.STRING), texts.map(quote))
    if depth == 0:
        return draw(plain)
    same = strings(depth - 1)
    return draw(
        st.one_of(
            plain,
            pairs("lower({})", same),
            pairs("upper({})", same),
            pairs("trim({})", same),
            pairs("substr({}, {}, {})", same, st.sampled_from("123"), st.sampled_from("0129")),
            pairs("substr({}, 2)", same),
            pairs("concat({}, {})", same, same),
            pairs("coalesce({}, {})", same, same),
            pairs("greatest({}, {})", same, same),
        )
    )


@st.composite
def conditions(draw: st.DrawFn, depth: int) -> str:
    operator = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    if depth == 0:
        return draw(
            st.one_of(
                names(V.BOOL), pairs("{} is null", st.sampled_from(list(TYPES))), st.sampled_from(["true", "false"])
            )
        )
    number, text, same = (
        st.one_of(numbers(V.INT, depth - 1), numbers(V.DECIMAL, depth - 1)),
        strings(depth - 1),
        conditions(depth - 1),
    )
    pattern = st.sampled_from(["a.c", "(a|中)+", "^$", "[^a]b?", "x*", "(?i)AB", ".", "10\\.[0-9]+", "abc", "a.*c"])
    likes = st.sampled_from(["%", "a%", "%c", "%b%", "_", "%中_", "a\\%b", "", "%a%b%"])
    return draw(
        st.one_of(
            pairs("({} {} {})", number, operator, number),
            pairs("({} {} {})", text, operator, text),
            pairs("({} {} {})", names(V.TIMESTAMP), operator, st.just("'2026-01-01T00:00:00+08:00'")),
            pairs("({} - {} {} '24h')", names(V.TIMESTAMP), names(V.TIMESTAMP), operator),
            pairs("({} {} interval '90' minute)", names(V.DURATION), operator),
            pairs("({} and {})", same, same),
            pairs("({} or {})", same, same),
            pairs("(not {})", same),
            pairs("({} = {})", same, same),
            pairs("({} is not true)", same),
            pairs("({} is false)", same),
            pairs("({} between {} and {})", number, number, number),
            pairs("({} in ({}, {}))", text, texts.map(quote), texts.map(quote)),
            pairs("({} not in ({}, {}))", number, number, number),
            pairs("({} is null)", st.one_of(number, text)),
            pairs("({} like {})", text, likes.map(quote)),
            pairs("regexp_matches({}, {})", text, pattern.map(quote)),
            pairs("contains({}, {})", text, text),
            pairs("starts_with({}, {})", text, text),
            pairs("ends_with({}, {})", text, text),
            pairs("list_contains(urls, {})", text),
            pairs("in_list({}, 'some-list')", names(V.STRING)),
            pairs("any_in_list(urls, 'some-list')"),
            pairs("ip_in({}, '10.0.0.0/8')", text),
            pairs("coalesce({}, {})", same, same),
        )
    )


def table_of(found: list[dict[str, Any]]) -> pa.Table:
    def stamp(value: int | None) -> datetime | None:
        return None if value is None else (EPOCH + timedelta(microseconds=value)).replace(tzinfo=None)

    arrays = {}
    for name, kind in TYPES.items():
        values = [row[name] for row in found]
        if kind is V.DECIMAL:
            arrays[name] = pa.array(
                [None if v is None else Decimal(v).scaleb(-4) for v in values], pa.decimal128(18, 4)
            )
        elif kind is V.TIMESTAMP:
            arrays[name] = pa.array([stamp(v) for v in values], pa.timestamp("us"))
        elif kind in {V.INT, V.DURATION}:
            arrays[name] = pa.array(values, pa.int64())
        else:
            arrows = {V.BOOL: pa.bool_(), V.STRING: pa.string(), V.STRINGS: pa.list_(pa.string())}
            arrays[name] = pa.array(values, arrows[kind])
    return pa.table(arrays)


def in_python(condition: Condition, found: list[dict[str, Any]]) -> list[tuple[Any, Any, Any]]:
    writer = PythonWriter({name: f"row[{name!r}]" for name in TYPES}, {"type": "pay"}, {"some-list": ListedValues()})
    value = writer.value(condition.root)
    true = writer.is_true(condition.root) if condition.root.type is V.BOOL else "None"
    false = writer.is_false(condition.root) if condition.root.type is V.BOOL else "None"
    code = compile(f"lambda row: ({value}, {true}, {false})", "<test>", "eval")
    run = eval(code, writer.constants)
    return [run(row) for row in found]


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    register_functions(connection)
    connection.execute("CREATE TABLE tocsin_list_some_list (value VARCHAR, expires_at TIMESTAMP)")
    for value, ends in LISTED.items():
        connection.execute(
            "INSERT INTO tocsin_list_some_list VALUES (?, ?)", [value, ends and ends.replace(tzinfo=None)]
        )
    return connection


CONNECTION = connect()


def check(text: str, found: list[dict[str, Any]]) -> None:
    try:
        condition = read_expression(text, SCOPE)
    except ConditionError as error:
        codes = {problem.code for problem in error.problems}
        refused = codes - {"may-overflow", "too-intricate", "too-deep", "division-by-zero"}
        if refused:
            raise AssertionError(f"{text}\n{error}") from error
        return
    CONNECTION.register("rows", table_of(found))
    sql = write_sql(condition.root, "duckdb", {"type": "pay"})
    expected = [value for (value,) in CONNECTION.execute(f'SELECT {sql} FROM "rows" AS r').fetchall()]
    for row, answer, (value, true, false) in zip(found, expected, in_python(condition, found), strict=True):
        assert value == answer, f"{text}\n{row}\nPython {value!r}, DuckDB {answer!r}\n{sql}"
        if condition.root.type is V.BOOL:
            assert (bool(true), bool(false)) == (answer is True, answer is False), f"{text}\n{row}\n{answer!r}"
    sqlglot.parse_one(write_sql(condition.root, "spark", {"type": "pay"}), dialect="spark")


relaxed = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False)


@relaxed
@given(conditions(3), st.lists(rows, min_size=4, max_size=12))
def test_conditions_mean_the_same_in_python_and_in_duckdb(text: str, found: list[dict[str, Any]]) -> None:
    check(text, found)


@relaxed
@given(st.one_of(numbers(V.INT, 2), numbers(V.DECIMAL, 2), strings(3)), st.lists(rows, min_size=4, max_size=12))
def test_values_are_the_same_in_python_and_in_duckdb(text: str, found: list[dict[str, Any]]) -> None:
    check(text, found)
