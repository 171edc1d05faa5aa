"""Every function and every operator, each by itself over the same thousand odd rows: Python equals DuckDB."""

import random
from typing import Any

import pyarrow as pa
import pytest

from tests.properties.test_language_engines import CONNECTION, HIGH, LOW, TYPES, check
from tocsin.language.function import KNOWN
from tocsin.language.writers import runtime
from tocsin.model.value import ValueType as V

TEXTS = [
    "", " ", "a", "abc", "ABC", "aBc", "abcabc", "a%b_c", "a\\b", "a_c", "中文", "中文字", "\0", "\n", "a\nc", "\t x ", " x ", "İß", "ﬁ",
    "e\u0301", "Σσς", "ᾳᾼ", "Ω", "😀", "a😀c", "10.1.2.3", "11.1.2.3", "::1", "ip:10.0.0.1", "x" * 300,
]  # fmt: skip
UNITS = [
    0, 1, -1, 3, -3, 7, 4_999, 5_000, 5_001, -4_999, -5_000, -5_001, 9_999, 10_000, 15_000, -15_000, 12_345, 312_304, 1_214_737,
    899_999, 900_000, 900_001, -1_800_000, 1_800_001, 10**9, -(10**9), 10**18 - 1, -(10**18) + 1, 10**18 - 5_000,
]  # fmt: skip
DAY = 86_400_000_000
TIMES = [
    LOW, HIGH, LOW + 1, LOW + 3_599_999_999, LOW + DAY - 1, LOW + DAY, LOW + 8 * DAY, 1_767_225_600_000_000, 1_767_225_599_999_999,
    1_767_196_800_000_000, 1_767_196_799_999_999, 1_768_478_400_123_456,
]  # fmt: skip
POOLS: dict[V, list[Any]] = {
    V.STRING: TEXTS, V.DECIMAL: UNITS, V.INT: [*range(-8, 9), *UNITS], V.TIMESTAMP: TIMES, V.BOOL: [True, False],
    V.DURATION: [0, 1, -1, 999_999, 1_000_000, 5_400_000_000, 5_400_000_001, DAY, -DAY, 10**15 - 1],
    V.STRINGS: [(), ("",), ("abc",), ("abc", "中文"), ("中文", "x"), ("x", "y", "abc")],
}  # fmt: skip


def make_rows(count: int) -> list[dict[str, Any]]:
    draw = random.Random(41)
    return [
        {
            name: None if name != "at" and draw.random() < 0.15 else draw.choice(POOLS[kind])
            for name, kind in TYPES.items()
        }
        for _ in range(count)
    ]


ROWS = make_rows(1_000)
ARITHMETIC = [
    "n + m", "n - m", "n * m", "-n", "-amount", "amount + n", "n - amount", "amount * price", "n * amount", "amount * 1.5", "amount / price",
    "n / m", "amount / 3", "n / 7", "amount / -0.0007", "n % m", "n % 7", "n % -3", "abs(n)", "abs(amount)", "round(amount)", "round(amount, 0)",
    "round(amount, 1)", "round(amount, 2)", "round(amount, 3)", "round(amount, 4)", "round(n, 2)", "floor(amount)", "ceil(amount)", "floor(-amount)",
    "ceil(-amount)", "least(n, m)", "least(n, m, 5)", "greatest(amount, price, 0)", "greatest(n, amount)", "least(text, word)", "greatest(at, made)",
    "coalesce(n, m)", "coalesce(amount, n, 0)", "coalesce(n, n, m, n, m, 7)", "coalesce(text, word, 'none')", "nullif(n, m)", "nullif(amount, 0)",
    "nullif(text, word)", "nullif(n, null)", "case when ok then n when new then m end", "case when ok then amount else n end",
    "case n when m then 1 when 0 then 2 else 3 end", "case text when 'abc' then word when word then '=' else text end",
]  # fmt: skip
TEXTUAL = [
    "lower(text)", "upper(text)", "trim(text)", "length(text)", "substr(text, 1)", "substr(text, 2)", "substr(text, 2, 2)", "substr(text, 1, 0)",
    "substr(text, 300, 9)", "concat(text, word)", "concat(text, '-', word, 'x')", "contains(text, word)", "contains(text, '')", "starts_with(text, word)",
    "ends_with(text, word)", "text like 'a%'", "text like '%c'", "text like '%b%'", "text like 'a_c'", "text like '_'", "text like '%'", "text like ''",
    "text like 'a%c'", "text like '%a%c%'", "text like 'a\\b'", "text not like 'a%'", "text like '中_'", "regexp_matches(text, 'a.c')",
    "regexp_matches(text, '^$')", "regexp_matches(text, 'b?c')", "regexp_matches(text, '(?i)AB')", "regexp_matches(text, '[^a-z]+')",
    "regexp_matches(text, 'ab*c')", "regexp_matches(text, '(a|中)(b|文)')", "text in ('abc', '', '中文')", "text not in ('abc', 'x')", "text in (word, 'a')",
    "list_contains(urls, text)", "list_contains(urls, 'abc')", "len(urls)", "in_list(text, 'some-list')", "not in_list(text, 'some-list')",
    "any_in_list(urls, 'some-list')", "not any_in_list(urls, 'some-list')", "ip_in(text, '10.0.0.0/8')", "not ip_in(text, '::/64')",
    "similarity(text, word)", "similarity(text, 'abc')", "distance_km(amount, price, 31.2304, 121.4737)", "distance_km(31.2, 121.5, amount, price)",
]  # fmt: skip
TIMED = [
    "hour(at)", "hour(made, '+08:00')", "hour(made, '-03:30')", "day_of_week(at)", "day_of_week(made, '+08:00')", "at - made", "at + span", "made - span",
    "span + span", "span * n", "span * -2", "-span", "made + '1h' > at", "span between '1h' and '90m'", "span < interval '90' minute",
    "made >= '2026-01-01T00:00:00+08:00'", "at in ('2026-01-01T00:00:00Z', made)", "type = 'pay'", "type <> 'pay'",
    *(f"date_diff('{unit}', at, made)" for unit in ("second", "minute", "hour", "day")),
    *(f"date_diff('{unit}', made - span, at)" for unit in ("hour", "day")),
]  # fmt: skip
LOGIC = [
    "ok", "not ok", "ok and new", "ok or new", "not (ok and new)", "not (ok or new)", "ok = new", "ok <> new", "not (ok = new)", "ok is true", "ok is false",
    "ok is not true", "ok is not false", "ok is null", "ok is not null", "(ok and new) is null", "(ok or new) = (n > m)", "coalesce(ok, new)",
    "coalesce(ok and new, n > m, false)", "nullif(ok, new)", "case when n > 0 then ok else new end", "not case when n > 0 then ok end", "ok in (new, true)",
    "n in (1, 2, m)", "n not in (1, 2, 3)", "n in (1, 2, 3, 4, 5, 6, 7, 8)", "amount in (0.5, 1)", "n between m and 7", "n not between m and 7",
    "amount between 0 and price", "true", "not false", "n is null or n > 3", "n is null and n > 3", "n is null and m > 3 or n = m", "n is not null and n > m", "not (n is null) and m = n",
    *(f"{left} {sign} {right}" for sign in ("=", "<>", "<", "<=", ">", ">=") for left, right in (("n", "m"), ("amount", "price"), ("n", "amount"),
      ("text", "word"), ("at", "made"), ("span", "'90m'"), ("amount", "0.5"), ("n", "3"), ("text", "'abc'"))),
    *(f"not ({left} {sign} {right})" for sign in ("=", "<", "<=") for left, right in (("n", "m"), ("amount", "price"), ("text", "word"))),
]  # fmt: skip
EVERY = [*ARITHMETIC, *TEXTUAL, *TIMED, *LOGIC]


@pytest.mark.parametrize("text", EVERY)
def test_it_means_the_same_in_python_and_in_duckdb(text: str) -> None:
    check(text, ROWS)


def test_no_function_is_left_out() -> None:
    called = {name for name in KNOWN if any(f"{name}(" in text for text in EVERY)}
    assert called == KNOWN


@pytest.mark.parametrize("function", ["lower", "upper"])
def test_every_character_has_the_same_case_in_both(function: str) -> None:
    signs = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    CONNECTION.register("signs", pa.table({"sign": signs}))
    found = [one for (one,) in CONNECTION.execute(f"SELECT {function}(sign) FROM signs").fetchall()]
    ours = getattr(runtime, function)
    assert [(sign, one) for sign, one in zip(signs, found, strict=True) if ours(sign) != one] == []
