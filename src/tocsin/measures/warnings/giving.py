"""Warnings given, and what became of them.

Receives a warning that a rule or the platform wants to give, and what the platform says of it afterwards. Gives one record
for one warning, rendered and passed by the linter, and how often each template was delivered, seen and heeded. Never counts
one as seen that was not delivered.
"""

import hashlib
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.measures.text.places import LANGUAGES
from tocsin.measures.warnings.effect import Effect, WarningCount, effects_of
from tocsin.measures.warnings.grade import URGENCY, grade_of
from tocsin.measures.warnings.tables import WarningRecord
from tocsin.measures.warnings.template import WarningTemplate, render_warning
from tocsin.model.entity import ENTITY_LIMIT, parse_entity
from tocsin.model.errors import WarningWrong
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, tell, write_act

EVENT_LIMIT = 256


class Step(StrEnum):
    """What becomes of a warning; each takes the ones before with it."""

    DELIVERED = "delivered"
    SEEN = "seen"
    HEEDED = "heeded"


class NewWarning(Struct, frozen=True, kw_only=True):
    """A warning that is wanted. `subject` is who is warned (empty: only the platform knows that of the event), `suspect`
    whom it is about; `likelihood` is from 0 to 1. `event` is what it is about: with the template it makes two of them one.
    """

    template: WarningTemplate
    event: str
    subject: str = ""
    suspect: str = ""
    likelihood: float = 0.6
    lang: str = "en"
    rule: str = ""


def give_warning(session: Session, wanted: NewWarning, stamp: Stamp) -> WarningRecord:
    """The record of a warning, and the message that carries it; the same again is answered as it stands.

    Raises:
        WarningWrong: nobody, no event or no such language; or it would hold what no warning may hold.
    """
    _check(wanted)
    identity = hashlib.sha256(f"{wanted.event}\0{wanted.template.name}\0{wanted.subject}".encode()).hexdigest()
    known = session.scalars(select(WarningRecord).where(WarningRecord.identity == identity)).one_or_none()
    if known is not None:
        return known
    grade = grade_of(wanted.likelihood, max(URGENCY[stage] for stage in wanted.template.stages))
    shown = render_warning(wanted.template, grade, wanted.lang, wanted.suspect)
    made = WarningRecord(
        identity=identity,
        template=wanted.template.name,
        subject=wanted.subject,
        event=wanted.event,
        rule=wanted.rule,
        grade=grade,
        lang=wanted.lang,
        heading=shown.heading,
        title=shown.title,
        body=shown.text,
        given_at=stamp.at,
    )
    session.add(made)
    session.flush()
    facts = {name: getattr(made, name) for name in ("template", "event", "subject", "grade", "lang", "title", "body")}
    told = {**facts, "warning": made.number, "heading": made.heading, "channels": list(shown.channels)}
    tell(session, "warning.given", made.subject or f"event:{made.event}"[:ENTITY_LIMIT], stamp.at, told)
    _write(session, made, stamp, "give")
    return made


def mark_warning(session: Session, warning: WarningRecord, step: Step, stamp: Stamp) -> bool:
    """What the platform says of a warning; False where it was known. What is seen was delivered, what is heeded was seen."""
    if getattr(warning, f"{step}_at") is not None:
        return False
    for each in Step:
        if getattr(warning, f"{each}_at") is None:
            setattr(warning, f"{each}_at", stamp.at)
        if each is step:
            break
    _write(session, warning, stamp, step)
    return True


def effect_by_template(session: Session, since: int = 0) -> list[Effect]:
    """What each warning achieved of those given since a time."""
    row = WarningRecord
    counted = (func.count(row.delivered_at), func.count(row.seen_at), func.count(row.heeded_at))
    asked = select(row.template, *counted).where(row.given_at >= since).group_by(row.template)
    return effects_of(WarningCount(*found) for found in session.execute(asked))


def _check(wanted: NewWarning) -> None:
    if wanted.subject and (parse_entity(wanted.subject) is None or len(wanted.subject) > ENTITY_LIMIT):
        raise WarningWrong("who is warned is written `kind:value`")
    if wanted.suspect and (parse_entity(wanted.suspect) is None or len(wanted.suspect) > ENTITY_LIMIT):
        raise WarningWrong("whom a warning is about is written `kind:value`")
    if not 0 < len(wanted.event) <= EVENT_LIMIT:
        raise WarningWrong(f"what a warning is about is an event's id, of at most {EVENT_LIMIT} characters")
    if wanted.lang not in LANGUAGES:
        raise WarningWrong(f"a warning is in {' or '.join(LANGUAGES)}, not in {wanted.lang[:20]}")


def _write(session: Session, warning: WarningRecord, stamp: Stamp, verb: str) -> None:
    facts = {"template": warning.template, "subject": warning.subject, "event": warning.event}
    write_act(session, Act(stamp=stamp, act=f"warning.{verb}", record=f"warning:{warning.number}", after=facts))
