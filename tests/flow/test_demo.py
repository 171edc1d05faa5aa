"""The demonstration from the seed to the judgement."""

import json
import subprocess
import sys
from pathlib import Path

from tocsin.app.bootstrap import load_packs
from tocsin.app.demo.judgement import judge
from tocsin.app.demo.platform import GOOD, LabelledEvent
from tocsin.app.demo.simulation import simulate
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import Decision, FiredRule, RuleId
from tocsin.model.event import EventId
from tocsin.model.outcome import Outcome


def test_the_same_seed_gives_the_same_platform_and_another_gives_another() -> None:
    one, same, other = (simulate(seed, people=200, events_a_day=300) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_every_simulated_event_is_one_that_the_packs_know() -> None:
    events = simulate(3, people=300, events_a_day=500)
    reader = EventReader(load_packs([]).types)
    for each in events:
        reader.read_object(each.event)
    assert {each.label for each in events} >= {
        "BRUSH",
        "CSREF",
        "POLICE",
        "INVEST",
        "LOAN",
        "ROMINV",
        "SEXT",
        "PHISH",
        "AIDING",
        "CARDS",
        "GAME",
    }
    assert len({each.event["type"] for each in events}) == 12
    hours = [int(str(each.event["time"])[11:13]) for each in events if each.label == GOOD]
    night, evening = sum(17 <= hour <= 20 for hour in hours), sum(10 <= hour <= 13 for hour in hours)
    assert night < evening / 3, "nights in China are quiet"


def test_the_judgement_counts_what_was_caught_saved_lost_and_whom_it_hurt() -> None:
    def event(name: str, at: str, label: str, amount: float = 0) -> LabelledEvent:
        wire = {"id": name, "type": "payment.transfer", "time": at, "sender": f"account:{name}", "amount": amount}
        return LabelledEvent(wire, label, "" if label == GOOD else "story-1", "" if label == GOOD else "S6")

    def decision(name: str, outcome: Outcome) -> Decision:
        fired = () if outcome is Outcome.ALLOW else (FiredRule(RuleId("r"), {}),)
        return Decision(event_id=EventId(name), outcome=outcome, score=0, fired=fired, shadow=(), packs={}, took_us=1)

    events = [
        event("a", "2026-01-01T00:00:00Z", "LOAN", 100),
        event("b", "2026-01-01T00:30:00Z", "LOAN", 50),
        event("g", "2026-01-01T00:00:00Z", GOOD, 5),
        event("h", "2026-01-01T00:00:00Z", GOOD, 5),
    ]
    outcomes = {"a": Outcome.ALLOW, "b": Outcome.HOLD, "g": Outcome.CHALLENGE, "h": Outcome.WARN}
    found = judge([*events, events[0]], {name: decision(name, outcome) for name, outcome in outcomes.items()})
    (story,) = found.stories
    assert (story.caught, story.after_minutes, story.saved, story.lost, story.events) == (True, 30.0, 50, 100, 2)
    assert (found.hurt_users, found.warned, found.good_events, found.hurt_by_rule) == (1, 1, 2, {"r": 1})


def test_the_demo_command_tells_an_honest_story(tmp_path: Path) -> None:
    tocsin = str(Path(sys.executable).with_name("tocsin"))
    done = subprocess.run(
        [tocsin, "demo", "--out", str(tmp_path), "--json"], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    caught = [story for story in found["stories"] if story["caught"]]
    assert len(found["stories"]) == 42
    assert 25 <= len(caught) < 42, "most are caught, and the careful ones are not all"
    hurt = {each["user"] for each in found["hurt"]}
    assert len(hurt) < found["good_users"] * 0.01
    shown = subprocess.run(
        [tocsin, "demo", "--out", str(tmp_path), "--lang", "zh"], capture_output=True, text=True, check=True
    )
    assert "漏过" in shown.stdout
    assert "杀猪盘 3（谨慎作案）" in shown.stdout
    assert "…" not in shown.stdout, "no rule's name is cut off"
    loop = shown.stdout[shown.stdout.index("闭环：从引流到答复、结案") :]
    for step in (
        "骗局开始（S1",
        "同时立案",
        "已执行",
        "尚不能结案，还差：",
        "案件 1 结案",
        "提出申诉",
        "立即解除 1 项措施",
        "不再有任何限制",
    ):
        assert step in loop, step
    assert "判错 1 次" in loop
    assert "审计日志：校验通过" in loop
    assert "[info" not in shown.stdout, "nothing but the story is told"
    for line in shown.stdout.splitlines()[-3:]:
        command = line.split("：", 1)[1]
        done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, check=True)
        assert done.stdout.strip(), command
    labels = (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines()
    events = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert labels[0] == "event_id,label,story,stage"
    assert len(labels) == len(events) + 1
