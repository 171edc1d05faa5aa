"""The measures there are.

Receives a measure as rules write it, such as `limit:call` or `cool_off:12h`. Gives its kind and the terms on which it may
be taken. One table says all of it: what it may be taken on, how grave it is, how many people it needs.
"""

from enum import StrEnum

from msgspec import Struct

from tocsin.model.window import SECOND_US, parse_span
from tocsin.records.errors import MeasureWrong

DAY_US = 86_400 * SECOND_US


class MeasureKind(StrEnum):
    """What may be done about a subject."""

    WARN = "warn"
    LABEL = "label"
    WATCH = "watch"
    REVERIFY = "reverify"
    LIMIT = "limit"
    HOLD_PAYMENT = "hold_payment"
    COOL_OFF = "cool_off"
    TAKE_DOWN = "take_down"
    DELIST = "delist"
    BLOCK_INDICATOR = "block_indicator"
    SUSPEND = "suspend"
    CLOSE = "close"
    BAR = "bar"


PERSONS = frozenset({"account", "phone", "line", "seller", "cell"})
SHOWN = frozenset({"content", "listing", "advert", "link", "url", "app", "group", "message"})
MARKS = frozenset({"phone", "url", "domain", "ip", "device", "app", "payee", "link", "account", "cell"})


class Terms(Struct, frozen=True, kw_only=True):
    """On what terms a measure may be taken.

    `subjects` are the kinds of entity it may be taken on; `level` is how grave it is, from 0; `people` is how many must
    decide it (0: a rule may); `span_us` is how long it lasts where nobody says otherwise (None: until it is lifted);
    `scoped` says whether it names a function, `reversible` whether a lift takes it back: what was said cannot be unsaid.
    """

    subjects: frozenset[str]
    level: int
    people: int = 0
    span_us: int | None = None
    scoped: bool = False
    reversible: bool = True


TERMS: dict[MeasureKind, Terms] = {
    MeasureKind.WARN: Terms(subjects=PERSONS | {"group"}, level=0, span_us=DAY_US, reversible=False),
    MeasureKind.LABEL: Terms(subjects=SHOWN | PERSONS, level=1),
    MeasureKind.WATCH: Terms(subjects=PERSONS | MARKS | {"group"}, level=1, span_us=30 * DAY_US),
    MeasureKind.COOL_OFF: Terms(subjects=PERSONS | {"device"}, level=2, span_us=DAY_US // 2),
    MeasureKind.HOLD_PAYMENT: Terms(subjects=PERSONS | {"payment", "payee"}, level=2, span_us=DAY_US),
    MeasureKind.REVERIFY: Terms(subjects=PERSONS, level=2),
    MeasureKind.LIMIT: Terms(subjects=PERSONS | {"group", "device"}, level=3, span_us=7 * DAY_US, scoped=True),
    MeasureKind.DELIST: Terms(subjects=SHOWN, level=3),
    MeasureKind.TAKE_DOWN: Terms(subjects=SHOWN, level=3),
    MeasureKind.BLOCK_INDICATOR: Terms(subjects=MARKS, level=3),
    MeasureKind.SUSPEND: Terms(subjects=PERSONS | {"group"}, level=4, people=1, span_us=30 * DAY_US),
    MeasureKind.CLOSE: Terms(subjects=PERSONS | {"group"}, level=5, people=2),
    MeasureKind.BAR: Terms(subjects=PERSONS | {"device"}, level=6, people=2),
}

FUNCTIONS = frozenset(
    {
        *("add_friend", "create_group", "message", "post", "livestream", "receive_payment", "send_payment"),
        *("advertise", "call", "sms", "list_goods"),
    }
)
"""What `limit` may take away."""

_WRITTEN = {"hold:payment": MeasureKind.HOLD_PAYMENT, "block:indicator": MeasureKind.BLOCK_INDICATOR}


class WrittenMeasure(Struct, frozen=True):
    """A measure as a rule proposes it. `scope` is the function that is limited; `span_us` None where nothing is said."""

    kind: MeasureKind
    scope: str = ""
    span_us: int | None = None


def parse_measure(text: str) -> WrittenMeasure:
    """A measure from its text.

    >>> parse_measure("limit:call").scope, parse_measure("cool_off:12h").span_us
    ('call', 43200000000)
    >>> parse_measure("hold:payment").kind
    <MeasureKind.HOLD_PAYMENT: 'hold_payment'>

    Raises:
        MeasureWrong: there is no such measure.
    """
    if text in _WRITTEN:
        return WrittenMeasure(_WRITTEN[text])
    name, _, rest = text.partition(":")
    if name not in set(MeasureKind):
        raise MeasureWrong(f"there is no measure `{text[:40]}`; there are {', '.join(MeasureKind)}")
    kind = MeasureKind(name)
    if not TERMS[kind].scoped:
        span_us = parse_span(rest) if rest else None
        if rest and span_us is None:
            raise MeasureWrong(f"`{text[:40]}`: after the colon stands how long, such as 12h")
        return WrittenMeasure(kind, "", span_us)
    scope, _, span = rest.partition(":")
    if scope not in FUNCTIONS:
        raise MeasureWrong(f"`{text[:40]}`: `{name}` names a function: {', '.join(sorted(FUNCTIONS))}")
    return WrittenMeasure(kind, scope, parse_span(span) if span else None)
