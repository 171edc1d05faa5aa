"""The alerts and the dashboard name only what the service exports, and every alert is explained in both languages."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.promql import Wrong, read
from tocsin.app.service.tally import Gauges, Tally
from tocsin.model.decision import Decision, FiredRule, RuleId, Unavailable
from tocsin.model.errors import MalformedEvent
from tocsin.model.event import EventId
from tocsin.model.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
BOARD = json.loads((ROOT / "deploy/grafana/tocsin.json").read_text(encoding="utf-8"))
TARGETS = [(panel["title"], target["expr"]) for panel in BOARD["panels"] for target in panel["targets"]]
OF_EVERY_TARGET = {"instance", "job"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def exported() -> dict[str, set[str]]:
    """Every series that the service gives to Prometheus, with its labels."""
    gauges = Gauges(
        journal_waiting=0,
        journal_last_seq=0,
        state_cells=0,
        state_entries=0,
        state_bytes=0,
        late=0,
        ready=True,
        consumer_lag=0,
    )
    tally = Tally(lambda: gauges)
    fired = (FiredRule(RuleId("r"), {}),)
    tally.add(
        Decision(
            event_id=EventId("e"),
            outcome=Outcome.HOLD,
            score=1,
            fired=fired,
            shadow=fired,
            packs={},
            took_us=1,
            unavailable=(Unavailable("name", "cause"),),
        )
    )
    tally.reject(MalformedEvent("", "x"))
    tally.requests["/v1/decisions", 200] += 1
    tally.latency.add(0.1)
    found: dict[str, set[str]] = {"up": set()}
    for metric in tally.collect():
        for sample in metric.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


EXPORTED = exported()


def check(expression: str) -> set[str]:
    names, matched, grouped = read(expression)
    assert names, expression
    for name in names:
        assert name in EXPORTED, f"{name} is not exported"
    for name, label in matched:
        assert label in EXPORTED[name] | OF_EVERY_TARGET, f"{name} has no label {label}"
    known = set().union(*(EXPORTED[name] for name in names)) | OF_EVERY_TARGET
    assert grouped <= known, expression
    return names


def test_everything_that_the_service_exports_is_on_the_dashboard() -> None:
    shown = set().union(*(check(expression) for _, expression in TARGETS))
    missing = {name for name in EXPORTED if name not in shown | {"up"} and not name.endswith(("_sum", "_count"))}
    assert missing == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_complete_and_explained_in_both_languages(rule: dict[str, Any]) -> None:
    check(rule["expr"])
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    notes = rule["annotations"]
    assert set(notes) == {"summary", "summary_zh", "description", "description_zh", "docs"}
    for name, text in notes.items():
        assert text.count("{{") == text.count("}}")
        assert bool(CHINESE.search(text)) == name.endswith("_zh")
    page, _, anchor = notes["docs"].partition("#")
    assert anchor == rule["alert"].lower()
    for language in ("en", "zh"):
        text = (ROOT / page.replace(".en.", f".{language}.")).read_text(encoding="utf-8")
        parts = re.split(r"^## ", text, flags=re.MULTILINE)
        explained = [part for part in parts if part.startswith(f"{rule['alert']}\n")]
        assert len(explained) == 1
        assert len(explained[0].split("\n", 1)[1].strip()) > 60


def test_no_alert_is_explained_that_does_not_exist() -> None:
    text = (ROOT / "docs/alerts.en.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (Tocsin\w+)$", text, re.MULTILINE)) == {rule["alert"] for rule in RULES}


def test_what_must_be_watched_is_watched() -> None:
    watched = {rule["alert"]: check(rule["expr"]) for rule in RULES}
    for name in (
        "up",
        "tocsin_ready",
        "tocsin_journal_waiting",
        "tocsin_http_requests_total",
        "tocsin_decision_seconds_bucket",
        "tocsin_rejects_total",
        "tocsin_decisions_total",
        "tocsin_unavailable_total",
        "tocsin_consumer_lag",
        "tocsin_clock_seconds",
        "tocsin_disk_free_bytes",
    ):
        assert any(name in names for names in watched.values()), name


@pytest.mark.parametrize(("title", "expression"), TARGETS)
def test_a_panel_asks_for_what_is_exported(title: str, expression: str) -> None:
    check(expression)
    assert CHINESE.search(title)
    assert " · " in title


def test_the_dashboards_panels_stand_beside_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    numbers = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(tocsin_nothing_total[5m])",
        'tocsin_ready{outcome="x"}',
        "sum by (rule) (tocsin_ready)",
        "rate(tocsin_ready[5m]",
        "tocsin_ready{instance=5}",
    ],
)
def test_the_check_itself_finds_what_is_wrong(expression: str) -> None:
    with pytest.raises((AssertionError, Wrong)):
        check(expression)
