"""`tocsin notice`: templates are checked, and one is shown as a person would see it."""

import json
from pathlib import Path

import pytest

from tests.unit.app.test_cli import tocsin
from tests.unit.measures.samples import CATALOGUE, TEMPLATES
from tocsin.app import bootstrap
from tocsin.app.cli.looped import notice
from tocsin.model.errors import TocsinError

BROKEN = Path(__file__).resolve().parents[2] / "golden/notices/broken"


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped packs are loaded once for all of these tests."""
    load = bootstrap.load_content
    monkeypatch.setattr(bootstrap, "load_content", lambda places: load(places) if places else (CATALOGUE, TEMPLATES))


def show(kind: str, lang: str, form: str = "text", **changes: str) -> int:
    given = {"event": "taken", "typology": "AIDING", "zone": "UTC", **changes}
    return notice.show(notice.Wanted(kind, given["event"], given["typology"], given["zone"], form), [], lang)


def test_check_counts_what_there_is_and_finds_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert notice.check([], "en", as_json=False) == 0
    assert capsys.readouterr().out == "29 notices, 65 warnings for 21 typologies, 102 words: no problems\n"
    assert notice.check([BROKEN], "zh", as_json=False) == 1
    told = capsys.readouterr().out
    assert "个问题" in told
    assert "^^^^^" in told
    assert notice.check([BROKEN], "en", as_json=True) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert {"missing-element", "link", "number"} <= {problem["code"] for problem in problems}


@pytest.mark.parametrize(
    ("kind", "lang", "changes", "words"),
    [
        ("suspend", "zh", {"zone": "Asia/Shanghai"}, "自2026年2月13日 17:00（GMT+08:00）起"),
        (
            "limit:livestream",
            "en",
            {"typology": "INVEST"},
            "one function of your account (ending in 5678): livestreaming",
        ),
        ("close", "en", {"event": "appeal-refused"}, "This measure stays: the closing."),
        ("take_down", "en", {"form": "html"}, "<h2>How to object</h2>"),
        ("lure-police", "zh", {}, "公检法不会通过电话、网络办案"),
    ],
)
def test_show_renders_a_sample(
    capsys: pytest.CaptureFixture[str], kind: str, lang: str, changes: dict[str, str], words: str
) -> None:
    assert show(kind, lang, **changes) == 0
    assert words in capsys.readouterr().out


def test_show_gives_machines_the_elements() -> None:
    shown = json.loads(tocsin("notice", "show", "suspend", "--json").stdout)
    assert [part["element"] for part in shown["parts"]][:3] == ["what", "scope", "period"]
    assert len(shown["code"]) == 14


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("lure-polise", {}, "did you mean `lure-police`"),
        ("suspend", {"event": "tkaen"}, "did you mean `taken`"),
        ("suspend", {"typology": "POLIC"}, "did you mean `POLICE`"),
        ("suspend", {"zone": "Mars"}, "no time zone"),
        ("limit:fly", {}, "which function"),
    ],
)
def test_what_does_not_exist_is_an_error_with_a_hint(kind: str, changes: dict[str, str], words: str) -> None:
    with pytest.raises(TocsinError, match=words):
        show(kind, "en", **changes)


def test_an_error_is_one_line_and_exit_code_1() -> None:
    done = tocsin("notice", "show", "lure-polise", "--lang", "en")
    assert done.returncode == 1
    assert "did you mean `lure-police`" in done.stderr
    assert "Traceback" not in done.stderr
