"""Random histories of the closed loop: what must hold holds after every step, and every case can be brought to its end.

`python -m bench.histories` draws ten thousand; here a few hundred are drawn anew each time.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.histories import truths
from bench.histories.machine import wanted_on
from bench.histories.platform import Platform
from bench.histories.run import run
from bench.histories.world import DAY, HOUR, PEOPLE, PLATFORM, RULES, World
from tests.servers.postgres import PostgresServer
from tocsin.app.storage.records import Records
from tocsin.cases.case import NewCase, SourceKind, open_case
from tocsin.cases.queue import claim_one
from tocsin.cases.tables import Case
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import order, propose
from tocsin.measures.tables import Measure

SOME, FEW, STEPS = 200, 15, 20


def test_in_random_histories_the_loop_is_never_left_open(tmp_path: Path) -> None:
    found = run(tmp_path, "", histories=SOME, steps=STEPS, seed=random.randrange(1 << 32))
    assert not found["why"], found["why"]
    assert found["histories"] >= SOME
    for act in (
        "order",
        "confirm apply",
        "fail apply",
        "lift",
        "confirm lift",
        "find",
        "close",
        "apply",
        "plan",
        "appeal",
    ):
        assert found["done"][act], f"no history came as far as `{act}`"


def test_nor_are_they_on_a_server(tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.make_database()
    found = run(tmp_path, url, histories=FEW, steps=STEPS, seed=random.randrange(1 << 32))
    postgres.drop_database(url)
    assert not found["why"], found["why"]
    assert found["histories"] >= FEW


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One measure that the platform has confirmed, with a consequence, and a case that somebody holds."""
    records = Records(tmp_path)
    made = World(records)
    ann, platform = PEOPLE[0], Platform(made)
    made.act(
        "order",
        ann,
        lambda session, stamp: order(
            session, propose(session, wanted_on("account:a", MeasureKind.LIMIT), stamp), stamp
        ),
    )
    parent = made.read("select max(number) from measure")[0][0]
    child = wanted_on("listing:1", MeasureKind.TAKE_DOWN, parent=parent)
    made.act("order", ann, lambda session, stamp: order(session, propose(session, child, stamp), stamp))
    for number in platform.pull(9):
        platform.answer(number, can=True)
    suspected = NewCase(
        subject="account:a", source=SourceKind.REPORT, reference="r1", queue="mules", due_at=made.now + DAY
    )
    number = made.act("suspect", RULES[0], lambda session, stamp: open_case(session, suspected, stamp).number) or 0
    made.act("take", ann, lambda session, stamp: (claim_one(session, session.get_one(Case, number), stamp), 1))
    made.hold(number, ann, made.now + HOUR // 2)
    truths.check(made, truths.Tables(made), None)
    truths.check_effects(truths.Tables(made), platform.effects)
    yield made
    made.end()
    records.close()


Break = Callable[[World], None]


def write(*statements: str) -> Break:
    def do(world: World) -> None:
        for each in statements:
            world.connection.execute(text(each))

    return do


BROKEN = {
    "a case is closed": write("update case_file set state = 'closed', matter = null, holder = null"),
    "a case is held by another": write("update case_file set holder = 'person:x'"),
    "a measure has no end": write("update measure set span_us = null, ends_at = null where kind = 'limit'"),
    "a consequence stands": write("update measure set state = 'lifted', lifted_by = 'person:x', lifted_at = 1, lift_reason = 'w', identity = null where kind = 'limit'"),
    "an instruction is missing": write("delete from instruction where measure = 1"),
    "an instruction is given twice": write("insert into instruction select 9, 'm', measure, verb, subject, given_at, null, null, '' from instruction where number = 1"),
    "one person closed an account": write("update measure set kind = 'close', scope = '' where kind = 'limit'"),
    "the same may be taken twice": write("update measure set identity = null where kind = 'limit'"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_what_must_hold_is_seen_to_be_broken(world: World, broken: Break) -> None:
    broken(world)
    with pytest.raises(AssertionError):
        truths.check(world, truths.Tables(world), None)


def test_a_history_that_was_rewritten_is_seen(world: World) -> None:
    before = truths.Tables(world)
    write("update case_note set text = 'nothing'")(world)
    with pytest.raises(AssertionError, match="was changed"):
        truths.check(world, truths.Tables(world), before)
    with pytest.raises(AssertionError, match="without a measure"):
        truths.check_effects(before, {("account:b", "limit", "call")})
    with pytest.raises(AssertionError, match="given to two"):
        world.hold(1, PEOPLE[1], world.now + HOUR)
    with pytest.raises(AssertionError, match="left no entry"):
        world.act("x", PLATFORM, lambda session, _: setattr(session.get_one(Measure, 1), "role", "mule") or 1)
