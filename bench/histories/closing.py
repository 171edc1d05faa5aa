"""The loop is closed: from whatever state a history left it in, every case can be brought to its end.

Two people who have decided nothing yet do what is open, as the case itself names it.
"""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from bench.histories.platform import Platform
from bench.histories.world import CLOSERS, DAY, World
from tocsin.cases.case import check_open
from tocsin.cases.closing import (
    Finding,
    Lesson,
    close_case,
    decide_subject,
    exempt,
    give_answer,
    learn,
    open_things,
    second,
    verify_result,
)
from tocsin.cases.queue import claim_one, release
from tocsin.cases.tables import Case, CaseAnswer
from tocsin.measures.lifting import expire_due, lift, repeat_lift
from tocsin.measures.measure import decline
from tocsin.measures.tables import Measure
from tocsin.records.actor import SYSTEM, Actor, Stamp

FOUND = ("confirmed", "unable", "good")
OnCase = Callable[[Session, Case, Stamp], object]


def check_case(session: Session, number: int) -> None:
    """What a way in does before it takes a measure for a case."""
    check_open(session.get_one(Case, number))


def close_everything(world: World, platform: Platform) -> None:
    """Ends every measure that is under way and closes every open case."""
    world.now += DAY * 91
    world.act("end", SYSTEM, lambda session, stamp: expire_due(session, stamp.at), traced=False)
    settle(world, platform)
    for number in open_cases(world):
        take(world, number, CLOSERS[0])
        for _ in range(6):
            left = what_is_left(world, number)
            for about in left:
                do_or_say_why(world, number, about)
            settle(world, platform)
        left = what_is_left(world, number)
        assert not left, f"case {number} cannot be closed: {left}"
        take(world, number, CLOSERS[0])
        on(world, "close", number, CLOSERS[0], close_case)
        world.leases.pop(number, None)
    assert not open_cases(world), "a case that has nothing open cannot be closed"


def see_through(world: World, platform: Platform, number: int, by: Actor, exempting: Sequence[bool]) -> None:
    """One person does what is open about a case, or lets it stay open, and closes it as far as one person can."""
    if not take(world, number, by):
        return
    settle(world, platform)
    for turn, about in enumerate(what_is_left(world, number)):
        if exempting[turn % len(exempting)]:
            on(
                world,
                "exempt",
                number,
                by,
                lambda session, it, stamp, about=about: exempt(session, it, about, stamp, "w"),
            )
        else:
            do_or_say_why(world, number, about, by)
    settle(world, platform)
    if take(world, number, by) and on(world, "close", number, by, close_case):
        world.leases.pop(number, None)


def settle(world: World, platform: Platform) -> None:
    """The platform does all that it was told; what it could not lift it is told once more."""
    for (number,) in world.read("select number from measure where state = 'lifting' and failure <> '' order by number"):
        world.act(
            "repeat",
            CLOSERS[0],
            lambda session, stamp, n=number: repeat_lift(session, session.get_one(Measure, n), stamp),
        )
    while world.read("select 1 from instruction where done_at is null limit 1"):
        platform.pull(50)
        for number in platform.waiting():
            platform.answer(number, can=True)


def open_cases(world: World) -> list[int]:
    return [number for (number,) in world.read("select number from case_file where state = 'open' order by number")]


def what_is_left(world: World, number: int) -> list[str]:
    with world.session() as session:
        return [each.about for each in open_things(session, session.get_one(Case, number))]


def take(world: World, number: int, by: Actor) -> bool:
    if on(world, "take", number, by, claim_one):
        with world.session() as session:
            world.hold(number, by, session.get_one(Case, number).held_until or 0)
        return True
    return False


def on(world: World, name: str, number: int, by: Actor, do: OnCase) -> bool:
    """An act on a case; whether it went through."""
    return bool(world.act(name, by, lambda session, stamp: (do(session, session.get_one(Case, number), stamp), 1)))


def do_or_say_why(world: World, number: int, about: str, by: Actor = CLOSERS[0]) -> None:
    """Does the one thing that is open."""
    kind, _, rest = about.partition(":")
    match kind:
        case "subject":
            finding = Finding(rest, FOUND[number % len(FOUND)], "looked at")
            on(world, "find", number, by, lambda session, it, stamp: decide_subject(session, it, finding, stamp))
        case "measure":
            end_measure(world, int(rest), by)
        case "answer":
            world.act(
                "answer",
                by,
                lambda session, stamp: give_answer(session, session.get_one(CaseAnswer, int(rest)), stamp, "N"),
            )
        case "second":
            if not second_look(world, number, by):  # nobody has decided anything: then somebody answers for that
                on(
                    world,
                    "exempt",
                    number,
                    by,
                    lambda session, it, stamp: exempt(session, it, about, stamp, "no finding"),
                )
        case "verification":
            world.now += DAY
            on(world, "verify", number, by, lambda session, it, stamp: verify_result(session, it, stamp, True, "gone"))
            take(world, number, by)
        case "lesson":
            on(
                world,
                "learn",
                number,
                by,
                lambda session, it, stamp: learn(session, it, Lesson("none", "nothing"), stamp),
            )
        case _:
            on(
                world,
                "exempt",
                number,
                by,
                lambda session, it, stamp: exempt(session, it, about, stamp, "cannot be done"),
            )


def end_measure(world: World, number: int, by: Actor) -> None:
    def do(session: Session, stamp: Stamp) -> object:
        measure = session.get_one(Measure, number)
        if measure.state == "proposed":
            return decline(session, measure, stamp, "not any more")
        return lift(session, measure, stamp, "not any more") if measure.state != "lifting" else 0

    world.act("end measure", by, do, traced=False)


def second_look(world: World, number: int, by: Actor) -> bool:
    """The second person takes it for a moment; whether that counted."""
    if not on(world, "release", number, by, release):
        return False
    world.leases.pop(number, None)
    looked = False
    if take(world, number, CLOSERS[1]):
        looked = on(
            world, "second", number, CLOSERS[1], lambda session, it, stamp: second(session, it, stamp, True, "the same")
        )
        on(world, "release", number, CLOSERS[1], release)
        world.leases.pop(number, None)
    take(world, number, by)
    return looked
