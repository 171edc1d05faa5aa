"""What authors of duties are told, all at once; and what the list of duties looks like, word for word."""

from pathlib import Path

import pytest

from tocsin.app.bootstrap import load_duties
from tocsin.app.cli.duties.listing import Asked, show_list
from tocsin.model.errors import PackError

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def test_all_of_a_duty_packs_problems_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(PackError) as caught:
        load_duties([HERE / "broken"])
    assert str(caught.value) + "\n" == (HERE / "duty_errors.txt").read_text(encoding="utf-8")


def test_authors_of_duties_can_make_at_least_twenty_kinds_of_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(PackError) as caught:
        load_duties([HERE / "broken"])
    assert len({problem.code for problem in caught.value.problems}) >= 20


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_list_of_duties_reads_as_it_should(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    assert show_list(Asked([], None, (), False), lang, as_json=False) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "\n".join(lines) + "\n" == (HERE / f"list.{lang}.txt").read_text(encoding="utf-8")
