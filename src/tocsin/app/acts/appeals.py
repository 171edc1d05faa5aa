"""Objections taken in.

Receives an objection and the platform's terms. Gives the appeal, with the window and the day of decision that hold here.
"""

from sqlalchemy.orm import Session

from tocsin.app.loop.house import Premises
from tocsin.cases.appeals.appeal import Objection, Window, receive_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.clocks.reckoning import reckon
from tocsin.measures.notices.owing import find_by_code
from tocsin.measures.tables import Measure
from tocsin.records.actor import Stamp


def take_objection(
    session: Session, measure: Measure, objection: Objection, stamp: Stamp, premises: Premises
) -> Appeal:
    """Takes an objection; while one on the same measure is undecided, that one is answered.

    Raises:
        AppealWrong: there is nothing to object to, it comes too late, says nothing or too much.
    """
    return receive_appeal(session, measure, objection, stamp, appeal_window(premises, stamp.at))


def measure_of_code(session: Session, code: str) -> Measure | None:
    """The measure of the notice whose code was given; None for every other text."""
    notice = find_by_code(session, code)
    return None if notice is None else session.get_one(Measure, notice.measure)


def appeal_window(premises: Premises, now_us: int) -> Window:
    """How long a person may object here, and how long deciding takes by the platform's own span."""
    span, clocks = premises.clocks.own.get("appeal"), premises.clocks
    usual = Window(object_us=premises.house.object_us)
    if span is None:
        return usual
    return Window(object_us=usual.object_us, decide_us=reckon(clocks.calendar, now_us, span).due_us - now_us)
