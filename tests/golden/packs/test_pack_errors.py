"""A pack with everything wrong: all of it is found at once, each with file, line and hint."""

from pathlib import Path

import pytest

from tests.golden.language.test_author_errors import render
from tocsin.app.bootstrap import load_packs
from tocsin.model.errors import PackError

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def test_all_of_a_packs_problems_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(PackError) as caught:
        load_packs([HERE / "broken"])
    assert str(caught.value) + "\n" == (HERE / "pack_errors.txt").read_text(encoding="utf-8")


def test_authors_can_make_at_least_thirty_kinds_of_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(PackError) as caught:
        load_packs([HERE / "broken"])
    codes = {problem.code for problem in caught.value.problems}
    lines = [line for line in render().splitlines() if line.startswith("== ")]
    codes |= {code for line in lines for code in line.rsplit("[", 1)[1][:-1].split()}
    assert len(codes) >= 30, sorted(codes)


def test_a_folder_that_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"no pack here"):
        load_packs([tmp_path])
