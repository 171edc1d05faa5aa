"""The shipped packs: every case holds, both languages are complete, every duty and feature is real."""

import re

from tocsin.app.bootstrap import load_packs, make_detectors, shipped_packs
from tocsin.decide.case_check import check_cases
from tocsin.rules.pack import RuleState

CATALOGUE = load_packs([])
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_case_of_every_rule_holds() -> None:
    results = check_cases(CATALOGUE, CATALOGUE.rules.values(), make_detectors())
    assert [f"{each.rule.id}: {each.case.name}: {each.fault}" for each in results if each.fault] == []
    assert len(results) >= 2 * len(CATALOGUE.rules)


def test_there_are_enough_rules_and_every_feature_is_used() -> None:
    used = {name for rule in CATALOGUE.rules.values() for name in rule.condition.reads if name in CATALOGUE.features}
    assert len(CATALOGUE.rules) >= 40
    assert len(used) >= 25
    assert set(CATALOGUE.features) == used
    assert {pack for pack in CATALOGUE.packs} >= {"payments", "accounts", "messaging", "telecom", "goods"}


def test_every_title_and_reason_is_in_both_languages() -> None:
    titles = [pack.title for pack in CATALOGUE.packs.values()] + [kind.title for kind in CATALOGUE.types.values()]
    titles += [feature.title for feature in CATALOGUE.features.values()] + [each.title for each in CATALOGUE.lists.values()]
    titles += [text for rule in CATALOGUE.rules.values() for text in (rule.title, rule.because)]
    assert [title for title in titles if not CHINESE.search(title.zh) or CHINESE.search(title.en)] == []


def test_each_pack_proves_some_rule_with_real_windows() -> None:
    proved = {rule.pack for rule in CATALOGUE.rules.values() for case in rule.cases if case.history}
    assert proved >= {"payments", "accounts", "messaging", "telecom", "goods"}


def test_overrides_shadows_and_rollouts_are_shown_by_example() -> None:
    rules = CATALOGUE.rules.values()
    assert any(rule.override for rule in rules)
    assert any(rule.force for rule in rules)
    assert any(rule.state is RuleState.SHADOW for rule in rules)
    assert any(rule.rollout is not None for rule in rules)


def test_a_version_is_the_hash_of_the_content() -> None:
    again = load_packs([shipped_packs()])
    assert again.hashes == CATALOGUE.hashes
    assert len(set(CATALOGUE.hashes.values())) == len(CATALOGUE.packs)
