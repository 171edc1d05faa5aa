"""The kernel equals the contract as plain Python says it, bit for bit."""

import random
import time
import zlib
from typing import Any

import pytest

from tests.reference.streams import LATENESS, LAYOUTS, PAY, START, make_features, make_reads, make_stream
from tests.reference.windows import ReferenceWindows
from tocsin.features.feature import Feature
from tocsin.features.snapshot import MAGIC, restore_snapshot, take_snapshot
from tocsin.features.state import FeatureState, StateOptions
from tocsin.language.aggregate import read_aggregate
from tocsin.language.condition import read_condition
from tocsin.language.scope import Name, Origin, Scope
from tocsin.model.decision import FeatureName
from tocsin.model.errors import StateError
from tocsin.model.event_type import Column, Title
from tocsin.model.value import ValueType
from tocsin.model.window import SECOND_US

TINY = StateOptions(allowed_lateness_us=LATENESS, cells=2, pairs=4, heap=64)
ROOMY = StateOptions(allowed_lateness_us=LATENESS)


def make_state(options: StateOptions = TINY) -> FeatureState:
    return FeatureState(make_features(), LAYOUTS, make_reads(), options)


def make_reference() -> ReferenceWindows:
    return ReferenceWindows(make_features(), LAYOUTS, make_reads(), LATENESS)


def compare(state: FeatureState, reference: ReferenceWindows, stream: list[Any]) -> None:
    for number, (event_type, at, row) in enumerate(stream):
        expected = reference.step(event_type, at, row)
        found = list(state.step(event_type, at, row))
        names = state.plan.programs[event_type].outputs
        differing = {
            output.feature.name: (one, other)
            for output, one, other in zip(names, found, expected, strict=True)
            if one != other or type(one) is not type(other)
        }
        assert not differing, f"event {number}: {differing}"
    assert state.late == reference.late


@pytest.mark.parametrize("seed", range(4))
def test_every_aggregate_on_a_stream_with_ties_late_events_and_silence(seed: int) -> None:
    compare(make_state(), make_reference(), make_stream(seed, 1_500))


@pytest.mark.parametrize("seed", [11, 12])
def test_numbers_at_their_limits_neither_wrap_nor_drift(seed: int) -> None:
    compare(make_state(), make_reference(), make_stream(seed, 800, extremes=True))


def test_a_restart_in_mid_stream_changes_nothing() -> None:
    stream, reference, state = make_stream(5, 1_600), make_reference(), make_state()
    for start in range(0, len(stream), 400):
        compare(state, reference, stream[start : start + 400])
        again = make_state()
        restore_snapshot(again, take_snapshot(state))
        state = again


def test_single_calls_and_batches_mixed_in_one_stream_give_the_same() -> None:
    stream, single, mixed = make_stream(6, 1_500), make_state(), make_state()
    expected = [list(single.step(*event)) for event in stream]
    found: list[list[Any]] = []
    for start in range(0, len(stream), 250):
        part = stream[start : start + 250]
        if start % 500:
            found += [list(mixed.step(*event)) for event in part]
        else:
            found += [list(values) for values in mixed.step_batch(part)]
    assert found == expected
    assert mixed.late == single.late


def test_growth_past_every_first_capacity_is_invisible() -> None:
    stream = make_stream(7, 2_000)
    small, large = make_state(TINY), make_state(ROOMY)
    assert [list(small.step(*event)) for event in stream] == [list(large.step(*event)) for event in stream]
    assert len(small.cells) > 2 * TINY.cells
    assert len(small.pairs) > 2 * TINY.pairs
    assert len(small.heap) > TINY.heap


def test_keys_that_have_gone_quiet_leave_nothing_behind() -> None:
    state = make_state()
    for number in range(5_000):
        at = START + number * SECOND_US
        state.step(PAY, at, (at, f"e{number}", f"a{number}", "p", 10, None, None))
    held = state.stats()
    opened = 5_000 * 12
    assert held.cells < opened / 2, "most keys have been quiet for longer than their longest window"
    later = [START + (100_000 + number) * SECOND_US for number in range(140_000)]
    state.step_batch([(PAY, at, (at, f"f{at}", "one", None, 10, None, None)) for at in later])
    after = state.stats()
    windowless = 2 * 5_000 + 1
    assert after.cells <= windowless + 20
    assert after.pairs <= 130


def test_keys_that_are_always_new_take_bounded_memory() -> None:
    """A hundred and fifty thousand keys, each seen once: what is held stays in proportion to the longest window."""
    windowed = [feature for feature in make_features() if feature.window_us]
    reads = {PAY: tuple(feature.name for feature in windowed if PAY in feature.by)}
    state = FeatureState(windowed, LAYOUTS, reads, TINY)
    held = []
    for lap in range(10):
        numbers = range(lap * 15_000, (lap + 1) * 15_000)
        state.step_batch(
            [(PAY, START + n * SECOND_US, (0, "e", f"a{n}", f"p{n}", 10, 1, True)) for n in numbers],
        )
        held.append(state.stats().bytes)
    assert held[-1] == held[2]
    assert state.stats().cells < 20 * 600, "windows of at most ten minutes, one key a second, twenty groups"


def test_memory_is_used_again() -> None:
    state = make_state()
    sizes = []
    for lap in range(6):
        for number in range(2_000):
            at = START + (lap * 10_000 + number) * SECOND_US
            state.step(PAY, at, (at, f"e{number}", f"a{number % 50}", f"p{number % 70}", 10, 1, True))
        sizes.append(state.stats().bytes)
    assert sizes[-1] == sizes[1]


def test_a_hot_key_with_late_events_costs_in_proportion() -> None:
    """Each late event moves only what is later than itself: the shifts grow with the number of events, not its square."""

    def run(count: int) -> float:
        state = make_state(ROOMY)
        events = [
            (PAY, START + n * 1_000 - (n % 7) * 900, (0, f"e{n}", "hot", f"p{n % 100}", n % 500, 1, True))
            for n in range(count)
        ]
        state.step_batch(events[:10])
        began = time.process_time()
        state.step_batch(events)
        return time.process_time() - began

    run(2_000)
    small, large = run(10_000), run(80_000)
    assert large < small * 8 * 6, "eight times the events may not cost anywhere near sixty-four times as much"


def test_strings_that_last_no_longer_gives_are_forgotten() -> None:
    state = make_state(ROOMY)
    for number in range(30_000):
        at = START + number * SECOND_US
        state.step(PAY, at, (at, f"e{number}", "one", f"p{number}", 10, None, None))
    assert len(state.texts) <= 10_001
    at = START + 30_000 * SECOND_US
    values = dict(zip(make_reads()[PAY], state.step(PAY, at, (at, "x", "one", None, 1, None, None)), strict=True))
    assert values["last_payee"] == "p29999"


def test_damaged_or_foreign_snapshots_are_refused() -> None:
    state = make_state()
    for event in make_stream(1, 50):
        state.step(*event)
    snapshot = take_snapshot(state)
    with pytest.raises(StateError, match="damaged"):
        restore_snapshot(make_state(), snapshot[:-3] + b"xyz")
    with pytest.raises(StateError, match="damaged"):
        restore_snapshot(make_state(), b"")
    with pytest.raises(StateError, match="lateness"):
        restore_snapshot(make_state(StateOptions(allowed_lateness_us=5)), snapshot)
    other = FeatureState(make_features()[:3], LAYOUTS, {PAY: ()}, TINY)
    with pytest.raises(StateError, match="other features"):
        restore_snapshot(other, snapshot)


def test_damage_of_any_kind_is_a_state_error_and_never_a_crash() -> None:
    state = make_state()
    for event in make_stream(2, 200):
        state.step(*event)
    snapshot = take_snapshot(state)
    draw = random.Random(3)
    for _ in range(150):
        damaged = bytearray(snapshot)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        with pytest.raises(StateError):
            restore_snapshot(make_state(), bytes(damaged))
        with pytest.raises(StateError):
            restore_snapshot(make_state(), snapshot[: draw.randrange(len(snapshot))])
    start = len(MAGIC)
    for body in (b"", b"\xff" * 8, b"\x05" + bytes(7) + b"hello", snapshot[start:-12], snapshot[start:-4] + bytes(8)):
        with pytest.raises(StateError):
            restore_snapshot(make_state(), MAGIC + body + zlib.crc32(body).to_bytes(4, "little"))


def test_a_snapshot_is_refused_where_a_type_or_the_layout_has_changed() -> None:
    def make(kind: ValueType, *, nullable: bool, key: ValueType = ValueType.STRING) -> FeatureState:
        layout = (Column("who", key, False), Column("n", kind, nullable))
        names = {c.name: Name(name=c.name, type=c.type, nullable=c.nullable, origin=Origin.ATTRIBUTE) for c in layout}
        texts = ("sum(n)", "count(*)")
        features = [
            Feature(
                name=FeatureName(text),
                title=Title("a", "a"),
                by={PAY: ("who",)},
                on=(PAY,),
                aggregate=read_aggregate(text, Scope(names=names)),
                window_us=SECOND_US,
            )
            for text in texts
        ]
        return FeatureState(features, {PAY: layout}, {PAY: tuple(map(FeatureName, texts))}, TINY)

    state = make(ValueType.INT, nullable=False)
    state.step(PAY, START, ("a", 5))
    snapshot = take_snapshot(state)
    same = make(ValueType.INT, nullable=False)
    restore_snapshot(same, snapshot)
    assert list(same.step(PAY, START, ("a", 5))) == [5, 1]
    for changed in (
        make(ValueType.DECIMAL, nullable=False),
        make(ValueType.INT, nullable=True),
        make(ValueType.INT, nullable=False, key=ValueType.INT),
    ):
        with pytest.raises(StateError, match="other features"):
            restore_snapshot(changed, snapshot)


@pytest.mark.parametrize("count", [1, 127, 128, 129, 300])
def test_any_number_of_windows_is_exact(count: int) -> None:
    """Each has a condition of its own, and so a log of its own."""
    layout = (Column("who", ValueType.STRING, False), Column("n", ValueType.INT, False))
    names = {c.name: Name(name=c.name, type=c.type, nullable=False, origin=Origin.ATTRIBUTE) for c in layout}
    scope = Scope(names=names)
    features = [
        Feature(
            name=FeatureName(f"above_{number}"),
            title=Title("a", "a"),
            by={PAY: ("who",)},
            on=(PAY,),
            aggregate=read_aggregate("count(*)", scope),
            where=read_condition(f"n > {number}", scope),
            window_us=60 * SECOND_US,
        )
        for number in range(count)
    ]
    state = FeatureState(features, {PAY: layout}, {PAY: tuple(each.name for each in features)}, TINY)
    for number in range(3):
        state.step(PAY, START + number, ("a", 50))
    expected = [3 if number < 50 else 0 for number in range(count)]
    assert list(state.step(PAY, START + 3, ("a", 50))) == expected
    assert list(state.step_batch([(PAY, START + 4, ("b", 50))])[0]) == [0] * count


def test_an_event_too_late_is_named_and_counted() -> None:
    state = make_state()
    state.step(PAY, START, (START, "a", "x", "y", 1, 1, True))
    early = START - LATENESS - 1
    assert set(state.step(PAY, early, (early, "b", "x", "y", 1, 1, True))) == {None}
    assert state.late == 1
    assert ("count_1m", "late: more than 1m behind the newest event") in state.lost
    state.step(PAY, START, (START, "c", "x", "y", 1, 1, True))
    assert state.lost == ()


def test_a_sum_that_no_decimal_can_show_is_null_and_named() -> None:
    state = make_state()
    for number in range(2):
        state.step(PAY, START, (START, f"e{number}", "x", "y", 10**18 - 1, 1, True))
    values = dict(zip(make_reads()[PAY], state.step(PAY, START, (START, "z", "x", "y", 1, 1, True)), strict=True))
    assert values["total"] is None
    assert any(name == "total" and cause.startswith("overflow") for name, cause in state.lost)
    assert values["most"] == 2


def test_peeking_reads_what_a_step_would_and_changes_nothing() -> None:
    peeked, plain = make_state(), make_state()
    for number, (name, at, row) in enumerate(make_stream(8, 800)):
        if number % 3 == 0 and at >= int(plain.io[0]) - LATENESS:
            ahead = at + 400 * SECOND_US
            peeked.peek(name, ahead, (ahead, *row[1:]))
            seen = list(peeked.peek(name, at, row))
            assert seen == list(plain.step(name, at, row))
            peeked.step(name, at, row)
        else:
            assert list(peeked.step(name, at, row)) == list(plain.step(name, at, row))
