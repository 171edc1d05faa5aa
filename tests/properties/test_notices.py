"""Whatever is written in whatever disguise: no warning shows a link or a number, no statement holds personal data."""

import re
import string
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.measures.samples import STATEMENT, TEMPLATES, facts
from tests.unit.measures.test_warnings import warning
from tocsin.measures.notices.code import SIGNS, new_code, read_code
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.notice import as_html, render_notice
from tocsin.measures.personal.find import find_personal, mask_personal
from tocsin.measures.personal.number import chinese_id_check, is_card
from tocsin.measures.statements.check import check_statement
from tocsin.measures.warnings.effect import share_of
from tocsin.measures.warnings.grade import Grade
from tocsin.measures.warnings.template import render_warning
from tocsin.model.errors import PersonalDataFound, WarningWrong
from tocsin.model.event_type import Title

DIGIT_FORMS = (
    *("0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "洞幺两三四五六拐八勾"),
    *("٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⓪①②③④⑤⑥⑦⑧⑨", "⁰¹²³⁴⁵⁶⁷⁸⁹", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
)
GAPS = st.sampled_from(["", "", "", " ", "-", ".", "\u200b", "\u2060", " - ", "·", "/", "\ufe0f\u20e3"])
WORDS = {
    "en": st.lists(
        st.sampled_from(
            [
                "Wait",
                "now.",
                "Talk",
                "to",
                "friends",
                "and",
                "banks",
                "about",
                "this.",
                "No",
                "rush",
                "is",
                "needed",
                "here.",
            ]
        ),
        max_size=8,
    ),
    "zh": st.lists(st.sampled_from(["请您", "等一等", "。", "先与家人", "商量", "，", "不要着急"]), max_size=8),
}


@st.composite
def disguised(draw: st.DrawFn, digits: st.SearchStrategy[str]) -> str:
    """A number, each digit in some form, with gaps between."""
    return "".join(draw(st.sampled_from(DIGIT_FORMS))[int(digit)] + draw(GAPS) for digit in draw(digits))


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=low, max_size=high)


@st.composite
def links(draw: st.DrawFn) -> str:
    """A link with its dot in some form, in plain or wide letters."""
    host = draw(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12))
    dot = draw(st.sampled_from([".", " . ", "．", "。", "[.]", "(dot)", " dot ", "点", " 点 ", "·", ".\u200b", "•"]))
    end = draw(st.sampled_from(["com", "cn", "top", "vip", "net", "cc", "shop"]))
    link = draw(st.sampled_from(["", "http://", "https:\\\\", "www."])) + host + dot + end
    return (
        "".join(chr(ord(sign) + 0xFEE0) if "a" <= sign <= "z" else sign for sign in link)
        if draw(st.booleans())
        else link
    )


@st.composite
def hidden_in_words(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> tuple[str, str, str]:
    """Something inside a text: the text, its language, and what is in it."""
    lang = draw(st.sampled_from(["en", "zh"]))
    before, after = draw(WORDS[lang]), draw(WORDS[lang])
    found = draw(inner)
    glue = " " if lang == "en" else ""
    return glue.join([*before, found, *after]), lang, found


@settings(max_examples=300, deadline=None)
@given(hidden_in_words(disguised(numbers(3, 20)) | links()))
def test_no_rendered_warning_passes_a_link_or_a_number(written: tuple[str, str, str]) -> None:
    text, lang, _ = written
    template = warning(text, "不要付款。") if lang == "en" else warning("Wait.", text)
    with pytest.raises(WarningWrong):
        render_warning(template, Grade.ALARM, lang)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["account", "phone", "url", "zz", ""]), st.sampled_from(["en", "zh"]))
def test_of_a_suspect_no_more_than_four_digits_and_half_of_it_are_shown(value: str, kind: str, lang: str) -> None:
    template = TEMPLATES.warning("payer-large-first-payment")
    plain = render_warning(template, Grade.ALARM, lang).text
    shown = render_warning(template, Grade.ALARM, lang, f"{kind}:{value}").text
    digits = re.sub(r"\D", "", shown)
    assert len(digits) <= min(4, len([sign for sign in value if sign in string.digits]) // 2)
    assert not re.search(r"\d", plain)
    assert not {"/", "@", "\u200b"} & set(shown)


@st.composite
def chinese_ids(draw: st.DrawFn) -> str:
    born = draw(st.dates())
    assume(born.year >= 1900)
    head = draw(st.sampled_from(["110105", "440301", "310115"])) + born.strftime("%Y%m%d") + draw(numbers(3, 3))
    return head + chinese_id_check(head)


@st.composite
def cards(draw: st.DrawFn) -> str:
    head = draw(numbers(12, 18))
    return next(head + check for check in string.digits if is_card(head + check))


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12)
PERSONAL = st.one_of(
    disguised(numbers(10, 15)),
    disguised(cards()),
    chinese_ids(),
    st.builds("{}@{}.{}".format, LETTERS, LETTERS, LETTERS),
    st.builds("{} [at] {}.{}".format, LETTERS, LETTERS, LETTERS),
    st.builds("@{}".format, LETTERS),
    st.builds("QQ：{}".format, numbers(5, 11)),
    st.builds("账号 {}".format, numbers(4, 12)),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str).filter(lambda address: address != "::"),
    st.builds("https://{}.example/user/{}".format, LETTERS, LETTERS),
    st.builds("https://{}:{}@{}.example/".format, LETTERS, LETTERS, LETTERS),
    st.builds("http://{}.example/p?uid={}".format, LETTERS, LETTERS),
    st.uuids().map(str),
)


@settings(max_examples=400, deadline=None)
@given(
    hidden_in_words(PERSONAL),
    st.sampled_from(["decision_facts", "incompatible_content_explanation", "content_type_other", "source_identity"]),
)
def test_no_statement_with_personal_data_is_ever_taken(written: tuple[str, str, str], field: str) -> None:
    text, _, found = written
    with pytest.raises(PersonalDataFound) as caught:
        check_statement(replace(STATEMENT, **{field: text}))
    assert [name for name, _ in caught.value.faults] == [field]
    assert found.strip() not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(
    st.text("abcdefghijklmnopqrstuvwxyz_", min_size=4, max_size=20), st.sampled_from(["{}", "It was {}.", "用户{}发布"])
)
def test_no_statement_names_an_entity_of_the_record(name: str, form: str) -> None:
    assume(len(name.replace("_", "")) >= 3)
    shown = form.format(name.upper().replace("_", "-"))
    with pytest.raises(PersonalDataFound):
        check_statement(replace(STATEMENT, decision_facts=shown), [f"account:{name}"])


@settings(max_examples=200, deadline=None)
@given(hidden_in_words(disguised(numbers(10, 15)) | disguised(cards()) | st.emails()))
def test_what_is_masked_holds_no_personal_data_any_more(written: tuple[str, str, str]) -> None:
    masked = mask_personal(written[0])
    assert find_personal(masked) == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["en", "zh"]))
def test_whatever_somebody_wrote_a_notice_is_one_text_without_markup(written: str, lang: str) -> None:
    kept = "".join(sign for sign in written if unicodedata.category(sign)[0] != "C" and not sign.isspace())
    assume(kept)
    notice = render_notice(TEMPLATES.notice(NoticeEvent.TAKEN, "suspend"), facts(facts=Title(written, written)), lang)
    page = as_html(notice)
    assert len(re.findall(r"<(?!/?(?:article|h1|h2|p)\b)", page)) == 0
    assert page.count("<p>") == len(notice.parts)
    assert all(unicodedata.category(sign) not in {"Cf", "Cs", "Co"} for sign in notice.body)
    assert notice.body.count("\n\n") == len(notice.parts) - 1


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mistyped_code_is_never_read(data: st.DataObject) -> None:
    code = new_code()
    bare = list(code.replace("-", ""))
    place = data.draw(st.integers(0, len(bare) - 1))
    sign = data.draw(st.sampled_from([sign for sign in SIGNS if sign != bare[place]]))
    assert read_code(code) == code
    bare[place] = sign
    assert read_code("".join(bare)) is None


@given(st.integers(1, 10_000), st.data())
def test_a_share_lies_in_its_interval_and_more_data_narrows_it(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    share, more = share_of(part, whole), share_of(part * 10, whole * 10)
    assert share is not None
    assert more is not None
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert more.high - more.low < share.high - share.low
