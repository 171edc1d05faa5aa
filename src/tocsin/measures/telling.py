"""Notices written and sent.

Receives a notice that is owed, what is known of its measure, and the words of the house. Gives its text in the person's
language and the message that carries it to the platform. Whatever cannot be written stays owed and says why. Never names
who reported.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.measures.content import Templates
from tocsin.measures.notices.code import NoticeCode
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.facts import AlsoLifted, NoticeFacts
from tocsin.measures.notices.notice import render_notice
from tocsin.measures.notices.owing import NoticeState
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.tables import Measure
from tocsin.measures.text.subject import Decided, Source
from tocsin.model.errors import NoticeWrong
from tocsin.model.event_type import Title
from tocsin.model.window import SECOND_US
from tocsin.records.actor import ActorKind, Stamp, parse_actor
from tocsin.records.audit import Act, tell, write_act

AGAIN_US = 3_600 * SECOND_US
"""How long after a notice could not be written it is tried again."""

AT_ONCE = 50
MACHINES = frozenset({ActorKind.RULE, ActorKind.SYSTEM, ActorKind.KEY})


class House(Struct, frozen=True, kw_only=True):
    """The words of the platform, and its terms. `why` says why a term applies where no law is named; `object_us` is how
    long a person may object after they were told.
    """

    templates: Templates
    lang: str
    zone: str
    where: Title
    materials: tuple[Title, ...]
    redress: Title
    why: Title
    object_us: int


class Known(Struct, frozen=True, kw_only=True):
    """What is known of an act besides its measure. `at`, `why`, `redress` and `answer_by` are an appeal's; `hidden` is
    whatever names who reported.
    """

    source: Source
    facts: Title
    ground: Title
    is_law: bool = False
    why: Title | None = None
    redress: Title | None = None
    at: int | None = None
    answer_by: int | None = None
    hidden: tuple[str, ...] = ()


def owed_notices(session: Session, now_us: int) -> Sequence[NoticeRecord]:
    """The notices to write now; nobody else writes them meanwhile."""
    due = (NoticeRecord.state == NoticeState.OWED, NoticeRecord.next_at <= now_us)
    asked = select(NoticeRecord).where(*due).order_by(NoticeRecord.next_at, NoticeRecord.number).limit(AT_ONCE)
    return session.scalars(asked.with_for_update(skip_locked=True)).all()


def issue_notice(session: Session, notice: NoticeRecord, known: Known, house: House, stamp: Stamp) -> bool:
    """Writes a notice that is owed and sends it; False where it cannot be written: it stays owed and says why.

    Raises:
        NoticeWrong: it is not owed any more.
    """
    if notice.state != NoticeState.OWED:
        raise NoticeWrong(f"a notice that is {notice.state} is not written again")
    measure = session.get_one(Measure, notice.measure)
    event = NoticeEvent(notice.event)
    try:
        facts = _facts(session, notice, Telling(measure, known, house, stamp.at))
        made = render_notice(house.templates.notice(event, measure.kind), facts, notice.lang or house.lang)
    except NoticeWrong as error:
        _fail(session, notice, stamp, str(error)[:500])
        return False
    notice.state, notice.issued_at, notice.next_at, notice.failure = NoticeState.ISSUED, stamp.at, None, ""
    notice.lang, notice.template, notice.title, notice.body = made.lang, made.template, made.title, made.body
    told = {
        "notice": notice.number,
        "event": notice.event,
        "measure": measure.number,
        "lang": made.lang,
        "title": made.title,
        "body": made.body,
    }
    tell(session, "notice.issued", notice.subject, stamp.at, told)
    _write(session, notice, stamp, "issue")
    return True


def decided_by(measure: Measure) -> Decided:
    """Whether people took part in the decision on a measure."""
    by = [parse_actor(each).kind in MACHINES for each in (measure.proposed_by, measure.ordered_by) if each]
    return Decided.AUTOMATIC if all(by) else Decided.ASSISTED if any(by) else Decided.PERSON


class Telling(Struct, frozen=True):
    """What a notice is made of."""

    measure: Measure
    known: Known
    house: House
    now_us: int


def _facts(session: Session, notice: NoticeRecord, telling: Telling) -> NoticeFacts:
    measure, known, house = telling.measure, telling.known, telling.house
    is_lift = notice.event == NoticeEvent.LIFTED
    lifted = Title(measure.lift_reason, measure.lift_reason)
    return NoticeFacts(
        measure=measure.kind,
        subject=measure.subject,
        zone=house.zone,
        function=measure.scope,
        starts_at=measure.starts_at,
        ends_at=measure.ends_at,
        at=measure.lifted_at if is_lift else known.at,
        typology=measure.typology,
        facts=known.facts,
        source=known.source,
        detected_automatically=parse_actor(measure.proposed_by).kind in MACHINES,
        decided=decided_by(measure),
        ground=known.ground,
        why=lifted if is_lift else known.why or house.why,
        object_until=telling.now_us + house.object_us,
        where=house.where,
        materials=house.materials,
        redress=known.redress or house.redress,
        code=NoticeCode(notice.code),
        also=_also(session, measure),
        answer_by=known.answer_by,
        hidden=known.hidden,
    )


def _also(session: Session, measure: Measure) -> tuple[AlsoLifted, ...]:
    """What was lifted together with a measure: what it had brought about."""
    asked = select(Measure).where(Measure.parent == measure.number, Measure.lifted_at == measure.lifted_at)
    found = session.scalars(asked.order_by(Measure.number)).all() if measure.lifted_at is not None else ()
    return tuple(AlsoLifted(each.kind, each.subject, each.scope) for each in found if each.starts_at is not None)


def _fail(session: Session, notice: NoticeRecord, stamp: Stamp, why: str) -> None:
    notice.next_at = stamp.at + AGAIN_US
    if notice.failure != why:
        notice.failure = why
        _write(session, notice, stamp, "fail", why)
        facts = {"notice": notice.number, "measure": notice.measure, "event": notice.event, "why": why}
        tell(session, "notice.failed", notice.subject, stamp.at, facts)


def _write(session: Session, notice: NoticeRecord, stamp: Stamp, verb: str, why: str = "") -> None:
    facts = {"state": notice.state, "measure": notice.measure, "event": notice.event, "template": notice.template}
    write_act(session, Act(stamp=stamp, act=f"notice.{verb}", record=f"notice:{notice.number}", why=why, after=facts))
