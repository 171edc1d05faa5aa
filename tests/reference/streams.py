"""Random streams of events, and features that between them use every aggregate."""

import random
from typing import Any

from tocsin.features.feature import Feature
from tocsin.language.aggregate import read_aggregate
from tocsin.language.condition import read_condition
from tocsin.language.scope import Name, Origin, Scope
from tocsin.model.decision import FeatureName
from tocsin.model.event_type import Column, EventTypeName, Title
from tocsin.model.value import ValueType
from tocsin.model.window import SECOND_US

PAY, LOGIN = EventTypeName("pay"), EventTypeName("login")
COMMON = (Column("at", ValueType.TIMESTAMP, False), Column("id", ValueType.STRING, False))
LAYOUTS = {
    PAY: (
        *COMMON,
        Column("sender", ValueType.STRING, False),
        Column("payee", ValueType.STRING, True),
        Column("amount", ValueType.DECIMAL, False),
        Column("points", ValueType.INT, True),
        Column("ok", ValueType.BOOL, True),
    ),
    LOGIN: (*COMMON, Column("account", ValueType.STRING, False), Column("country", ValueType.STRING, True)),
}
START = 1_700_000_000 * SECOND_US
LATENESS = 60 * SECOND_US

DEFINITIONS: list[tuple[str, Any, str, str, str, int | None]] = [
    ("count_1m", {PAY: ("sender",)}, "pay", "count(*)", "", 60),
    ("count_where", {PAY: ("sender",)}, "pay", "count(*)", "amount >= 10 and ok", 300),
    ("payees", {PAY: ("sender",)}, "pay", "count(distinct payee)", "", 120),
    ("senders", {PAY: ("payee",)}, "pay", "count(distinct sender)", "", 200),
    ("total", {PAY: ("sender",)}, "pay", "sum(amount)", "", 90),
    ("points_total", {PAY: ("sender",)}, "pay", "sum(points)", "", 90),
    ("mean", {PAY: ("sender",)}, "pay", "avg(amount)", "", 90),
    ("points_mean", {PAY: ("sender",)}, "pay", "avg(points)", "", 45),
    ("least", {PAY: ("sender",)}, "pay", "min(amount)", "", 400),
    ("most", {PAY: ("sender",)}, "pay", "max(points + 1)", "", 400),
    ("spread", {PAY: ("sender",)}, "pay", "stddev(amount)", "", 90),
    ("points_spread", {PAY: ("sender",)}, "pay", "stddev(points)", "", 90),
    ("last_payee", {PAY: ("sender",)}, "pay", "last(payee)", "", None),
    ("last_ok", {PAY: ("sender", "payee")}, "pay", "last(ok)", "", 120),
    ("pair_age", {PAY: ("sender", "payee")}, "pay", "age(*)", "", None),
    ("recent_age", {PAY: ("sender",)}, "pay", "age(*)", "", 120),
    ("logins", {LOGIN: ("account",), PAY: ("sender",)}, "login", "count(*)", "", 600),
    ("country", {LOGIN: ("account",), PAY: ("sender",)}, "login", "last(country)", "", None),
    ("either", {LOGIN: ("account",), PAY: ("sender",)}, "pay login", "count(*)", "type = 'pay' or country = 'CN'", 50),
]


def scope_of(types: tuple[EventTypeName, ...]) -> Scope:
    names = {
        column.name: Name(
            name=column.name, type=column.type, nullable=column.nullable or len(types) > 1, origin=Origin.ATTRIBUTE
        )
        for each in types
        for column in LAYOUTS[each]
    }
    return Scope(names=names, event_types=frozenset(LAYOUTS))


def make_features() -> list[Feature]:
    made = []
    for name, by, on, value, where, window in DEFINITIONS:
        types = tuple(EventTypeName(each) for each in on.split())
        scope = scope_of(types)
        made.append(
            Feature(
                name=FeatureName(name),
                title=Title(name, name),
                by=by,
                on=types,
                aggregate=read_aggregate(value, scope),
                where=read_condition(where, scope) if where else None,
                window_us=window * SECOND_US if window else None,
            )
        )
    return made


def make_reads() -> dict[EventTypeName, tuple[FeatureName, ...]]:
    names = [(FeatureName(name), by) for name, by, *_ in DEFINITIONS]
    return {each: tuple(name for name, by in names if each in by) for each in LAYOUTS}


def make_stream(seed: int, count: int, *, extremes: bool = False) -> list[tuple[EventTypeName, int, tuple[Any, ...]]]:
    """Ties, events late and too late, long silences, nulls, and, where asked for, numbers at their limits."""
    draw = random.Random(seed)
    at = START
    stream = []
    amounts = [0, 1, -1, 10**18 - 1, -(10**18) + 1] if extremes else [0, 5_000, 100_000, 123_456, -20_000]
    for number in range(count):
        at += draw.choice([0, 0, 1, SECOND_US, 5 * SECOND_US, 20 * SECOND_US])
        if draw.random() < 0.004:
            at += 2_000 * SECOND_US
        shift = draw.choice([0, 0, 0, 0, SECOND_US, 30 * SECOND_US, 59 * SECOND_US, 200 * SECOND_US])
        own = at - (shift if draw.random() < 0.3 else 0)
        who = f"a{draw.randrange(6)}"
        if draw.random() < 0.25:
            stream.append((LOGIN, own, (own, f"e{number}", who, draw.choice([None, "CN", "US", "KH"]))))
            continue
        payee = draw.choice([None, *(f"a{each}" for each in range(8))])
        points = draw.choice([None, 0, 1, 7, 10**18 - 2 if extremes else 50, -3])
        ok = draw.choice([None, True, False])
        stream.append((PAY, own, (own, f"e{number}", who, payee, draw.choice(amounts), points, ok)))
    return stream
