"""The account ladder.

Receives the measures in force on an account. Gives the rung on which it stands, and whether a further measure may be
taken from there. China's Anti-Telecom and Online Fraud Law, Art 22, names the rungs; the order is the same anywhere.
"""

from collections.abc import Iterable
from enum import IntEnum

from tocsin.measures.kind import MeasureKind
from tocsin.records.errors import MeasureWrong


class Rung(IntEnum):
    """`normal -> watched -> reverify_required -> restricted -> suspended -> closed -> barred`."""

    NORMAL = 0
    WATCHED = 1
    REVERIFY_REQUIRED = 2
    RESTRICTED = 3
    SUSPENDED = 4
    CLOSED = 5
    BARRED = 6


RUNGS: dict[MeasureKind, Rung] = {
    MeasureKind.WATCH: Rung.WATCHED,
    MeasureKind.REVERIFY: Rung.REVERIFY_REQUIRED,
    MeasureKind.COOL_OFF: Rung.RESTRICTED,
    MeasureKind.HOLD_PAYMENT: Rung.RESTRICTED,
    MeasureKind.LIMIT: Rung.RESTRICTED,
    MeasureKind.SUSPEND: Rung.SUSPENDED,
    MeasureKind.CLOSE: Rung.CLOSED,
    MeasureKind.BAR: Rung.BARRED,
}


def rung_of(in_force: Iterable[MeasureKind]) -> Rung:
    """Where an account stands: the highest rung of what is in force.

    >>> rung_of([MeasureKind.WARN, MeasureKind.LIMIT])
    <Rung.RESTRICTED: 3>
    """
    return max((RUNGS.get(kind, Rung.NORMAL) for kind in in_force), default=Rung.NORMAL)


def check_step(rung: Rung, kind: MeasureKind) -> None:
    """Whether a measure makes sense for an account on a rung: nothing is left to limit once it is closed.

    Raises:
        MeasureWrong: it does not.
    """
    wanted = RUNGS.get(kind, Rung.NORMAL)
    if rung >= Rung.CLOSED and wanted < Rung.BARRED and not (rung == Rung.BARRED and kind is MeasureKind.CLOSE):
        raise MeasureWrong(f"the account is {rung.name.lower()}; `{kind}` would change nothing")
