"""Notices: every element is said, nothing that must stay hidden is, and what is lacking is an error."""

import re

import pytest

from tests.unit.measures.samples import DAY_US, FACTS, START, TEMPLATES, facts
from tocsin.measures.notices.element import ABOUT_ONE_MEASURE, REQUIRED, Element, NoticeEvent
from tocsin.measures.notices.facts import AlsoLifted
from tocsin.measures.notices.filling import clean
from tocsin.measures.notices.notice import Notice, as_html, render_notice
from tocsin.measures.text.subject import FUNCTIONS, KINDS, Decided, Source
from tocsin.model.errors import NoticeWrong
from tocsin.model.event_type import Title
from tocsin.model.typology import TYPOLOGIES

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def told(event: NoticeEvent = NoticeEvent.TAKEN, lang: str = "en", **changes: object) -> Notice:
    given = facts(**changes)
    return render_notice(TEMPLATES.notice(event, given.measure), given, lang)


def part(notice: Notice, element: Element) -> str:
    return next(each.text for each in notice.parts if each.element is element)


@pytest.mark.parametrize("event", NoticeEvent)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_event_on_each_kind_says_all_that_it_must(event: NoticeEvent, kind: str, lang: str) -> None:
    notice = told(event, lang, measure=kind, function="post" if kind == "limit" else "")
    assert {each.element for each in notice.parts} >= set(REQUIRED[event])
    assert all(each.text.strip() and each.heading for each in notice.parts)
    assert "{" not in notice.title + notice.body
    assert (event in ABOUT_ONE_MEASURE) is bool(TEMPLATES.notice(event, kind).measure)
    assert all(bool(CHINESE.search(each.text)) is (lang == "zh") for each in notice.parts)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_limit_says_which_function_it_takes_away(function: str) -> None:
    for lang in ("en", "zh"):
        word = TEMPLATES.vocabulary.word(f"function.{function}", lang)
        assert word in told(lang=lang, measure="limit", function=function).title


@pytest.mark.parametrize("code", sorted(TYPOLOGIES))
def test_every_typology_has_its_paragraph(code: str) -> None:
    texts = {part(told(lang=lang, typology=code), Element.TYPOLOGY) for lang in ("en", "zh")}
    assert len(texts) == 2
    assert all(len(text) > 20 for text in texts)


def test_a_notice_says_when_by_the_readers_clock_and_until_when() -> None:
    assert part(told(lang="zh"), Element.PERIOD) == (
        "自2026年2月13日 17:00（GMT+08:00）起。到2026年2月20日 17:00（GMT+08:00）自动解除。"
    )
    assert part(told(zone="America/New_York"), Element.PERIOD) == (
        "It starts on 13 February 2026, 04:00 (GMT-05:00). It ends by itself on 20 February 2026, 04:00 (GMT-05:00)."
    )
    assert "no fixed end" in part(told(ends_at=None), Element.PERIOD)
    assert "at any time" in part(told(object_until=None), Element.OBJECTION)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 300, "/etc/localtime", "\0"])
def test_an_unknown_zone_is_an_error(zone: str) -> None:
    with pytest.raises(NoticeWrong, match="time zone"):
        told(zone=zone)


@pytest.mark.parametrize("at", [1 << 62, -(1 << 62)])
def test_a_time_that_no_calendar_has_is_an_error(at: int) -> None:
    with pytest.raises(NoticeWrong, match="no time"):
        told(starts_at=at)


@pytest.mark.parametrize(
    "fact",
    [
        *(
            "starts_at",
            "facts",
            "source",
            "detected_automatically",
            "decided",
            "ground",
            "why",
            "where",
            "redress",
            "code",
        ),
    ],
)
def test_a_notice_that_lacks_a_fact_is_not_given(fact: str) -> None:
    with pytest.raises(NoticeWrong, match=f"`{fact}`"):
        told(**{fact: None})


def test_materials_must_be_named() -> None:
    with pytest.raises(NoticeWrong, match="`materials`"):
        told(materials=())


@pytest.mark.parametrize("source", Source)
def test_it_is_said_how_it_came_to_light_and_never_by_whom(source: Source) -> None:
    for lang in ("en", "zh"):
        assert part(told(lang=lang, source=source), Element.SOURCE)
    with pytest.raises(NoticeWrong, match="`facts` would say who reported") as caught:
        told(source=source, facts=Title("Ms Z h a n g Ｗei told us so", "x"), hidden=("zhang wei",))
    assert "wei" not in str(caught.value).lower()


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ("ZHANG_66 told us", "account:zhang66"),
        ("张三举报了此事", "张三"),
        ("用户张三丰举报", "account:张三丰"),
        ("Lin told us", "lin"),
    ],
)
def test_who_reported_is_known_by_any_form_of_the_name(written: str, hidden: str) -> None:
    with pytest.raises(NoticeWrong, match="who reported"):
        told(why=Title(written, written), hidden=(hidden,))
    assert told(why=Title("Online checks found it.", "x"), hidden=(hidden,))


def test_a_reporters_number_is_masked_even_where_nobody_named_it_hidden() -> None:
    notice = told(
        facts=Title("138 0013 8000 wrote to a@b.example about it on 2026-02-12.", "x"), hidden=("13800138000",)
    )
    assert part(notice, Element.FACTS) == "***8000 wrote to *** about it on 2026-02-12."


@pytest.mark.parametrize("decided", Decided)
@pytest.mark.parametrize("detected", [True, False])
def test_it_is_said_whether_a_machine_found_and_decided(decided: Decided, detected: bool) -> None:
    text = part(told(decided=decided, detected_automatically=detected), Element.AUTOMATION)
    assert ("An automatic system found it." in text) is detected
    assert ("An automatic system took the decision." in text) is (decided is Decided.AUTOMATIC)
    assert ("have a person look at it" in text) is (decided is Decided.AUTOMATIC)


def test_a_subject_is_known_by_its_last_signs_only() -> None:
    for kind in ("account", "phone", "listing", "gadget"):
        notice = told(subject=f"{kind}:+8613800005678")
        assert "ending in 5678" in notice.title
        assert "00005678" not in notice.title + notice.body


def test_what_was_lifted_with_it_is_listed() -> None:
    text = part(told(NoticeEvent.APPEAL_UPHELD), Element.RESTORED)
    assert text == (
        "Lifted together with it: the removal for your listing (ending in 8371) and "
        "the limit on one function (posting) for your account (ending in 5678)."
    )
    assert "No other measure" in part(told(NoticeEvent.LIFTED, also=()), Element.RESTORED)
    with pytest.raises(NoticeWrong, match="no measure"):
        told(NoticeEvent.LIFTED, also=(AlsoLifted("shout", "account:1"),))


def test_a_refusal_says_who_looked_at_it_and_where_else_to_turn() -> None:
    notice = told(NoticeEvent.APPEAL_REFUSED)
    assert "did not take the first decision" in part(notice, Element.REVIEWER)
    assert part(notice, Element.REDRESS).endswith("a court where you live.")


def test_html_is_escaped_and_places_in_facts_are_never_filled() -> None:
    given = Title('<script>alert("x")</script> & {code} {nothing}', "x")
    notice = told(facts=given)
    page = as_html(notice)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; {code} {nothing}" in page
    assert page.startswith('<article lang="en">\n<h1>We have suspended your account')
    assert as_html(told(lang="zh")).startswith('<article lang="zh-CN">')


def test_invisible_signs_and_line_breaks_do_not_reach_the_reader() -> None:
    assert clean("a\u202eb\x00\x1b[31m\r\n\tc\u200b") == "ab[31m c"
    assert len(clean("x" * 100_000)) == 2_000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measure": "shout"}, "no loaded pack has a notice"),
        ({"measure": "limit", "function": "fly"}, "which function"),
        ({"typology": "NONE"}, "describes the typology"),
    ],
)
def test_what_no_pack_knows_is_an_error(changes: dict[str, object], message: str) -> None:
    with pytest.raises(NoticeWrong, match=message):
        told(**changes)


def test_a_template_of_another_measure_or_language_is_refused() -> None:
    with pytest.raises(NoticeWrong, match="is about `close`"):
        render_notice(TEMPLATES.notice(NoticeEvent.TAKEN, "close"), FACTS, "en")
    with pytest.raises(NoticeWrong, match="en or zh"):
        render_notice(TEMPLATES.notice(NoticeEvent.TAKEN, "suspend"), FACTS, "fr")


def test_the_code_stands_where_the_person_is_told_how_to_object() -> None:
    notice = told()
    assert "7KQ3-MX9T-2HVA" in part(notice, Element.OBJECTION)
    assert notice.code == "7KQ3-MX9T-2HVA"
    assert notice.body.count("7KQ3-MX9T-2HVA") == 1
    assert FACTS.object_until == START + 180 * DAY_US
