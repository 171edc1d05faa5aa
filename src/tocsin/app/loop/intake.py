"""What follows from one decision.

Receives an entry of the history and the rules that fired. Gives a case where a rule asks for one, and the measures that
the rules propose, ordered at once where a rule may do so by itself. The same entry again changes nothing.
"""

import hashlib
from collections.abc import Mapping

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.cases.case import NewCase, SourceKind, open_case
from tocsin.history.entry import Entry
from tocsin.measures.kind import parse_measure
from tocsin.measures.measure import NewMeasure, Policy, may_order_by_itself, order, propose
from tocsin.model.decision import RuleId
from tocsin.records.actor import Actor, ActorKind, Stamp
from tocsin.records.errors import CaseWrong, MeasureWrong
from tocsin.rules.pack import Rule

REFERENCE_LIMIT = 300
log = structlog.get_logger("tocsin.loop")


class Terms(Struct, frozen=True, kw_only=True):
    """How the platform takes in what rules ask for. `lang` is the language of reasons; `due_us` is its own time for a case;
    `basis` is the term of the platform on which a measure stands whose rule names no duty.
    """

    measures: Policy
    lang: str = "en"
    due_us: int = 24 * 3_600_000_000
    basis: str = "Terms of service"


def take_in(session: Session, entry: Entry, rules: Mapping[RuleId, Rule], terms: Terms, now_us: int) -> None:
    """Does what the rules that fired on an entry ask for."""
    if entry.erased:
        return
    event = msgspec.json.decode(entry.event, type=dict[str, object])
    for name in entry.rules:
        rule = rules.get(name)
        if rule is None or not (rule.case or rule.measures):
            continue
        subject = field_of(event, rule.subject)
        if not isinstance(subject, str):
            continue
        stamp = Stamp(Actor(ActorKind.RULE, rule.id[:128]), now_us)
        try:
            number = _open(session, entry, rule, subject, Moment(event, terms, stamp)) if rule.case else None
        except CaseWrong as error:
            log.warning("a rule's case cannot be opened", rule=rule.id, reason=str(error)[:80])
            number = None
        for text in rule.measures:
            _propose(session, text, _wanted(entry, rule, subject, terms, number), terms, stamp)


class Moment(Struct, frozen=True):
    """What is at hand while an entry is taken in."""

    event: dict[str, object]
    terms: Terms
    stamp: Stamp


class Reasons(Struct, frozen=True):
    """Why a rule wants measures on a subject, and the case to which they belong."""

    subject: str
    basis: str
    reason: str
    typology: str
    rule: str
    event: str
    case_number: int | None


def field_of(event: Mapping[str, object], name: str) -> object:
    """A field of an event by its dotted name; CloudEvents carry them in `data`.

    >>> field_of({"data": {"device": {"id": "d"}}}, "device.id")
    'd'
    """
    found: object = event
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    inner = event.get("data")
    if found is None and isinstance(inner, dict):
        return field_of(inner, name)
    return found


def reference_of(event_id: str, rule: str) -> str:
    """How a case names the decision that it came from, within the length that a reference may have.

    >>> reference_of("e1", "r"), len(reference_of("e" * 256, "r" * 128))
    ('e1/r', 71)
    """
    plain = f"{event_id}/{rule}"
    return plain if len(plain) <= REFERENCE_LIMIT else f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"


def _open(session: Session, entry: Entry, rule: Rule, subject: str, moment: Moment) -> int:
    amount = field_of(moment.event, "amount")
    wanted = NewCase(
        subject=subject,
        source=SourceKind.DECISION,
        reference=reference_of(entry.id, rule.id),
        queue=rule.case,
        due_at=moment.stamp.at + moment.terms.due_us,
        typology=rule.typology or "OTHER",
        title=getattr(rule.title, moment.terms.lang)[:300],
        harm=max(0, round(amount)) if isinstance(amount, int | float) and abs(amount) < 1e15 else 0,
        note=getattr(rule.because, moment.terms.lang),
    )
    return open_case(session, wanted, moment.stamp).number


def _wanted(entry: Entry, rule: Rule, subject: str, terms: Terms, case_number: int | None) -> Reasons:
    reason = getattr(rule.because, terms.lang)
    basis = ", ".join(rule.duties) or terms.basis
    return Reasons(subject, basis, reason, rule.typology, rule.id, entry.id, case_number)


def _propose(session: Session, text: str, reasons: Reasons, terms: Terms, stamp: Stamp) -> None:
    try:
        written = parse_measure(text)
        fields = msgspec.structs.asdict(reasons)
        wanted = NewMeasure(kind=written.kind, scope=written.scope, span_us=written.span_us, **fields)
        measure = propose(session, wanted, stamp)
        if measure.state == "proposed" and not may_order_by_itself(session, measure, terms.measures, stamp.at):
            order(session, measure, stamp)
    except MeasureWrong as error:
        log.warning("a rule's measure cannot be taken", rule=reasons.rule, measure=text, reason=str(error)[:120])
