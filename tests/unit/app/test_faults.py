"""Whatever a stage says of a mistake is said in Chinese too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golden.language.test_author_errors import AGGREGATES, CONDITIONS, SCOPE
from tests.golden.packs.test_pack_errors import HERE as BROKEN
from tocsin.app.bootstrap import load_packs
from tocsin.app.faults import FaultWords
from tocsin.language.aggregate import read_aggregate
from tocsin.language.condition import read_condition
from tocsin.language.errors import ConditionError
from tocsin.model.errors import PackError
from tocsin.model.problem import Problem

SOURCE = Path(__file__).resolve().parents[3] / "src/tocsin"
STAGES = (
    "language",
    "ingest",
    "rules",
    "features",
    "decide",
    "app/cli/deciding/decide_file.py",
    "app/cli/content/packs.py",
)
SAYS = ("wrong", "fail", "Error", "Fault", "Wrong", "Mismatch", "Problem", "Type", "Field", "Time", "Range", "Event")
WORDS = FaultWords("zh")
WORD = re.compile(r"[a-wyz]")
"""A text of more than values."""


def texts(node: ast.expr) -> list[str]:
    """The texts that an argument may be, with `x9` in place of each value."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            found = [""]
            for part in parts:
                inner = part.value if isinstance(part, ast.FormattedValue) else part
                options = texts(inner) if isinstance(inner, ast.IfExp | ast.Constant) else ["x9"]
                found = [before + option for before in found for option in (options or ["x9"])]
            return found
        case ast.IfExp(body=body, orelse=orelse):
            return texts(body) + texts(orelse)
    return []


def sayings() -> Iterator[tuple[str, str]]:
    for stage in STAGES:
        place = SOURCE / stage
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                named = [each.value for each in node.keywords if each.arg in {"message", "hint"}]
                for argument in (*node.args, *named) if name.endswith(SAYS) and name != "AssertionError" else ():
                    yield from ((f"{file.name}:{node.lineno}", text) for text in texts(argument) if " " in text)


def test_every_text_of_the_stages_is_known() -> None:
    found = list(sayings())
    assert len(found) > 150
    assert [(place, text) for place, text in found if WORDS.tell(text) == text and WORD.search(text)] == []


def problems() -> Iterator[Problem]:
    for written, read in ((CONDITIONS, read_condition), (AGGREGATES, read_aggregate)):
        for text in written:
            try:
                read(text, SCOPE)
            except ConditionError as error:
                yield from error.problems
    with pytest.raises(PackError) as caught:
        load_packs([BROKEN / "broken"])
    yield from caught.value.problems


def test_every_mistake_of_the_golden_texts_is_told() -> None:
    for problem in problems():
        for text in filter(None, (problem.message, problem.hint)):
            told = WORDS.tell(text)
            assert any("\u4e00" <= sign <= "\u9fff" for sign in told), text


def test_values_stay_and_places_stay() -> None:
    error = PackError(
        [Problem(message="unknown name `amout`", code="x", file="a.yaml", line=3, hint="did you mean `amount`?")]
    )
    assert WORDS.show(error) == "a.yaml:3: 未知的名称 `amout`\n    提示: 是否指 `amount`？"
    assert WORDS.tell("unknown name `fired`") == "未知的名称 `fired`"
    assert WORDS.tell("nowhere.jsonl: No such file or directory") == "nowhere.jsonl: 没有该文件或文件夹"
    assert WORDS.tell("in.json: damaged: the JSON array has no end") == "in.json: 已损坏：JSON 数组没有结尾"
    assert WORDS.tell("lower takes a text here, this is a whole number") == "lower 在此处需要文本，这里是整数"


def test_what_nobody_knows_stays_as_it_is() -> None:
    assert WORDS.tell("something: else: entirely: " * 50) == "something: else: entirely: " * 50
    assert FaultWords("en").tell("the expression is empty") == "the expression is empty"
