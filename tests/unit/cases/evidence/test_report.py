"""A report says what it is given and nothing that was not, whatever people wrote."""

import html
import re
from pathlib import Path

import pytest
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference.evidence import FACTS, NOON, make_exhibit, make_manifest, make_store
from tocsin.cases.evidence.manifest import Manifest, WrittenManifest, write_manifest
from tocsin.cases.evidence.paper import font
from tocsin.cases.evidence.paper.facts import CaseFacts, Fact, Section
from tocsin.cases.evidence.paper.font import demand_chinese, find_fonts
from tocsin.cases.evidence.paper.report import TEMPLATE, report_data, set_report, shown
from tocsin.cases.evidence.paper.words import WORDS
from tocsin.model.errors import FontMissing, ReportWrong
from tocsin.model.event_type import Title

FONTS = find_fonts()
NO_CHINESE = find_fonts(system=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenManifest:
    return make_manifest(make_store(tmp_path_factory.mktemp("store")))


def cells(data: str) -> list[str]:
    """What the template shows in its tables and headings, by its other way out."""
    page, _ = typst.compile_with_warnings(TEMPLATE, format="html", font_paths=FONTS.found, sys_inputs={"data": data})
    assert isinstance(page, bytes)
    found = re.findall(r"<(td|h2|h3|div|title)>(.*?)</\1>", page.decode(), re.DOTALL)
    return [plain(text) for _, text in found]


def plain(markup: str) -> str:
    lines = re.sub(r"<br>", "\n", markup)
    return html.unescape(re.sub(r"</?span[^>]*>", "", lines)).replace("\u200b", "")


HOSTILE = [
    '#panic("x")',
    '#read("/etc/passwd")',
    '#eval("1+1")',
    '#import "@preview/x:1.0.0": *',
    "#include",
    "*bold* _it_ `raw` $x^2$ <label> @ref",
    "= Heading",
    "- item / + item",
    '"]); #panic() //',
    "\\",
    "\\u{41}",
    "/* */ // remark",
    "]",
    "#{",
    "~--- ...'quotes' \"",
    "https://evil.example/#x",
    "'; drop table case; --",
    "</td><script>alert(1)</script>",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_wrote_is_shown_sign_by_sign(tmp_path: Path, hostile: str) -> None:
    exhibit = make_exhibit(make_store(tmp_path), b"x", source=hostile)
    manifest = Manifest(case=hostile, made_at=NOON, made_by=hostile, exhibits=(exhibit,))
    facts = CaseFacts(
        Title(hostile, hostile), (Section(Title(hostile, hostile), (Fact(Title(hostile, hostile), hostile),)),)
    )
    made = write_manifest(manifest)
    found = cells(report_data(made, facts, "en", FONTS))
    assert found.count(hostile) == 8  # title twice, case, maker, section, fact's name and value, source
    assert set_report(made, facts, "en", FONTS).startswith(b"%PDF-")


@given(st.text(max_size=60))
@example('"\u060b')  # a sign that no font has, told together with one that JSON itself is written with
@settings(max_examples=100, deadline=None)
def test_no_text_whatever_stops_a_report(written: WrittenManifest, text: str) -> None:
    facts = CaseFacts(Title(text, text), (Section(Title("a", "a"), (Fact(Title("b", "b"), text),)),))
    assert set_report(written, facts, "zh", FONTS).startswith(b"%PDF-")


def test_a_sign_that_no_font_has_is_written_as_its_number(written: WrittenManifest) -> None:
    """Cuneiform is in no font that systems bring; without the number the page would show an empty box."""
    facts = CaseFacts(Title("\U00012000 said", ""))
    data = report_data(written, facts, "en", NO_CHINESE)
    pdf = set_report(written, facts, "en", NO_CHINESE)
    told = set_report(written, CaseFacts(Title("‹U+12000› said", "")), "en", NO_CHINESE)
    assert "\U00012000" in data
    assert pdf == told


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("pay\u202egpj.exe", "pay‹U+202E›gpj.exe"),
        ("zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"),
        ("\x00\x1b[31m", "‹U+0000›‹U+001B›[31m"),
        ("one\r\ntwo\tthree", "one\ntwo three"),
        ("\ud800", "‹U+D800›"),
        ("\u2028\u2029", "‹U+2028›‹U+2029›"),
    ],
)
def test_what_would_deceive_the_eye_is_written_out(text: str, seen: str) -> None:
    assert shown(text, WORDS["en"]) == seen


def test_a_long_text_is_cut_and_says_so() -> None:
    cut = shown("ab " * 1_000, WORDS["en"])
    assert len(cut) < 2_100
    assert cut.endswith("… (whole in manifest.json or in the case)")


def test_a_report_has_every_exhibit_and_the_manifests_hash_in_both_languages(written: WrittenManifest) -> None:
    for lang, title, label in (
        ("en", FACTS.title.en, "What the victim saw"),
        ("zh", FACTS.title.zh, "受害人所见"),
    ):
        found = cells(report_data(written, FACTS, lang, FONTS))
        assert found[0] == title
        assert written.sha256 in found
        assert {exhibit.sha256 for exhibit in written.manifest.exhibits} <= set(found)
        assert len([text for text in found if text.endswith(label)]) == 3


def test_the_same_report_is_the_same_bytes(written: WrittenManifest) -> None:
    assert set_report(written, FACTS, "zh", FONTS) == set_report(written, FACTS, "zh", find_fonts())
    assert set_report(written, FACTS, "zh", FONTS) != set_report(written, FACTS, "en", FONTS)


def test_this_machine_has_a_font_with_chinese_signs() -> None:
    """`make test` installs one; without it a report in Chinese would be boxes."""
    demand_chinese(FONTS)


def test_without_such_a_font_the_error_says_which_package_to_install(written: WrittenManifest) -> None:
    with pytest.raises(FontMissing, match="apt-get install fonts-wqy-microhei"):
        set_report(written, FACTS, "zh", NO_CHINESE)
    chinese = CaseFacts(Title("Named 张三", ""))
    with pytest.raises(FontMissing):
        set_report(written, chinese, "en", NO_CHINESE)


def test_a_report_in_english_needs_no_chinese_font(written: WrittenManifest) -> None:
    assert set_report(written, FACTS, "en", NO_CHINESE).startswith(b"%PDF-")


def test_a_font_is_known_by_what_it_can_show_where_its_name_is_unknown(
    written: WrittenManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font, "PREFERRED", ())
    unnamed = find_fonts()
    assert unnamed.chinese == ""
    assert set_report(written, FACTS, "zh", unnamed).startswith(b"%PDF-")


def test_a_font_of_a_named_folder_is_used(tmp_path: Path) -> None:
    path = next(each.path for each in FONTS.found.fonts() if each.family == FONTS.chinese and each.path)
    (tmp_path / "mine.ttc").symlink_to(path)
    assert find_fonts([tmp_path], system=False).chinese == FONTS.chinese


def test_another_language_is_refused(written: WrittenManifest) -> None:
    with pytest.raises(ReportWrong, match="en or zh, not fr"):
        set_report(written, FACTS, "fr", FONTS)


def test_both_languages_have_all_words() -> None:
    for words in WORDS.values():
        assert all(getattr(words, name) for name in words.__struct_fields__)
    assert WORDS["en"] != WORDS["zh"]
