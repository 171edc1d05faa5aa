"""From rules to a decision, on packs written for each test."""

from pathlib import Path
from typing import Any

import pytest

from tocsin.app.bootstrap import load_packs
from tocsin.decide.decider import Decider, DeciderOptions
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import Decision
from tocsin.model.event_type import Column
from tocsin.model.outcome import Outcome
from tocsin.model.value import Value, ValueType
from tocsin.signals.detector import SignalUnavailable

RULE = """  {name}:
    title: {{en: a, zh: 甲}}
    on: payment.transfer
    when: {when}
    then: {{outcome: {outcome}, score: {score}, subject: sender}}
    because: {{en: x, zh: 乙}}
    cases:
      - {{name: a, fires: true, event: {{type: payment.transfer}}}}
      - {{name: b, fires: false, event: {{type: payment.transfer}}}}
{more}"""
EXTRAS = """features:
  sent:
    title: {en: a, zh: 甲}
    on: payment.transfer
    by: sender
    value: sum(amount)
    window: 1h
lists:
  friends: {title: {en: a, zh: 甲}, of: account, file: friends.csv, updated_at: 2026-01-01T00:00:00Z, stale_after: 10d}
"""


class Ticks:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += 500
        return self.now


class House:
    def __init__(self, folder: Path, rules: str, detectors: Any = (), *, features: bool = False) -> None:
        (folder / "pack.toml").write_text(
            'id = "test"\ntitle = {en = "t", zh = "t"}\nversion = "1"\nrequires = ["core"]\n'
        )
        (folder / "rules.yaml").write_text(EXTRAS + "rules:\n" + rules, encoding="utf-8")
        (folder / "friends.csv").write_text("value,expires_at,note\naccount:f,,\naccount:old,2026-01-05T00:00:00Z,\n")
        catalogue = load_packs([folder])
        self.reader = EventReader(catalogue.types)
        self.decider = Decider(
            catalogue, detectors, Ticks(), DeciderOptions(every_feature=features, show_features=features)
        )
        self.count = 0

    def pay(self, **fields: Any) -> Decision:
        self.count += 1
        event = {"id": f"e{self.count}", "type": "payment.transfer", "time": "2026-01-02T00:00:00Z"}
        event |= {"sender": "account:1", "payee": "account:2", "amount": 100}
        return self.decider.decide(self.reader.read_object(event | fields))


def rule(name: str, when: str, outcome: str = "warn", score: int = 0, more: str = "") -> str:
    return RULE.format(name=name, when=when, outcome=outcome, score=score, more=more)


def names(found: Any) -> list[str]:
    return [each.rule for each in found]


def test_every_rule_that_fires_is_named_and_the_gravest_outcome_wins(tmp_path: Path) -> None:
    rules = (
        rule("a", "amount > 1", "hold", 50) + rule("b", "amount > 2", "warn", 50) + rule("c", "amount > 999", "block")
    )
    decision = House(tmp_path, rules).pay()
    assert (decision.outcome, names(decision.fired), decision.score) == (Outcome.HOLD, ["a", "b"], 75.0)
    assert decision.fired[0].values == {"amount": 100.0}
    assert decision.took_us == 0.5


def test_an_override_ends_the_matter_unless_a_forced_rule_fires(tmp_path: Path) -> None:
    rules = (
        rule("gentle", "amount > 1", "hold", 40)
        + rule("trusted", "payee = 'account:t'", "allow", 0, "    lane: override\n")
        + rule("forced", "amount > 500", "block", 90, "    force: true\n")
    )
    house = House(tmp_path, rules)
    lifted, forced = house.pay(payee="account:t"), house.pay(payee="account:t", amount=600)
    assert (lifted.outcome, lifted.score, names(lifted.fired)) == (Outcome.ALLOW, 0.0, ["gentle", "trusted"])
    assert (forced.outcome, names(forced.fired)) == (Outcome.BLOCK, ["gentle", "trusted", "forced"])
    assert [each.lane for each in forced.fired] == ["", "override", "force"]


@pytest.mark.parametrize(("state", "seen"), [("shadow", True), ("draft", True), ("paused", False), ("retired", False)])
def test_rules_that_are_not_live_change_nothing(tmp_path: Path, state: str, seen: bool) -> None:
    decision = House(tmp_path, rule("a", "amount > 1", "block", 90, f"    state: {state}\n")).pay()
    assert (decision.outcome, decision.score, names(decision.fired)) == (Outcome.ALLOW, 0.0, [])
    assert names(decision.shadow) == (["a"] if seen else [])


def test_a_rollout_takes_the_same_subjects_every_time_and_about_its_share(tmp_path: Path) -> None:
    house = House(tmp_path, rule("a", "amount > 1", "hold", 10, "    rollout: 20\n"))
    first = [bool(house.pay(sender=f"account:{n}").fired) for n in range(1_000)]
    again = [bool(house.pay(sender=f"account:{n}").fired) for n in range(1_000)]
    assert first == again
    assert 150 < sum(first) < 250


def test_a_rollout_that_grows_keeps_those_it_has(tmp_path: Path) -> None:
    taken = []
    for share in (10, 40):
        folder = tmp_path / str(share)
        folder.mkdir()
        house = House(folder, rule("a", "amount > 1", "hold", 10, f"    rollout: {share}\n"))
        taken.append({n for n in range(500) if house.pay(sender=f"account:{n}").fired})
    assert taken[0] < taken[1]


def test_the_same_id_again_is_the_same_decision_and_counts_once(tmp_path: Path) -> None:
    house = House(tmp_path, rule("a", "sent >= 150", "hold"), features=True)
    first = house.pay(id="x")
    assert house.pay(id="x", amount=999) is first
    assert house.decider.duplicates == 1
    assert house.pay().features == {"sent": 100.0}


def test_an_event_reads_its_windows_before_it_feeds_them(tmp_path: Path) -> None:
    house = House(tmp_path, rule("a", "sent > 0", "hold"))
    assert [bool(house.pay().fired) for _ in range(2)] == [False, True]


def test_a_missing_attribute_never_fires_and_never_raises(tmp_path: Path) -> None:
    assert not House(tmp_path, rule("a", "payee_age_days < 5") + rule("b", "not (payee_age_days >= 5)")).pay().fired


def test_list_entries_expire_by_the_events_time_and_stale_lists_are_named(tmp_path: Path) -> None:
    house = House(tmp_path, rule("a", "in_list(payee, 'friends')") + rule("b", "not in_list(payee, 'friends')", "hold"))
    assert names(house.pay(payee="account:old").fired) == ["a"]
    assert names(house.pay(payee="account:old", time="2026-01-06T00:00:00Z").fired) == ["b"]
    stale = house.pay(payee="account:f", time="2026-01-20T00:00:00Z")
    assert not stale.fired
    assert [each.name for each in stale.unavailable] == ["list:friends"]


def test_a_late_event_is_decided_without_its_windows_and_says_so(tmp_path: Path) -> None:
    house = House(tmp_path, rule("a", "coalesce(sent, -1) < 0", "hold"))
    house.pay(time="2026-01-02T12:00:00Z")
    late = house.pay(time="2026-01-02T10:00:00Z")
    assert names(late.fired) == ["a"]
    assert late.unavailable[0].name == "sent"
    assert late.unavailable[0].cause.startswith("late")
    assert house.decider.features.late == 1


class BrokenDetector:
    name = "broken"
    needs = (("purpose", ValueType.STRING),)
    gives = (Column("mood", ValueType.STRING, nullable=True),)

    def detect(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        if values[0] == "fail":
            raise SignalUnavailable("the model cannot be loaded")
        return ("calm",)


def test_a_failing_detector_gives_null_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.app.bootstrap.make_detectors", lambda: (BrokenDetector(),))
    house = House(tmp_path, rule("a", "mood = 'calm'") + rule("b", "mood is null", "hold"), (BrokenDetector(),))
    assert names(house.pay(purpose="x").fired) == ["a"]
    broken = house.pay(purpose="fail")
    assert names(broken.fired) == ["b"]
    assert [(each.name, each.cause) for each in broken.unavailable] == [("mood", "the model cannot be loaded")]


def test_rules_of_other_event_types_leave_no_trace(tmp_path: Path) -> None:
    other = (
        rule("a", "device_new")
        .replace("on: payment.transfer", "on: account.login")
        .replace("subject: sender", "case: w")
    )
    house = House(tmp_path, other * 1 + rule("b", "amount > 1"))
    plan = house.decider._plan.types
    assert [term.id for term in plan["payment.transfer"].terms] == ["b"]  # type: ignore[index]
