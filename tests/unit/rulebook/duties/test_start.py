"""Which clocks an event starts, and which of them may be called law."""

from datetime import date

import pytest
from msgspec.structs import replace

from tocsin.app.bootstrap import load_duties
from tocsin.rulebook.duties.duty import (
    DutyId,
    Provenance,
    Purpose,
    Status,
    deadline_shown_as_law,
    is_overdue_status,
    shown_as_law,
)
from tocsin.rulebook.duties.register import Register
from tocsin.rulebook.duties.span import read_span
from tocsin.rulebook.duties.start import ClockSpec, InternalSpec, StatutorySpec, binding, clocks_started_by


@pytest.fixture(scope="module")
def register() -> Register:
    return load_duties([])


def spoken(specs: list[ClockSpec]) -> list[tuple[str, str, str]]:
    return [
        ("law", spec.duty, str(spec.span))
        if isinstance(spec, StatutorySpec)
        else (spec.ground, spec.policy, str(spec.span))
        for spec in specs
    ]


def started(register: Register, regime: str, event: str, **facts: str) -> list[tuple[str, str, str]]:
    return spoken(clocks_started_by(register.duties_under(regime), event, facts))


def test_a_number_of_the_law_starts_a_statutory_clock_and_the_stricter_policy_an_internal_one(
    register: Register,
) -> None:
    found = started(register, "TW", "notice.received", subject="advert", source="police")
    assert found == [("law", "TW-06", "24 hours"), ("stricter", "TW-06", "12 hours")]


def test_a_word_of_the_law_starts_only_the_platforms_own_clock(register: Register) -> None:
    assert started(register, "CN-APTOF", "appeal.received") == [("word", "CN-24/check", "3 working days")]


def test_an_appeal_upheld_is_lifted_at_once_by_law(register: Register) -> None:
    assert started(register, "CN", "appeal.upheld") == [("law", "CN-24", "at once")]


def test_what_is_not_in_force_not_verified_or_pledged_starts_no_statutory_clock(register: Register) -> None:
    assert ("not_in_force", "AU-04", "28 days") in started(register, "AU", "intelligence.received")
    assert started(register, "UK", "pledge.signed") == [("pledge", "UK-06", "6 months")]
    assert ("unverified", "SG-07", "1 year") in started(register, "SG", "year.ended")
    assert started(register, "CN-OTHER", "growth.noticed") == [("unverified", "CNX-14/report", "30 working days")]
    for duty in register.duties.values():
        for event in register.words.events:
            for spec in clocks_started_by([duty], event, {}):
                if isinstance(spec, StatutorySpec):
                    assert shown_as_law(duty)
                    assert duty.provenance is not Provenance.UNVERIFIED


def test_a_fact_that_does_not_fit_starts_nothing_and_one_that_is_not_told_starts_in_doubt(register: Register) -> None:
    assert started(register, "TW", "notice.received", subject="listing", source="police") == []
    assert len(started(register, "TW", "notice.received")) == 2
    check = started(register, "CN-APTOF", "request.received", request="check_accounts", source="police")
    assert check == [("law", "CN-09", "as stated"), ("stricter", "CN-09", "3 working days")]
    disclose = started(register, "CN", "request.received", request="disclose", source="police")
    assert ("law", "CNX-16", "as stated") in disclose
    assert all("CN-09" not in policy for _, policy, _ in disclose)


def test_a_minimum_keeps_its_purpose_and_a_look_back_runs_on_no_clock(register: Register) -> None:
    window = clocks_started_by(register.duties_under("EU"), "notice.delivered", {})
    assert [(spec.purpose, str(spec.span)) for spec in window] == [(Purpose.OPEN, "at least 6 months")]
    assert all("reach" not in policy for _, policy, _ in started(register, "EU", "listing.flagged"))


def test_standing_duties_and_gates_before_an_event_start_no_clock(register: Register) -> None:
    assert started(register, "CN", "standing") == []
    assert started(register, "CN", "account.registering") == []


def test_the_platforms_own_span_takes_the_place_of_the_suggested_one(register: Register) -> None:
    own = {"CN-24/check": read_span("1 working day"), "CN-24/lift": read_span("5 minutes")}
    duties = register.duties_under("CN-APTOF")
    checked = clocks_started_by(duties, "appeal.received", {}, own)
    assert [(type(spec), str(spec.span)) for spec in checked] == [(InternalSpec, "1 working day")]
    lifted = clocks_started_by(duties, "appeal.upheld", {}, own)
    assert spoken(lifted) == [("law", "CN-24", "at once"), ("stricter", "CN-24/lift", "5 minutes")]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("provenance", list(Provenance))
def test_only_what_is_in_force_and_was_read_is_shown_as_law(
    register: Register, status: Status, provenance: Provenance
) -> None:
    duty = replace(register.duties[DutyId("CN-08")], status=status, provenance=provenance)
    expected = status is Status.IN_FORCE and provenance in {Provenance.PRIMARY, Provenance.SECONDARY}
    assert shown_as_law(duty) is expected
    assert deadline_shown_as_law(duty, register.duties[DutyId("CN-08")].deadlines[0]) is expected


def test_a_deadline_nobody_verified_is_no_law_though_its_duty_is(register: Register) -> None:
    duty = register.duties[DutyId("CNX-14")]
    assert shown_as_law(duty)
    assert [deadline_shown_as_law(duty, each) for each in duty.deadlines] == [True, False]


def test_a_clause_whose_announced_day_has_come_is_to_be_read_again_and_is_no_law_by_itself(register: Register) -> None:
    duty = register.duties[DutyId("AU-04")]
    assert not is_overdue_status(duty, date(2027, 3, 30))
    assert is_overdue_status(duty, date(2027, 3, 31))
    assert not shown_as_law(duty)


def test_duties_are_found_by_regime_and_by_jurisdiction(register: Register) -> None:
    assert len(register.duties_under("CN")) == 51
    assert len(register.duties_under("CN-APTOF")) == 27
    assert register.duties_under("XX") == []


def test_a_duty_of_others_does_not_bind_the_platform_and_one_of_everybody_does(register: Register) -> None:
    bound = {duty.id for duty in binding(register.duties.values(), {"isp", "designated_service"})}
    assert "SG-09" not in bound
    assert bound >= {"CN-08", "CN-03", "CN-21", "SG-04"}
    assert {duty.id for duty in binding(register.duties.values(), {"bank"})} >= {"SG-09", "CN-24"}
