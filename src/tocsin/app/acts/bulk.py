"""Bulk acts are taken and undone, part after part.

Receives a plan's number and who acts. Gives its measures ordered as people order single ones, or lifted. Never holds the
records for longer than one part takes.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from tocsin.cases.exhibits.need import order_with_evidence
from tocsin.measures.bulk import Undone, apply_batch, undo_part
from tocsin.measures.tables import Measure
from tocsin.records.actor import Stamp


def take_part(session: Session, number: int, stamp: Stamp, start: int) -> int | None:
    """Takes a part of a plan from a place on; answers the next place, None at the end.

    Raises:
        MeasureWrong: there is no such plan, it was undone, or a measure cannot be ordered; nothing of the part is taken.
    """
    return apply_batch(session, number, stamp, start, _order)


def undo_all(change: Callable[[], AbstractContextManager[Session]], number: int, stamp: Stamp) -> Undone:
    """Lifts everything that a bulk act took, each part in a transaction of its own; interrupted, it goes on when asked again.

    Raises:
        MeasureWrong: it was not applied, was undone before, or its window is closed.
    """
    undone = None
    while undone is None:
        with change() as session:
            undone = undo_part(session, number, stamp)
    return undone


def _order(session: Session, measure: Measure, stamp: Stamp) -> bool:
    """What is removed without a copy in its case is removed for the reason that the measure gives; the case says so."""
    return order_with_evidence(session, measure, stamp, measure.reason)
