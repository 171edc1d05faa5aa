"""A case goes where the first rule that fits it says, and a rule that cannot be meant is refused with its place."""

from pathlib import Path

import pytest

from tests.reference.loop import DAY, HOUR, NOW, suspected
from tocsin.app.loop.routes import load_routes
from tocsin.app.settings import Settings
from tocsin.cases.case import SourceKind
from tocsin.cases.routing import read_routes, route_case
from tocsin.model.errors import InputError

RULES = b"""
routes:
  - when: {typology: [POLICE, INVEST], harm_from: 50000}
    queue: urgent
    skill: impersonation
    four_eyes: true
    due: 2h
  - when: {source: [report], lang: [zh]}
    queue: reports-zh
  - when: {queue: [mule-accounts]}
    due: 12h
  - when: {}
    queue: rest
"""
ROUTES = read_routes(RULES, "queues.yaml")


def test_the_first_rule_that_fits_holds() -> None:
    grave = route_case(suspected(typology="POLICE", harm=50_000), ROUTES, NOW)
    assert (grave.queue, grave.skill, grave.four_eyes, grave.due_at) == (
        "urgent",
        "impersonation",
        True,
        NOW + 2 * HOUR,
    )
    lesser = route_case(suspected(typology="POLICE", harm=49_999, four_eyes=True), ROUTES, NOW)
    assert (lesser.queue, lesser.four_eyes, lesser.due_at) == ("mule-accounts", True, NOW + 12 * HOUR)
    told = route_case(suspected(source=SourceKind.REPORT, lang="zh"), ROUTES, NOW)
    assert (told.queue, told.due_at) == ("reports-zh", NOW + DAY)
    assert route_case(suspected(queue="other"), ROUTES, NOW).queue == "rest"
    assert route_case(suspected(), (), NOW) == suspected()


def test_a_time_that_somebody_named_is_not_put_off() -> None:
    soon = suspected(source=SourceKind.PERSON, due_at=NOW + HOUR)
    assert route_case(soon, ROUTES, NOW).due_at == NOW + HOUR
    late = suspected(source=SourceKind.PERSON, due_at=NOW + 9 * DAY)
    assert route_case(late, ROUTES, NOW).due_at == NOW + 12 * HOUR


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("routes: [{when: {}, queue: a}, {when: {typology: [X]}, queue: b}]", "rule 2: there is no typology `X`"),
        ("routes: [{when: {}, due: soon}]", "rule 1: `soon` is no span of time"),
        ("routes: [{when: {}}]", "rule 1: it changes nothing"),
        ("routes: [{when: {}, queue: a}, {when: {lang: [zh]}, queue: b}]", "rule 1 fits every case"),
        ("routes: [{when: {harm: 3}, queue: a}]", "rule 1, when: object contains unknown field `harm`"),
        ("routes: [{when: {source: [rumour]}, queue: a}]", "rule 1, when.source"),
        ("routes: [{queue: a}]", "rule 1: object missing required field `when`"),
        ("routes: [{when: {}, queue: ''}]", "rule 1, queue"),
        ("routes:\n  - [", ":2: no YAML"),
        ("- a", "expected `object`"),
        ("routes: []\nother: 1", "unknown field `other`"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError) as told:
        read_routes(text.encode(), "queues.yaml")
    assert str(told.value).startswith("queues.yaml")
    assert said.lower() in str(told.value).lower()


def test_the_settings_name_the_file_and_a_missing_one_is_told(tmp_path: Path) -> None:
    file = tmp_path / "queues.yaml"
    with pytest.raises(InputError, match=r"queues: .*queues\.yaml"):
        load_routes(Settings(queues=str(file)))
    file.write_bytes(RULES)
    assert load_routes(Settings(queues=str(file))) == ROUTES
    assert load_routes(Settings()) == ()


@pytest.mark.parametrize("page", ["docs/loop.en.md", "docs/loop.zh.md"])
def test_the_rules_that_the_handbook_shows_can_be_read(page: str) -> None:
    text = (Path(__file__).parents[3] / page).read_text(encoding="utf-8")
    shown = read_routes(text.partition("```yaml\n")[2].partition("```")[0].encode(), page)
    assert [route.queue for route in shown] == ["urgent", "reports-zh"]
