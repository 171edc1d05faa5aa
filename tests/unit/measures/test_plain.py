"""Plain language: what the linter takes for hard, a threat or a promise."""

import pytest

from tests.unit.measures.samples import TEMPLATES
from tocsin.measures.text.disguise import see
from tocsin.measures.text.plain import CLAUSE_LIMIT, SIGNS_LIMIT, WORDS_LIMIT, plain_faults, reading_grade


@pytest.mark.parametrize(
    ("text", "lang", "code"),
    [
        ("word " * WORDS_LIMIT + "more.", "en", "long-sentence"),
        ("字" * (CLAUSE_LIMIT + 1) + "。", "zh", "long-sentence"),
        ("，".join(["字" * 20] * 4) + "。", "zh", "long-sentence"),
        ("The prohibited utilisation necessitates immediate identification procedures. " * 5, "en", "hard-to-read"),
        ("Pursuant to the terms we act.", "en", "jargon"),
        ("We utilise checks.", "en", "jargon"),
        ("特此通知。", "zh", "jargon"),
        ("已对账号予以限制。", "zh", "jargon"),
        ("Pay, or else.", "en", "threat"),
        ("You will be punished.", "en", "threat"),
        ("We may take legal action.", "en", "threat"),
        ("请立即整改，否则关闭账号。", "zh", "threat"),
        ("我们将追究您的法律责任。", "zh", "threat"),
        ("We promise to help.", "en", "promise"),
        ("You will certainly get it back.", "en", "promise"),
        ("我们保证您的资金安全。", "zh", "promise"),
        ("钱一定会退还。", "zh", "promise"),
        ("Your 账号 is held.", "en", "wrong-language"),
        ("Your account is held.", "zh", "wrong-language"),
        ("您的账号已暂停, 请申诉。", "zh", "narrow-sign"),
    ],
)
def test_what_is_not_plain_is_named(text: str, lang: str, code: str) -> None:
    assert code in {fault.code for fault in plain_faults(text, lang)}


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("We have suspended your account. You can object until Friday.", "en"),
        ("Fraudsters ask for a deposit.", "en"),
        ("以缴纳保证金为由要求转账。", "zh"),
        ("我们已暂停您的账号。您可以提出申诉。", "zh"),
        ("word " * (WORDS_LIMIT - 1) + "more.", "en"),
        ("字" * CLAUSE_LIMIT + "。", "zh"),
    ],
)
def test_what_is_plain_passes(text: str, lang: str) -> None:
    assert plain_faults(text, lang) == []


def test_a_sentence_of_chinese_may_have_so_many_signs_and_no_more() -> None:
    whole = "，".join(["字" * 22] * 3)
    assert len(whole) <= SIGNS_LIMIT
    assert plain_faults(whole + "。", "zh") == []


def test_the_grade_is_that_of_the_formula() -> None:
    assert reading_grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    assert reading_grade("") == 0
    assert reading_grade("Identification necessitates documentation.") > 20


def test_every_shipped_notice_reads_as_easily_as_the_limit_asks_in_whole() -> None:
    for template in TEMPLATES.notices.values():
        whole = " ".join(text.en.blank("en") for _, text in template.body)
        assert reading_grade(whole) <= 9, template.name


def test_disguises_are_seen_through_and_nothing_else_is_changed() -> None:
    assert see("A\u200bb１②𝟑٤ ｅ").text == "Ab1234 e"
    assert see("您好，a.b").text == "您好,a.b"
    assert see("").text == ""
