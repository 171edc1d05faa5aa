"""Hostile conditions, patterns and files: a clear error, in bounded time."""

import time
from pathlib import Path

import pytest

from tests.golden.language.test_author_errors import SCOPE
from tocsin.language.condition import read_condition, read_expression
from tocsin.language.document import DocumentError, read_document
from tocsin.language.errors import ConditionError
from tocsin.language.writers.python import PythonWriter
from tocsin.language.writers.runtime import like_matcher, matcher
from tocsin.language.writers.sql import write_sql


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" or ".join(["age = 1"] * 10_000), "at most"),
        (" or ".join(["age=1"] * 1_500), "words and signs"),
        ("(" * 1_000 + "ok" + ")" * 1_000, "nested deeper"),
        ("not " * 1_000 + "ok", "nested deeper"),
        ("case when ok then " * 500 + "1" + " end" * 500 + " = 1", "nested deeper"),
        ("coalesce(" * 200 + "age" + ", 1)" * 200 + " = 1", "nested deeper"),
        (" = ".join(["ok"] * 500), "too many operations"),
        ("-" * 900 + "age = 1", "nested deeper"),
        ("age" + " * 1" * 900 + " = 1", "too many operations"),
        ("amount" + " / 2" * 40 + " = 1", "too"),
        ("age" + " - 1" * 1_000 + " = 1", "too many operations"),
        (" = ".join(["ok"] * 50), "too many"),
        ("coalesce(ok and " * 20 + "ok" + ", ok)" * 20, "too many"),
        ("text = '\ud800'", "half a character"),
        ("'" + "x" * 20_000 + "' = text", "at most"),
    ],
)
def test_a_hostile_condition_is_refused_quickly(text: str, words: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ConditionError, match=words) as caught:
        read_condition(text, SCOPE)
    assert time.perf_counter() - began < 2
    assert len(str(caught.value)) < 2_000


def test_a_thousand_alternatives_and_a_long_sum_are_no_attack() -> None:
    text = " or ".join(f"age = {number}" for number in range(900)) + " or age " + "+ 1 " * 150 + "> 3"
    condition = read_condition(text, SCOPE)
    writer = PythonWriter({"age": "age"}, {}, {})
    code = compile(writer.is_true(condition.root), "<test>", "eval")
    assert eval(code, {**writer.constants, "age": 899}) is True
    assert eval(code, {**writer.constants, "age": None}) is False
    assert len(write_sql(condition.root, "duckdb")) < 200_000


CONDITIONS = [
    "({} = ok)", "(ok <> {})", "coalesce(ok and {}, ok)", "coalesce({}, ok, ok, ok, ok, ok)", "case when {} then ok end", "(not {})",
    "case when ok then ok else {} end", "({} is true)", "(({}) is null)", "nullif({}, ok)", "(ok in ({}, ok))", "({} and ok or ok)",
]  # fmt: skip
NUMBERS = [
    "coalesce(age, age, {})", "coalesce(age, age, age, age, age, age, {})", "greatest({}, age, 1)", "(age - {} % 7)", "nullif({}, 1)",
    "case when {} = 1 then age else 2 end", "(1 + {} - age)", "least(-{}, 1)", "abs({})", "date_diff('day', at, at - '1h' * {})",
]  # fmt: skip


@pytest.mark.parametrize("wrappers", [CONDITIONS, NUMBERS], ids=["conditions", "numbers"])
def test_what_is_read_can_be_written_however_it_is_nested(wrappers: list[str]) -> None:
    """Each pair of constructions, in one another as deep as is allowed, is refused or becomes code of bounded size."""
    read = 0
    for outer in wrappers:
        for inner in wrappers:
            for depth in (3, 8, 24):
                text = "ok" if wrappers is CONDITIONS else "age"
                for level in range(depth):
                    text = (outer if level % 2 else inner).format(text)
                try:
                    condition = read_expression(text, SCOPE)
                except ConditionError:
                    continue
                read += 1
                writer = PythonWriter({name: f"row[{name!r}]" for name in SCOPE.names}, {}, {})
                code = writer.value(condition.root)
                assert len(code) < 2_000_000, text
                compile(code, "<test>", "eval")
                assert write_sql(condition.root, "duckdb")
                assert write_sql(condition.root, "spark")
    assert read > len(wrappers) ** 2


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)*x", "(verify|code|account).*http"])
def test_patterns_made_to_backtrack_run_in_linear_time(pattern: str) -> None:
    attack = "code" * 7_000 if "code" in pattern else "a" * 30_000
    search = matcher(pattern)
    began = time.perf_counter()
    search(attack + "!")
    assert time.perf_counter() - began < 0.5


def test_a_like_pattern_of_many_wildcards_runs_in_linear_time() -> None:
    match = like_matcher("%a" * 100 + "%b_")
    began = time.perf_counter()
    assert match("a" * 30_000) is False
    assert time.perf_counter() - began < 0.5


def test_a_pattern_that_would_need_too_much_memory_is_refused() -> None:
    with pytest.raises(ConditionError, match="not a pattern"):
        read_condition("regexp_matches(text, '((a{1,1000}){1,1000}){1,1000}')", SCOPE)


BOMB = "a: &a [x, x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(20)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "anchors and aliases"),
        ("[" * 100_000, "nested deeper"),
        ("- " * 50_000 + "x", "nested deeper"),
        ("{a: " * 5_000, "nested deeper"),
        ("a: b\n" * 300_000, "more than 1 MiB"),
        ("[" + "1," * 200_000 + "]", "more than"),
        ("!!python/object/apply:os.system ['true']", "tags such as"),
        ("a: 'open", "not YAML"),
        ("a: 1\na: 2", "stands twice"),
        ("a: \x00", "not YAML"),
        ("a: \ud800", "half a character"),
    ],
)
def test_a_hostile_pack_file_is_refused_quickly(text: str, words: str) -> None:
    began = time.perf_counter()
    with pytest.raises(DocumentError, match=words):
        read_document(text, "bomb.yaml")
    assert time.perf_counter() - began < 2


def test_the_words_on_and_no_are_texts(tmp_path: Path) -> None:
    from tocsin.language.document import plain

    assert plain(read_document("on: no\nx: yes", str(tmp_path))) == {"on": "no", "x": "yes"}
