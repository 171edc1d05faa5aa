"""The shipped notices and warnings: complete, in both languages, and every warning that a rule names is there."""

import re

import pytest

from tests.unit.measures.samples import CATALOGUE, TEMPLATES
from tocsin.measures.content import REQUIRED_WORDS
from tocsin.measures.notices.element import ABOUT_ONE_MEASURE, NoticeEvent
from tocsin.measures.text.plain import plain_faults
from tocsin.measures.text.subject import KINDS
from tocsin.measures.warnings.grade import Grade, Stage
from tocsin.measures.warnings.lint import template_faults, warning_faults
from tocsin.measures.warnings.template import covered, render_warning
from tocsin.model.entity import EntityRef
from tocsin.model.typology import TYPOLOGIES
from tocsin.rules.measure import PLAIN, WITH_ARGUMENT

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SUSPECTS = ("", "account:620000115678", "phone:+8613800005678", "url:https://x.example/1", "gadget:7")


def test_every_event_on_every_kind_of_measure_has_one_notice() -> None:
    found = sorted((each.event, each.measure) for each in TEMPLATES.notices.values())
    wanted = [(event, kind) for event in NoticeEvent for kind in (KINDS if event in ABOUT_ONE_MEASURE else ("",))]
    assert found == sorted(wanted)


def test_every_measure_that_rules_can_write_is_one_that_a_person_is_told_of() -> None:
    written = {"hold": "hold_payment", "block": "block_indicator"}
    assert {written.get(name, name) for name in PLAIN | WITH_ARGUMENT} <= set(KINDS)


def test_words_and_typologies_are_complete() -> None:
    assert set(TEMPLATES.vocabulary.words) == set(REQUIRED_WORDS)
    assert set(TEMPLATES.vocabulary.typologies) == TYPOLOGIES


def test_every_warning_that_a_rule_names_is_there() -> None:
    named = {rule.warn for rule in CATALOGUE.rules.values() if rule.warn}
    assert len(named) >= 14
    assert named <= set(TEMPLATES.warnings)


def test_every_typology_has_warnings_and_every_stage_is_covered() -> None:
    assert covered(TEMPLATES.warnings.values()) == TYPOLOGIES
    general = {stage for each in TEMPLATES.warnings.values() if each.typology == "OTHER" for stage in each.stages}
    assert general == set(Stage)
    for code in TYPOLOGIES:
        assert {Stage.DRAWING_IN, Stage.LARGE_PAYMENT} <= {
            stage for each in TEMPLATES.warnings.values() if each.typology == code for stage in each.stages
        }, code


@pytest.mark.parametrize("name", sorted(TEMPLATES.warnings))
def test_a_warning_passes_its_linter_before_and_after_it_is_filled(name: str) -> None:
    template = TEMPLATES.warnings[name]
    for lang in ("en", "zh"):
        for text in (template.title.of(lang), template.text.of(lang)):
            assert template_faults(text.blank(lang), lang) == []
            assert bool(CHINESE.search(text.written)) is (lang == "zh")
        for grade in Grade:
            for suspect in SUSPECTS:
                shown = render_warning(template, grade, lang, EntityRef(suspect))
                digits = re.sub(r"\d{1,4}", "", shown.text, count=1)
                assert not re.search(r"\d", digits)
                assert warning_faults(shown.title, lang) == []


def test_every_notice_is_plain() -> None:
    for template in TEMPLATES.notices.values():
        for lang in ("en", "zh"):
            for text in (template.title, *(text for _, text in template.body)):
                assert plain_faults(text.of(lang).blank(lang), lang) == [], template.name
