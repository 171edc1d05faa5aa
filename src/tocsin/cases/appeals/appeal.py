"""Appeals received and decided.

Receives an objection to a measure. Gives its decision, and at once what follows from it: lifted, labelled, answered.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.cases.appeals.tables import Appeal
from tocsin.measures.lifting import lift
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.owing import objection_ends, owe_notice
from tocsin.measures.state import IN_FORCE, MeasureState
from tocsin.measures.tables import Measure
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, tell, write_act
from tocsin.records.errors import AppealWrong
from tocsin.records.sealing.field import Spot, seal_words
from tocsin.records.sealing.mask import STARS
from tocsin.rulebook.labels import GOOD, NewLabel, add_label

DAY_US = 86_400 * SECOND_US
TEXT_LIMIT = 10_000
MATERIALS = 20
OPEN_AT_ONCE = 3
"""Appeals that may follow one another on the same measure."""

DIGEST = re.compile(r"[0-9a-f]{64}")


class AppealState(StrEnum):
    """Where an appeal stands."""

    RECEIVED = "received"
    UPHELD = "upheld"
    REFUSED = "refused"


class Window(Struct, frozen=True, kw_only=True):
    """How long a person may object after they were told, and how long the platform takes to decide.

    The EU's Digital Services Act, Art 20, asks for six months at least.
    """

    object_us: int = 183 * DAY_US
    decide_us: int = 7 * DAY_US


class Objection(Struct, frozen=True, kw_only=True):
    """What somebody objects. `materials` are SHA-256 digests of evidence."""

    text: str
    channel: str
    materials: tuple[str, ...] = ()


class Verdict(Struct, frozen=True, kw_only=True):
    """What is decided of an appeal. `redress` says where else a person may turn, when it is refused."""

    upheld: bool
    why: str
    redress: str = ""


def receive_appeal(
    session: Session, measure: Measure, objection: Objection, stamp: Stamp, window: Window | None = None
) -> Appeal:
    """Takes an objection; while one on the same measure is undecided, that one is answered.

    Raises:
        AppealWrong: there is nothing to object to, it comes too late, says nothing or too much.
    """
    terms = window or Window()
    check_objection(measure, objection)
    ends_at = objection_ends(session, measure, terms.object_us)
    if ends_at is not None and stamp.at > ends_at:
        raise AppealWrong("the time to object is over; the notice says where else to turn")
    before = session.scalars(select(Appeal).where(Appeal.measure == measure.number).order_by(Appeal.number)).all()
    waiting = [each for each in before if each.state == AppealState.RECEIVED]
    if waiting:
        return waiting[0]
    if len(before) >= OPEN_AT_ONCE:
        raise AppealWrong(
            "this measure has been looked at again as often as it may be; see the notice for further redress"
        )
    appeal = Appeal(
        measure=measure.number,
        state=AppealState.RECEIVED,
        by=str(stamp.by),
        channel=objection.channel,
        text=STARS,
        materials="[]",
        received_at=stamp.at,
        due_at=stamp.at + terms.decide_us,
        why="",
        redress="",
    )
    session.add(appeal)
    session.flush()
    seal_appeal(session, appeal, objection.text, objection.materials)
    _write(session, appeal, stamp, "receive", "")
    owe_notice(session, measure, NoticeEvent.APPEAL_RECEIVED, stamp.at, appeal.number)
    tell(session, "appeal.received", measure.subject, stamp.at, {"appeal": appeal.number, "measure": measure.number})
    return appeal


def decide_appeal(session: Session, appeal: Appeal, verdict: Verdict, stamp: Stamp) -> list[Measure]:
    """Decides an appeal. Upheld, the measure and all it brought about is lifted now, the subject is labelled good, and the
    rule that proposed it is charged with the mistake; answers what is lifted.

    Raises:
        AppealWrong: it was decided before, no person decides or one who had decided before, or no reason is given, or no
            further redress where it is refused.
    """
    measure = session.get_one(Measure, appeal.measure)
    if appeal.state != AppealState.RECEIVED:
        raise AppealWrong(f"this appeal was {appeal.state} before")
    if not stamp.by.is_human or str(stamp.by) in {measure.ordered_by, measure.endorsed_by, measure.proposed_by}:
        raise AppealWrong("an appeal is decided by a person who had not decided on the measure")
    if not verdict.why.strip() or not (verdict.upheld or verdict.redress.strip()):
        raise AppealWrong("a decision has a reason, and a refusal says where else the person may turn")
    appeal.state = AppealState.UPHELD if verdict.upheld else AppealState.REFUSED
    appeal.decided_by, appeal.decided_at = str(stamp.by), stamp.at
    appeal.why, appeal.redress = verdict.why, verdict.redress
    lifted: list[Measure] = []
    if verdict.upheld:
        if MeasureState(measure.state) in IN_FORCE:
            lifted = lift(session, measure, stamp, f"appeal {appeal.number} upheld: {verdict.why}")
        label = NewLabel(
            label=GOOD, entity=measure.subject, event=measure.event, source=f"appeal:{appeal.number}", rule=measure.rule
        )
        add_label(session, label, str(stamp.by), stamp.at)
    _write(session, appeal, stamp, "decide", verdict.why)
    event = NoticeEvent.APPEAL_UPHELD if verdict.upheld else NoticeEvent.APPEAL_REFUSED
    owe_notice(session, measure, event, stamp.at, appeal.number)
    facts = {"appeal": appeal.number, "measure": measure.number, "lifted": [each.number for each in lifted]}
    tell(session, f"appeal.{appeal.state}", measure.subject, stamp.at, facts)
    return lifted


def check_objection(measure: Measure, objection: Objection) -> None:
    """Whether an objection can be taken.

    Raises:
        AppealWrong: why not.
    """
    if measure.starts_at is None or measure.state in {MeasureState.PROPOSED, MeasureState.DECLINED}:
        raise AppealWrong("nothing has been done yet to which one could object")
    if not 0 < len(objection.text.strip()) <= TEXT_LIMIT or len(objection.materials) > MATERIALS:
        raise AppealWrong(f"an objection has 1 to {TEXT_LIMIT} characters and at most {MATERIALS} materials")
    if not 0 < len(objection.channel) <= 64:
        raise AppealWrong("it is said through which channel an objection came")


def seal_appeal(session: Session, appeal: Appeal, text: str, materials: Sequence[str]) -> None:
    """Seals what a person wrote and how they named what they handed in; digests of evidence name nobody and stay.

    Raises:
        SecretWrong: the keys cannot be read or made.
    """
    appeal.text = seal_words(session, Spot("appeal", appeal.number, "text"), text)
    if not all(map(DIGEST.fullmatch, materials)):
        seal_words(session, Spot("appeal", appeal.number, "materials"), msgspec.json.encode(materials).decode())
    shown = [each if DIGEST.fullmatch(each) else STARS for each in materials]
    appeal.materials = msgspec.json.encode(shown).decode()


def _write(session: Session, appeal: Appeal, stamp: Stamp, verb: str, why: str) -> None:
    facts = {"state": appeal.state, "measure": appeal.measure}
    write_act(session, Act(stamp=stamp, act=f"appeal.{verb}", record=f"appeal:{appeal.number}", why=why, after=facts))
