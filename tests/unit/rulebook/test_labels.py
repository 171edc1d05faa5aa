"""What is known, since when, and what it says of a rule."""

import pytest

from tests.reference.loop import DAY, NOW
from tocsin.app.storage.records import Records
from tocsin.records.errors import LabelWrong
from tocsin.rulebook.labels import NewLabel, RuleRecord, add_label, known_of, record_of


def test_a_later_label_stands_over_an_earlier_one_from_its_day_on(records: Records) -> None:
    with records.session() as session:
        add_label(session, NewLabel(label="AIDING", entity="account:m", source="case:1"), "person:a", NOW)
        add_label(session, NewLabel(label="good", entity="account:m", source="appeal:1"), "person:b", NOW + DAY)
        assert known_of(session, ["account:m", "account:x"], NOW - 1) == {}
        assert known_of(session, ["account:m"], NOW + DAY - 1) == {"account:m": "AIDING"}
        assert known_of(session, ["account:m"], NOW + DAY) == {"account:m": "good"}


def test_the_same_from_the_same_source_is_written_once(records: Records) -> None:
    wanted = NewLabel(label="INVEST", event="e1", entity="account:m", source="case:1")
    with records.session() as session:
        first = add_label(session, wanted, "person:a", NOW)
        assert add_label(session, wanted, "person:a", NOW + 1).number == first.number
        other = NewLabel(label="good", event="e1", entity="account:m", source="case:1")
        assert add_label(session, other, "person:a", NOW + 2).number != first.number
        assert add_label(session, wanted, "person:a", NOW + 3).number > first.number + 1


def test_a_rule_is_credited_and_charged(records: Records) -> None:
    with records.session() as session:
        for number, label in enumerate(["AIDING", "good", "AIDING", "INVEST"]):
            wanted = NewLabel(label=label, entity=f"account:{number}", source="case:1", rule="r")
            add_label(session, wanted, "person:a", NOW + number * DAY)
        assert record_of(session, "r", NOW) == RuleRecord("r", 3, 1)
        assert record_of(session, "r", NOW + 2 * DAY) == RuleRecord("r", 2, 0)
        assert record_of(session, "other", NOW) == RuleRecord("other", 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"label": "bad"},
        {"entity": ""},
        {"entity": "nobody"},
        {"entity": "account:\ud800"},
        {"source": ""},
        {"confidence": 0},
        {"confidence": 101},
        {"event": "e" * 257},
    ],
)
def test_a_label_that_says_nothing_is_refused(records: Records, changes: dict[str, str]) -> None:
    fields = {"label": "good", "entity": "account:m", "source": "case:1", **changes}
    with records.session() as session, pytest.raises(LabelWrong):
        add_label(session, NewLabel(**fields), "person:a", NOW)  # type: ignore[arg-type]
