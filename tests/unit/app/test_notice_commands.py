"""`tocsin notice`: templates are checked, and one is shown as a person would see it."""

import json
from pathlib import Path

import pytest

from tests.unit.app.test_cli import tocsin

BROKEN = Path(__file__).resolve().parents[2] / "golden/notices/broken"


def test_check_counts_what_there_is_and_finds_what_is_wrong(tmp_path: Path) -> None:
    right = tocsin("notice", "check", "--lang", "en")
    assert right.returncode == 0
    assert right.stdout == "29 notices, 65 warnings for 21 typologies, 102 words: no problems\n"
    wrong = tocsin("notice", "check", BROKEN, "--lang", "zh")
    assert wrong.returncode == 1
    assert "个问题" in wrong.stdout
    assert "^^^^^" in wrong.stdout
    machine = json.loads(tocsin("notice", "check", BROKEN, "--json").stdout)
    assert {"missing-element", "link", "number"} <= {problem["code"] for problem in machine["problems"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("suspend", "--lang", "zh", "--zone", "Asia/Shanghai"), "自2026年2月13日 17:00（GMT+08:00）起"),
        (
            ("limit:livestream", "--typology", "INVEST", "--lang", "en"),
            "one function of your account (ending in 5678): livestreaming",
        ),
        (("close", "--event", "appeal-refused", "--lang", "en"), "This measure stays: the closing."),
        (("take_down", "--html", "--lang", "en"), "<h2>How to object</h2>"),
        (("lure-police", "--lang", "zh"), "公检法不会通过电话、网络办案"),
    ],
)
def test_show_renders_a_sample(arguments: tuple[str, ...], words: str) -> None:
    done = tocsin("notice", "show", *arguments)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout


def test_show_gives_machines_the_elements() -> None:
    shown = json.loads(tocsin("notice", "show", "suspend", "--json").stdout)
    assert [part["element"] for part in shown["parts"]][:3] == ["what", "scope", "period"]
    assert len(shown["code"]) == 14


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lure-polise",), "did you mean `lure-police`"),
        (("suspend", "--event", "tkaen"), "did you mean `taken`"),
        (("suspend", "--typology", "POLIC"), "did you mean `POLICE`"),
        (("suspend", "--zone", "Mars"), "no time zone"),
        (("limit:fly",), "which function"),
    ],
)
def test_what_does_not_exist_is_one_line_with_a_hint(arguments: tuple[str, ...], words: str) -> None:
    done = tocsin("notice", "show", *arguments, "--lang", "en")
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
