"""A measure is taken on a basis, by who may, once; it is carried out, and it has a way back that leaves nothing standing."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.loop import ANN, BEN, HOUR, NOW, PLATFORM, RULE, at, wanted
from tocsin.app.storage.records import Records
from tocsin.measures.bulk import (
    apply_batch,
    count_batch,
    find_batch,
    foresee,
    plan_batch,
    undo_batch,
    undo_part,
)
from tocsin.measures.instruction import confirm, fail, pull
from tocsin.measures.kind import TERMS, MeasureKind, parse_measure
from tocsin.measures.ladder import RUNGS, Rung, rung_of
from tocsin.measures.lifting import expire_due, lift, repeat_lift
from tocsin.measures.measure import Policy, decline, kinds_in_force, may_order_by_itself, order, propose
from tocsin.measures.reconciliation import Difference, Held, compare_state
from tocsin.measures.state import STEPS, MeasureState, Step, after
from tocsin.measures.tables import Instruction, Measure
from tocsin.records.errors import MeasureWrong
from tocsin.records.tables import AuditEntry, Message

K = MeasureKind


def ordered(session: Session, kind: MeasureKind = K.LIMIT, subject: str = "account:m", **given: object) -> Measure:
    measure = propose(session, wanted(kind, subject, **given), at(ANN))
    order(session, measure, at(ANN))
    if TERMS[kind].people == 2:
        order(session, measure, at(BEN))
    return measure


def carry_out(session: Session, hours: float = 1) -> list[tuple[str, str]]:
    """The platform does everything that it is told, in the order in which it gets it."""
    done: list[tuple[str, str]] = []
    while found := pull(session, 100, NOW + round(hours * HOUR)):
        for instruction in found:
            confirm(session, instruction, at(PLATFORM, hours))
            done.append((instruction.verb, instruction.subject))
    return done


def states(measures: Sequence[Measure]) -> list[str]:
    return [measure.state for measure in measures]


def test_a_measure_goes_from_proposed_to_confirmed_and_back(records: Records) -> None:
    with records.session() as session:
        measure = propose(session, wanted(), at(RULE))
        assert (measure.state, measure.automatic, measure.ordered_at) == ("proposed", True, None)
        assert order(session, measure, at(ANN, 1))
        assert (measure.state, measure.ends_at) == ("ordered", NOW + HOUR + 7 * 24 * HOUR)
        assert [each.measure for each in pull(session, 10, NOW)] == [measure.number]
        assert measure.state == "delivered"
        assert carry_out(session) == [("apply", "account:m")]
        assert measure.state == "confirmed"
        lift(session, measure, at(BEN, 2), "it was his own company")
        assert measure.state == "lifting"
        assert carry_out(session) == [("lift", "account:m")]
        assert measure.state == "lifted"
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.number)).all()
        assert acts == ["measure.propose", "measure.order", "measure.confirmed", "measure.lift", "measure.confirmed"]
        told = session.scalars(select(Message.type).order_by(Message.number)).all()
        assert told == ["measure.ordered", "measure.confirmed", "measure.lifted", "measure.confirmed"]


def test_the_same_measure_twice_is_one_until_it_is_lifted(records: Records) -> None:
    with records.session() as session:
        first = ordered(session)
        assert propose(session, wanted(), at(RULE)).number == first.number
        assert propose(session, wanted(scope="call"), at(RULE)).number != first.number
        lift(session, first, at(ANN), "wrong")
        assert propose(session, wanted(), at(RULE)).number != first.number


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (K.LIMIT, {"subject": "listing:1"}, "is taken on"),
        (K.LIMIT, {"subject": "nobody"}, "is taken on"),
        (K.TAKE_DOWN, {"subject": "account:1"}, "is taken on"),
        (K.LIMIT, {"scope": ""}, "names a function"),
        (K.SUSPEND, {"scope": "call"}, "names no function"),
        (K.SUSPEND, {"basis": " "}, "a basis"),
        (K.SUSPEND, {"reason": ""}, "a reason"),
        (K.SUSPEND, {"span_us": 0}, "lasts"),
    ],
)
def test_a_measure_that_lacks_something_is_not_taken(
    records: Records, kind: MeasureKind, changes: dict[str, str], words: str
) -> None:
    with records.session() as session:
        with pytest.raises(MeasureWrong, match=words):
            propose(session, wanted(kind, **changes), at(ANN))
        assert session.scalars(select(Measure)).all() == []


def test_closing_and_barring_need_two_different_people(records: Records) -> None:
    with records.session() as session:
        measure = propose(session, wanted(K.CLOSE), at(RULE))
        with pytest.raises(MeasureWrong, match="a person"):
            order(session, measure, at(RULE))
        assert not order(session, measure, at(ANN))
        assert (measure.state, measure.endorsed_by) == ("proposed", str(ANN))
        with pytest.raises(MeasureWrong, match="second person"):
            order(session, measure, at(ANN))
        assert order(session, measure, at(BEN))
        assert (measure.state, measure.ordered_by) == ("ordered", str(BEN))


def test_a_rule_orders_by_itself_up_to_a_level_and_so_many_in_an_hour(records: Records) -> None:
    policy = Policy(automatic_level=3, rule_per_hour=2)
    with records.session() as session:
        grave = propose(session, wanted(K.SUSPEND, rule="r"), at(RULE))
        assert may_order_by_itself(session, grave, policy, NOW) == "needs a person"
        mild = propose(session, wanted(rule="r"), at(RULE))
        assert may_order_by_itself(session, mild, Policy(automatic_level=2), NOW) == "graver than rules may order here"
        by_hand = propose(session, wanted(subject="account:hand"), at(ANN))
        assert may_order_by_itself(session, by_hand, policy, NOW) == "not proposed by a rule"
        for number in range(2):
            each = propose(session, wanted(subject=f"account:{number}", rule="r"), at(RULE))
            assert may_order_by_itself(session, each, policy, NOW) == ""
            order(session, each, at(RULE))
        assert "in an hour" in may_order_by_itself(session, mild, policy, NOW + HOUR - 1)
        assert may_order_by_itself(session, mild, policy, NOW + HOUR) == ""


def test_a_declined_proposal_may_be_made_again(records: Records) -> None:
    with records.session() as session:
        measure = propose(session, wanted(), at(RULE))
        with pytest.raises(MeasureWrong, match="says why"):
            decline(session, measure, at(ANN), " ")
        decline(session, measure, at(ANN), "a known shop")
        with pytest.raises(MeasureWrong, match="declined"):
            order(session, measure, at(ANN))
        assert propose(session, wanted(), at(RULE)).number != measure.number


def test_a_lift_takes_along_everything_that_the_measure_brought_about(records: Records) -> None:
    with records.session() as session:
        closed = ordered(session, K.CLOSE)
        goods = [ordered(session, K.TAKE_DOWN, f"listing:{number}", parent=closed.number) for number in range(3)]
        link = ordered(session, K.BLOCK_INDICATOR, "url:u", parent=goods[0].number)
        other = ordered(session, K.TAKE_DOWN, "listing:9")
        carry_out(session)
        lifted = lift(session, closed, at(ANN, 5), "appeal upheld")
        assert {each.number for each in lifted} == {closed.number, link.number, *(each.number for each in goods)}
        assert sorted(carry_out(session, 6)) == sorted(
            [("lift", "account:m"), ("lift", "url:u"), *(("lift", f"listing:{number}") for number in range(3))]
        )
        assert set(states([closed, link, *goods])) == {"lifted"}
        assert other.state == "confirmed"


def test_what_stands_for_another_reason_goes_on_standing(records: Records) -> None:
    with records.session() as session:
        own = ordered(session, K.TAKE_DOWN, "listing:1")
        closed = ordered(session, K.CLOSE)
        brought = ordered(session, K.TAKE_DOWN, "listing:1", parent=closed.number)
        carry_out(session)
        lift(session, closed, at(ANN, 2), "wrong account")
        assert carry_out(session, 3) == [("lift", "account:m")]
        assert states([own, brought]) == ["confirmed", "lifted"]
        lift(session, own, at(ANN, 4), "wrong goods")
        assert carry_out(session, 5) == [("lift", "listing:1")]


def test_what_the_platform_has_not_seen_is_withdrawn(records: Records) -> None:
    with records.session() as session:
        measure = ordered(session)
        lift(session, measure, at(ANN), "a slip")
        assert measure.state == "lifted"
        assert pull(session, 10, NOW) == []


def test_a_failed_measure_stays_owed_until_it_is_ordered_again(records: Records) -> None:
    with records.session() as session:
        measure = ordered(session)
        (instruction,) = pull(session, 10, NOW)
        with pytest.raises(MeasureWrong, match="says why"):
            fail(session, instruction, at(PLATFORM), "")
        assert fail(session, instruction, at(PLATFORM), "no such account")
        assert not fail(session, instruction, at(PLATFORM), "no such account")
        with pytest.raises(MeasureWrong, match="failed before"):
            confirm(session, instruction, at(PLATFORM))
        assert (measure.state, measure.failure) == ("failed", "no such account")
        order(session, measure, at(ANN, 1))
        carry_out(session, 2)
        assert (measure.state, measure.failure, measure.starts_at) == ("confirmed", "", NOW)


def test_a_lift_that_failed_is_repeated(records: Records) -> None:
    with records.session() as session:
        measure = ordered(session)
        carry_out(session)
        lift(session, measure, at(ANN, 2), "wrong")
        (instruction,) = pull(session, 10, NOW)
        fail(session, instruction, at(PLATFORM, 3), "busy")
        assert (measure.state, measure.failure) == ("lifting", "busy")
        repeat_lift(session, measure, at(ANN, 4))
        carry_out(session, 5)
        assert measure.state == "lifted"
        with pytest.raises(MeasureWrong):
            repeat_lift(session, measure, at(ANN, 6))


def test_an_answer_to_a_measure_that_is_being_lifted_changes_nothing(records: Records) -> None:
    with records.session() as session:
        measure = ordered(session)
        (apply,) = pull(session, 10, NOW)
        lift(session, measure, at(ANN, 1), "wrong")
        confirm(session, apply, at(PLATFORM, 2))
        assert measure.state == "lifting"
        assert carry_out(session, 3) == [("lift", "account:m")]
        assert measure.state == "lifted"


def test_instructions_on_one_subject_come_one_after_the_other(records: Records) -> None:
    with records.session() as session:
        ordered(session, scope="call")
        ordered(session, scope="sms")
        ordered(session, subject="account:other")
        first = pull(session, 10, NOW)
        assert [(each.subject, each.number) for each in first] == [("account:m", 1), ("account:other", 3)]
        assert [each.number for each in pull(session, 10, NOW)] == [1, 3]
        confirm(session, first[0], at(PLATFORM))
        assert [each.number for each in pull(session, 10, NOW)] == [2, 3]


def test_a_measure_ends_by_itself_with_what_it_brought_about(records: Records) -> None:
    with records.session() as session:
        hold = ordered(session, K.HOLD_PAYMENT)
        child = ordered(session, K.LABEL, "listing:1", parent=hold.number)
        lasting = ordered(session, K.REVERIFY)
        carry_out(session)
        assert expire_due(session, NOW + 24 * HOUR - 1) == []
        assert {each.number for each in expire_due(session, NOW + 24 * HOUR)} == {hold.number, child.number}
        carry_out(session, 25)
        assert states([hold, child, lasting]) == ["lifted", "lifted", "confirmed"]
        assert hold.lifted_by == "system:tocsin"


def test_an_account_stands_on_the_highest_rung_of_what_is_in_force(records: Records) -> None:
    with records.session() as session:
        ordered(session, K.WATCH)
        limited = ordered(session, K.LIMIT)
        assert rung_of(kinds_in_force(session, "account:m")) is Rung.RESTRICTED
        lift(session, limited, at(ANN), "wrong")
        assert rung_of(kinds_in_force(session, "account:m")) is Rung.WATCHED
        ordered(session, K.CLOSE)
        with pytest.raises(MeasureWrong, match="closed"):
            propose(session, wanted(), at(ANN))
        ordered(session, K.BAR)
        assert rung_of(kinds_in_force(session, "account:m")) is Rung.BARRED


def test_a_dry_run_tells_and_touches_nothing(records: Records) -> None:
    many = [wanted(K.BLOCK_INDICATOR, f"url:{number}") for number in range(5)]
    with records.session() as session:
        ordered(session, K.BLOCK_INDICATOR, "url:0")
        plan = plan_batch(session, [*many, wanted(K.CLOSE), wanted(K.TAKE_DOWN)], at(ANN), "a list of the police")
        assert (plan.new, plan.known, [each.place for each in plan.refused]) == (4, 1, [5, 6])
        assert len(session.scalars(select(Measure)).all()) == 1


def test_a_bulk_act_goes_in_batches_once_and_is_undone_as_a_whole(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.measures.bulk.AT_ONCE", 3)
    many = [wanted(K.BLOCK_INDICATOR, f"url:{number}") for number in range(8)]
    with records.session() as session:
        number = plan_batch(session, many, at(ANN), "a list of the police").number
    place: int | None = 0
    steps = 0
    while place is not None:
        with records.session() as session:
            apply_batch(session, number, at(ANN), place)
            place = apply_batch(session, number, at(ANN), place)
            steps += 1
    assert steps == 3
    with records.session() as session:
        found = session.scalars(select(Measure).order_by(Measure.number)).all()
        assert [each.subject for each in found] == [f"url:{number}" for number in range(8)]
        carry_out(session)
        lift(session, found[0], at(ANN, 2), "a slip")
        undone = undo_batch(session, number, at(ANN, 3))
        assert (undone.lifted, undone.kept) == (7, ())
        with pytest.raises(MeasureWrong, match="undone before"):
            undo_batch(session, number, at(ANN, 4))
        with pytest.raises(MeasureWrong, match="undone"):
            apply_batch(session, number, at(ANN, 4))


def test_an_undo_goes_in_parts_and_on_where_it_was_interrupted(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [wanted(K.WARN if number % 2 else K.WATCH, f"account:{number}") for number in range(8)]
    with records.session() as session:
        number = plan_batch(session, many, at(ANN), "a list of the police").number
        apply_batch(session, number, at(ANN))
        lift(session, session.get_one(Measure, 2), at(ANN), "a slip")
        decline(session, propose(session, wanted(K.LIMIT, "account:0", batch=number), at(ANN)), at(ANN), "a slip")
    monkeypatch.setattr("tocsin.measures.bulk.AT_ONCE", 3)
    for expected in (4, 1):
        with records.session() as session:
            assert undo_part(session, number, at(ANN, 1)) is None
            batch = find_batch(session, number)
            assert (batch.undone_at, count_batch(session, batch).taken["ordered"]) == (None, expected)
    with records.session() as session:
        undone = undo_part(session, number, at(ANN, 1))
        assert undone is not None
        said = "what was said cannot be unsaid"
        assert (undone.lifted, undone.kept) == (7, ((4, said), (6, said), (8, said), (9, "the measure is declined")))
        assert find_batch(session, number).undone_at == at(ANN, 1).at


def test_what_would_become_of_a_plan_now_is_foreseen(records: Records) -> None:
    many = [wanted(K.BLOCK_INDICATOR, f"url:{number}") for number in range(3)]
    with records.session() as session:
        batch = find_batch(session, plan_batch(session, many, at(ANN), "a list").number)
        ordered(session, K.BLOCK_INDICATOR, "url:1")
        plan = foresee(session, batch, at(ANN, 1))
        assert (plan.new, plan.known, plan.refused) == (2, 1, ())
        assert (count_batch(session, batch).wanted, count_batch(session, batch).taken) == (3, {})
        for number in (0, 2**80):
            with pytest.raises(MeasureWrong, match="no bulk act"):
                find_batch(session, number)


def test_the_window_of_an_undo_closes(records: Records) -> None:
    with records.session() as session:
        number = plan_batch(session, [wanted(K.WARN)], at(ANN), "w").number
        apply_batch(session, number, at(ANN))
        with pytest.raises(MeasureWrong, match="is over"):
            undo_batch(session, number, at(ANN, 24.01))
        assert undo_batch(session, number, at(ANN, 23)).kept[0][1] == "what was said cannot be unsaid"


def test_every_difference_between_platform_and_ledger_is_found(records: Records) -> None:
    with records.session() as session:
        ordered(session)
        ordered(session, K.TAKE_DOWN, "listing:1")
        carry_out(session)
        ordered(session, K.REVERIFY)
        told = [Held("account:m", ("reverify", "suspend")), Held("listing:1", ("take_down",)), Held("listing:2", ())]
        assert compare_state(session, told) == [
            Difference("account:m", "limit:receive_payment", "missing"),
            Difference("account:m", "suspend", "extra"),
        ]


def test_every_open_instruction_belongs_to_a_measure(records: Records) -> None:
    with records.session() as session:
        ordered(session)
        (found,) = session.scalars(select(Instruction)).all()
        assert session.scalars(select(Message.id)).all() == [found.message]


def test_every_kind_has_terms_and_every_state_a_way_on() -> None:
    assert set(TERMS) == set(MeasureKind)
    assert set(RUNGS) <= set(MeasureKind)
    ends = {MeasureState.DECLINED, MeasureState.LIFTED}
    assert {state for state, _ in STEPS} == set(MeasureState) - ends
    with pytest.raises(MeasureWrong, match="cannot be taken through"):
        after(MeasureState.LIFTED, Step.ORDER)


@pytest.mark.parametrize("text", ["", "kill", "limit", "limit:breathe", "cool_off:soon", "suspend:x"])
def test_no_other_text_is_a_measure(text: str) -> None:
    with pytest.raises(MeasureWrong):
        parse_measure(text)


def test_what_is_ordered_for_another_reason_and_not_seen_yet_leaves_nothing_standing(records: Records) -> None:
    with records.session() as session:
        own = ordered(session, K.TAKE_DOWN, "listing:1")
        carry_out(session)
        closed = ordered(session, K.CLOSE)
        brought = ordered(session, K.TAKE_DOWN, "listing:1", parent=closed.number)
        lift(session, own, at(ANN, 2), "wrong goods")
        assert own.state == "lifted"
        lift(session, closed, at(ANN, 3), "wrong account")
        assert brought.state == "lifting"
        assert carry_out(session, 4) == [("lift", "listing:1")]


def test_an_answer_that_comes_once_a_measure_is_lifted_is_taken_and_changes_nothing(records: Records) -> None:
    with records.session() as session:
        own = ordered(session, K.TAKE_DOWN, "listing:1")
        closed = ordered(session, K.CLOSE)
        ordered(session, K.TAKE_DOWN, "listing:1", parent=closed.number)
        (apply, _) = pull(session, 10, NOW)
        lift(session, own, at(ANN, 1), "wrong")
        assert own.state == "lifted"
        assert confirm(session, apply, at(PLATFORM, 2))
        assert own.state == "lifted"


def test_a_repeated_lift_takes_away_nothing_that_stands_for_another_reason(records: Records) -> None:
    with records.session() as session:
        first = ordered(session)
        carry_out(session)
        lift(session, first, at(ANN, 2), "wrong")
        (instruction,) = pull(session, 10, NOW)
        fail(session, instruction, at(PLATFORM, 3), "busy")
        again = ordered(session)
        carry_out(session, 4)
        repeat_lift(session, first, at(ANN, 5))
        assert carry_out(session, 6) == []
        assert states([first, again]) == ["lifted", "confirmed"]


def test_the_lift_of_a_measure_that_failed_is_told_once(records: Records) -> None:
    with records.session() as session:
        measure = ordered(session)
        (instruction,) = pull(session, 10, NOW)
        fail(session, instruction, at(PLATFORM), "no such account")
        lift(session, measure, at(ANN, 1), "wrong")
        with pytest.raises(MeasureWrong, match="is repeated"):
            repeat_lift(session, measure, at(ANN, 2))
        assert carry_out(session, 3) == [("lift", "account:m")]


def test_what_the_platform_could_not_do_is_no_reason_to_leave_the_same_standing(records: Records) -> None:
    with records.session() as session:
        own = ordered(session, K.TAKE_DOWN, "listing:1")
        carry_out(session)
        closed = ordered(session, K.CLOSE)
        brought = ordered(session, K.TAKE_DOWN, "listing:1", parent=closed.number)
        for instruction in pull(session, 10, NOW):
            fail(session, instruction, at(PLATFORM, 2), "busy")
        lift(session, own, at(ANN, 3), "wrong goods")
        assert states([own, brought]) == ["lifting", "failed"]
        assert carry_out(session, 4) == [("lift", "listing:1")]


def test_nothing_is_brought_about_by_what_stands_no_more(records: Records) -> None:
    with records.session() as session:
        closed = ordered(session, K.CLOSE)
        goods = propose(session, wanted(K.TAKE_DOWN, "listing:1", parent=closed.number), at(ANN))
        lift(session, closed, at(ANN, 1), "wrong")
        assert goods.state == "declined"
        for parent in (closed.number, 999, -1, 1 << 70):
            with pytest.raises(MeasureWrong, match="bring this one about"):
                propose(session, wanted(K.TAKE_DOWN, "listing:2", parent=parent), at(ANN))


def test_what_a_declined_measure_would_have_brought_about_goes_with_it(records: Records) -> None:
    with records.session() as session:
        closed = propose(session, wanted(K.CLOSE), at(ANN))
        taken = ordered(session, K.TAKE_DOWN, "listing:1", parent=closed.number)
        planned = propose(session, wanted(K.TAKE_DOWN, "listing:2", parent=closed.number), at(ANN))
        carry_out(session)
        decline(session, closed, at(BEN, 1), "a shop")
        assert states([closed, taken, planned]) == ["declined", "lifting", "declined"]
        assert carry_out(session, 2) == [("lift", "listing:1")]


def test_a_dry_run_refuses_what_would_be_refused_and_counts_twins_once(records: Records) -> None:
    with records.session() as session:
        ordered(session, K.CLOSE)
        many = [wanted(), wanted(K.SUSPEND, "account:n"), wanted(K.LABEL, "account:n"), wanted(K.LABEL, "account:n")]
        by_key = plan_batch(session, many, at(PLATFORM), "a list")
        assert [(each.place, each.why.split()[-1]) for each in by_key.refused] == [(0, "nothing"), (1, "decision")]
        assert (by_key.new, by_key.known) == (1, 1)
        apply_batch(session, by_key.number, at(PLATFORM))
        found = session.scalars(select(Measure.kind).where(Measure.batch == by_key.number)).all()
        assert found == ["label"]
