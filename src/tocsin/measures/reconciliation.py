"""Whether the platform does what the ledger says.

Receives what the platform has in force on some subjects. Gives every difference to the ledger: what is owed there, what
stands there without a measure. Changes nothing: a difference becomes a case.
"""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.measures.kind import MeasureKind
from tocsin.measures.state import MeasureState
from tocsin.measures.tables import Measure

AT_ONCE = 500


class Held(Struct, frozen=True, forbid_unknown_fields=True):
    """What the platform says of one subject: each measure in force there, `kind` or `kind:scope`."""

    subject: str
    measures: tuple[str, ...]


class Difference(Struct, frozen=True):
    """`missing`: the platform had confirmed it and does not have it. `extra`: it stands there without a measure."""

    subject: str
    measure: str
    side: str


def compare_state(session: Session, told: Sequence[Held]) -> list[Difference]:
    """Every difference on the subjects that were told, in their order."""
    found: list[Difference] = []
    for begin in range(0, len(told), AT_ONCE):
        part = told[begin : begin + AT_ONCE]
        owed, known = _believed(session, [each.subject for each in part])
        for each in part:
            held = set(each.measures)
            found += [Difference(each.subject, name, "missing") for name in sorted(owed[each.subject] - held)]
            found += [Difference(each.subject, name, "extra") for name in sorted(held - known[each.subject])]
    return found


def _believed(session: Session, subjects: Sequence[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By subject: what the platform has confirmed, and what may stand there because an instruction is under way."""
    owed: dict[str, set[str]] = defaultdict(set)
    known: dict[str, set[str]] = defaultdict(set)
    may = (MeasureState.ORDERED, MeasureState.DELIVERED, MeasureState.CONFIRMED, MeasureState.LIFTING)
    asked = select(Measure.subject, Measure.kind, Measure.scope, Measure.state)
    for subject, kind, scope, state in session.execute(
        asked.where(Measure.subject.in_(subjects), Measure.state.in_(may), Measure.kind != MeasureKind.WARN)
    ):
        name = f"{kind}:{scope}" if scope else kind
        known[subject].add(name)
        if state == MeasureState.CONFIRMED:
            owed[subject].add(name)
    return owed, known
