"""The shipped duties: all 96 clauses, in both languages, every deadline and word known, no rule that names one in vain."""

import re
from collections import Counter
from datetime import date

from tocsin.app.bootstrap import load_duties, load_packs, shipped_packs
from tocsin.app.duty_wording import in_language, say_by_law, say_limit, say_provenance, say_span, say_standing, say_state
from tocsin.app.wording import Wording
from tocsin.cases.clocks.calendar import DayKind, calendar_of, kind_of
from tocsin.cases.clocks.clock import State
from tocsin.model.event_type import Title
from tocsin.rulebook.duties.duty import STANDING, Duty, DutyId, Provenance, Status, shown_as_law
from tocsin.rulebook.duties.span import Unit, read_span

REGISTER = load_duties([shipped_packs()])
DUTIES = list(REGISTER.duties.values())
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def titles_of(duty: Duty) -> list[Title]:
    found = [duty.law, duty.article, duty.title, duty.asks, duty.proof, duty.penalty, duty.awaits, duty.doubt]
    found += [text for each in duty.deadlines for text in (each.word, each.before)]
    return [title for title in found if title]


def test_all_96_clauses_are_there() -> None:
    assert len(DUTIES) == 96
    families = Counter(duty.id.split("-")[0] for duty in DUTIES)
    assert families == {"CN": 27, "CNX": 16, "EU": 15, "SG": 9, "CN19": 8, "AU": 8, "TW": 7, "UK": 6}
    for family, count in families.items():
        assert {f"{family}-{number:02}" for number in range(1, count + 1)} <= set(REGISTER.duties)
    assert {duty.pack for duty in DUTIES} == {f"duties-{name}" for name in ("cn", "cn-2019", "eu", "au", "sg", "tw", "uk")}


def test_every_text_is_in_english_and_in_chinese_and_neither_is_the_other() -> None:
    texts = [title for duty in DUTIES for title in titles_of(duty)]
    texts += [regime.title for regime in REGISTER.regimes.values()]
    words = REGISTER.words
    texts += [title for kind in (words.actors, words.events, words.records, words.stages) for title in kind.values()]
    assert len(texts) > 600
    for title in texts:
        assert title.en.strip(), title
        assert CHINESE.search(title.zh), title
        assert not CHINESE.search(title.en), title
        assert title.en != title.zh


def test_chinese_is_written_with_chinese_signs() -> None:
    for duty in DUTIES:
        for title in (duty.title, duty.asks, duty.proof):
            assert not re.search(r"[\u4e00-\u9fff][,;:?!]", title.zh), (duty.id, title.zh)
        assert duty.asks.zh.endswith("。"), duty.id
        assert duty.asks.en.endswith("."), duty.id
        assert len(duty.title.en) <= 60, duty.id
        assert len(duty.title.zh) <= 24, duty.id


def test_every_duty_says_who_when_by_what_proof_and_how_sure_we_are() -> None:
    for duty in DUTIES:
        assert duty.actors, duty.id
        assert duty.triggers, duty.id
        assert duty.evidence, duty.id
        assert duty.stages, duty.id
        assert duty.version >= 1
        assert isinstance(duty.status, Status)
        assert isinstance(duty.provenance, Provenance)
        assert duty.status is not Status.ADOPTED or duty.applies_on or duty.awaits, duty.id


def test_every_deadline_reads_as_it_is_written_and_words_of_law_have_a_policy_beside_them() -> None:
    deadlines = [(duty, each) for duty in DUTIES for each in duty.deadlines]
    assert len(deadlines) > 80
    for duty, each in deadlines:
        for span in (each.span, each.internal):
            assert span is None or read_span(str(span)) == span
        assert sum(limit is not None for limit in (each.span, each.word, each.before)) <= 1, duty.id
        assert each.span or each.before or each.internal, duty.id
        assert each.before or {trigger.event for trigger in each.on} - {STANDING}, duty.id


def test_standing_statuses_and_sources_are_as_they_were_read() -> None:
    assert Counter(duty.status for duty in DUTIES) == {"in_force": 80, "adopted_not_in_force": 8, "voluntary": 7, "draft": 1}
    assert Counter(duty.provenance for duty in DUTIES) == {"primary": 51, "secondary": 25, "unverified": 14, "article": 6}
    assert sum(map(shown_as_law, DUTIES)) == 71


def test_the_hard_numbers_are_the_laws() -> None:
    spans = {(duty.id, str(each.span)) for duty in DUTIES for each in duty.deadlines if each.span}
    assert spans >= {
        ("TW-06", "24 hours"),
        ("AU-04", "28 days"),
        ("EU-03", "by the end of the day"),
        ("EU-05", "at least 6 months"),
        ("EU-10", "2 months"),
        ("CN-24", "at once"),
        ("CNX-01", "at least 6 months"),
        ("CNX-07", "at least 3 years"),
        ("CNX-12", "10 working days"),
        ("CNX-13", "at least 60 days"),
        ("SG-04", "at least 90 days"),
        ("SG-09", "at least 12 hours"),
        ("SG-09", "at least 24 hours"),
    }


def test_every_rule_names_duties_that_exist_and_every_word_is_used_by_some_duty() -> None:
    named = {duty for rule in load_packs([]).rules.values() for duty in rule.duties}
    assert named
    assert named <= set(REGISTER.duties)
    words = REGISTER.words
    used = {actor for duty in DUTIES for actor in duty.actors}
    used |= {trigger.event for duty in DUTIES for trigger in duty.triggers}
    used |= {record for duty in DUTIES for record in duty.evidence} | {stage for duty in DUTIES for stage in duty.stages}
    assert {*words.actors, *words.events, *words.records, *words.stages} - used == set()


def test_each_regime_has_a_calendar_that_works() -> None:
    for regime in REGISTER.regimes.values():
        calendar = calendar_of(regime)
        kinds = {kind_of(calendar, each) for each in (_day(5), _day(7))}
        assert DayKind.WORKING in kinds, regime.id


def test_nothing_that_is_not_law_is_worded_as_law() -> None:
    for lang in ("en", "zh"):
        wording = Wording(lang)
        law = say_standing(wording.say, REGISTER.duties[DutyId("CN-08")])
        for duty in DUTIES:
            assert (say_standing(wording.say, duty) == law) is shown_as_law(duty), duty.id
            for each in duty.deadlines:
                assert say_limit(wording, each)
                if not shown_as_law(duty):
                    assert say_by_law(wording, duty, each) == "", duty.id


def test_every_span_state_and_source_has_words_in_both_languages() -> None:
    for unit in Unit:
        text = {Unit.UNTIL: "until 2026-03-01"}.get(unit, unit if unit in _WORDS else f"2 {unit}")
        assert CHINESE.search(say_span(Wording("zh").say, read_span(text))), unit
        assert not CHINESE.search(say_span(Wording("en").say, read_span(text))), unit
    for one in ("1 hour", "1 minute", "1 day", "1 working day", "1 working hour", "1 month", "1 year"):
        assert say_span(Wording("en").say, read_span(one)) == one
    assert say_span(Wording("zh").say, read_span("at least 6 months")) == "至少 6 个月"
    assert {say_provenance(Wording("zh").say, each) for each in Provenance} >= {"原文", "二手资料"}
    assert len({say_state(Wording("zh").say, each) for each in State}) == len(State)
    assert in_language(Wording("zh"), Title("a", "甲")) == "甲"


_WORDS = {Unit.AT_ONCE, Unit.END_OF_DAY, Unit.STATED}


def _day(number: int) -> date:
    return date(2026, 3, number)
