"""Windows against two witnesses that share nothing with the kernel: plain Python on drawn streams, and DuckDB's joins."""

from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference.streams import LATENESS, LAYOUTS, LOGIN, PAY, START, make_features, make_reads, make_stream
from tests.reference.windows import ReferenceWindows
from tocsin.features.snapshot import restore_snapshot, take_snapshot
from tocsin.features.state import FeatureState, StateOptions
from tocsin.model.event_type import EventTypeName
from tocsin.model.window import SECOND_US

Drawn = tuple[EventTypeName, int, tuple[Any, ...]]
TINY = StateOptions(allowed_lateness_us=LATENESS, cells=2, pairs=4, heap=64)
WHO = st.sampled_from(["a", "b", "c"])
EDGES = [0, 1, SECOND_US, 45 * SECOND_US, 60 * SECOND_US, 60 * SECOND_US + 1, 120 * SECOND_US, 400 * SECOND_US]


def pay(number: int, at: int, draw: Any) -> Drawn:
    who, payee, amount, points, ok = draw
    return PAY, at, (at, f"e{number}", who, payee, amount, points, ok)


PAID = st.tuples(
    WHO,
    st.none() | WHO,
    st.sampled_from([0, 1, -1, 10_000, 100_000, 10**18 - 1, 1 - 10**18]),
    st.none() | st.sampled_from([0, 1, -3, 10**18 - 2]),
    st.none() | st.booleans(),
)
LOGGED = st.tuples(WHO, st.sampled_from([None, "CN", "KH"]))
MOVES = st.lists(
    st.tuples(st.sampled_from([*EDGES, *(-edge for edge in EDGES[:6])]), PAID | LOGGED, st.integers(0, 30)),
    max_size=60,
)


def make_state() -> FeatureState:
    return FeatureState(make_features(), LAYOUTS, make_reads(), TINY)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
def test_drawn_streams_with_restarts_equal_the_contract(moves: list[tuple[int, Any, int]]) -> None:
    state, at = make_state(), START
    reference = ReferenceWindows(make_features(), LAYOUTS, make_reads(), LATENESS)
    for number, (move, drawn, restart) in enumerate(moves):
        at += move
        event = pay(number, at, drawn) if len(drawn) == 5 else (LOGIN, at, (at, f"e{number}", *drawn))
        assert list(state.step(*event)) == reference.step(*event), f"event {number}"
        if restart == 0:
            again = make_state()
            restore_snapshot(again, take_snapshot(state))
            state = again
    assert state.late == reference.late


ORACLE = {
    "count_1m": ("count(*)", "sender", 60),
    "payees": ("count(distinct f.payee)", "sender", 120),
    "senders": ("count(distinct f.sender)", "payee", 200),
    "total": ("coalesce(sum(f.amount), 0)", "sender", 90),
    "least": ("min(f.amount)", "sender", 400),
    "last_payee": ("arg_max(f.payee, (f.t, f.seq)) filter (f.payee is not null)", "sender", 2**40),
    "pair_age": ("e.t - min(f.t)", "sender, payee", 2**40),
}


def test_duckdb_counts_the_same_by_joining_every_event_with_its_past() -> None:
    stream = [event for event in make_stream(21, 3_000) if event[0] == PAY]
    state = FeatureState(make_features(), LAYOUTS, make_reads(), StateOptions(allowed_lateness_us=10**12))
    order = [str(name) for name in make_reads()[PAY]]
    found = [dict(zip(order, state.step(*event), strict=True)) for event in stream]
    with duckdb.connect() as base:
        base.execute("create table p (seq int, t bigint, sender text, payee text, amount bigint)")
        rows = [(seq, at, row[2], row[3], row[4]) for seq, (_, at, row) in enumerate(stream)]
        base.executemany("insert into p values (?, ?, ?, ?, ?)", rows)
        for name, (value, keys, window_s) in ORACLE.items():
            same = " and ".join(f"f.{key} = e.{key}" for key in keys.split(", "))
            empty = value.replace("count(*)", "count(f.seq)")
            asked = f"""select {empty} from p e left join p f on {same} and f.seq < e.seq and f.t <= e.t
                and f.t > e.t - {window_s * SECOND_US} group by e.seq, e.t, e.sender, e.payee order by e.seq"""
            expected = [each for (each,) in base.execute(asked).fetchall()]
            ours = [values[name] for values in found]
            if keys != "sender":  # a key that is absent gives null, where a join gives an empty count
                expected = [None if row[3] is None else each for row, each in zip(rows, expected, strict=True)]
            assert ours == expected, name
