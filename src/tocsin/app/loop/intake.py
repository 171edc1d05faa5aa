"""What follows from one decision.

Receives an entry of the history and the rules that fired. Gives a case where a rule asks for one, the warning that
it names, and the measures that it proposes, ordered at once where a rule may do so by itself. The same entry again changes nothing.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.loop.copier import Copied, join_copy
from tocsin.cases.case import NewCase, SourceKind, open_case
from tocsin.cases.clocks.calendar import Calendar, named_calendar
from tocsin.cases.clocks.reckoning import reckon
from tocsin.cases.exhibits.need import order_with_evidence
from tocsin.cases.routing import Route, route_case
from tocsin.history.entry import Entry
from tocsin.measures.kind import parse_measure
from tocsin.measures.measure import NewMeasure, Policy, may_order_by_itself, propose
from tocsin.measures.warnings.giving import NewWarning, give_warning
from tocsin.measures.warnings.template import WarningTemplate
from tocsin.model.decision import RuleId
from tocsin.model.errors import NoticeWrong, WarningWrong
from tocsin.model.outcome import Outcome
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Actor, ActorKind, Stamp
from tocsin.records.errors import CaseWrong, MeasureWrong
from tocsin.rulebook.duties.regime_entry import EVERY_DAY
from tocsin.rulebook.duties.span import Span, Unit
from tocsin.rules.pack import Rule

REFERENCE_LIMIT = 300
NO_WARNINGS: Mapping[str, WarningTemplate] = {}
CREATED = frozenset({("listing.create", "listing"), ("content.post", "content"), ("account.register", "account")})
"""Events with which the platform begins to host the subject in a field."""

log = structlog.get_logger("tocsin.loop")


class Terms(Struct, frozen=True, kw_only=True):
    """How the platform takes in what rules ask for.

    `lang` is the language of reasons; `span` is its own time for a case, on its `calendar`; `basis` is the term of the
    platform on which a measure stands whose rule names no duty; `warnings` are given in `told_lang`; `routes` say where its
    cases go.
    """

    measures: Policy
    lang: str = "en"
    span: Span = Span(unit=Unit.HOURS, count=24)
    calendar: Calendar = named_calendar(EVERY_DAY)
    basis: str = "Terms of service"
    warnings: Mapping[str, WarningTemplate] = NO_WARNINGS
    told_lang: str = "en"
    routes: tuple[Route, ...] = ()


class Taken(Struct, frozen=True):
    """An entry, and what was copied of it where it asks for a case."""

    entry: Entry
    copied: Copied | None = None


def take_in(session: Session, taken: Taken, rules: Mapping[RuleId, Rule], terms: Terms, now_us: int) -> None:
    """Does what the rules that fired on an entry ask for."""
    entry = taken.entry
    if entry.erased:
        return
    event = msgspec.json.decode(entry.event, type=dict[str, object])
    for name in entry.rules:
        rule = rules.get(name)
        if rule is None or not asks(rule):
            continue
        subject = field_of(event, rule.subject)
        moment = Moment(event, terms, Stamp(Actor(ActorKind.RULE, rule.id[:128]), now_us))
        if rule.warn and entry.outcome is not Outcome.ALLOW:
            _warn(session, entry, rule, subject, moment)
        if not isinstance(subject, str):
            continue
        try:
            number = _open(session, taken, rule, subject, moment) if rule.case else None
        except CaseWrong as error:
            log.warning("a rule's case cannot be opened", rule=rule.id, reason=str(error)[:80])
            number = None
        for text in rule.measures:
            _propose(session, text, _wanted(entry, rule, moment, number), moment)


def asks(rule: Rule) -> bool:
    """Whether anything follows from a rule besides the outcome."""
    return bool(rule.case or rule.measures or rule.warn)


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
    content_on: str = ""


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


def _open(session: Session, taken: Taken, rule: Rule, subject: str, moment: Moment) -> int:
    entry = taken.entry
    amount = field_of(moment.event, "amount")
    wanted = NewCase(
        subject=subject,
        source=SourceKind.DECISION,
        reference=reference_of(entry.id, rule.id),
        queue=rule.case,
        due_at=reckon(moment.terms.calendar, moment.stamp.at, moment.terms.span).due_us,
        typology=rule.typology or "OTHER",
        title=getattr(rule.title, moment.terms.lang)[:300],
        harm=max(0, round(amount)) if isinstance(amount, int | float) and abs(amount) < 1e15 else 0,
        note=getattr(rule.because, moment.terms.lang),
    )
    case = open_case(session, route_case(wanted, moment.terms.routes, moment.stamp.at), moment.stamp)
    if taken.copied is not None:
        join_copy(session, case, entry, taken.copied, moment.stamp)
    return case.number


def hosted_since(entry: Entry, event: Mapping[str, object], field: str) -> str:
    """The day from which the platform has hosted the subject in a field of an event, as far as the event tells; else empty."""
    age = field_of(event, f"{field}_age_days")
    known_days = 0 if (entry.type, field) in CREATED else age if isinstance(age, int) and 0 <= age < 36_500 else None
    if known_days is None:
        return ""
    return (datetime.fromtimestamp(entry.at // SECOND_US, UTC) - timedelta(days=known_days)).date().isoformat()


def _wanted(entry: Entry, rule: Rule, moment: Moment, case_number: int | None) -> Reasons:
    terms, subject = moment.terms, str(field_of(moment.event, rule.subject))
    reason = getattr(rule.because, terms.lang)
    basis = ", ".join(rule.duties) or terms.basis
    since = hosted_since(entry, moment.event, rule.subject)
    return Reasons(subject, basis, reason, rule.typology, rule.id, entry.id, case_number, since)


def _warn(session: Session, entry: Entry, rule: Rule, subject: object, moment: Moment) -> None:
    template = moment.terms.warnings.get(rule.warn)
    if template is None:
        return
    suspect = subject if isinstance(subject, str) and (rule.measures or rule.case) else ""
    wanted = NewWarning(
        template=template,
        event=entry.id,
        suspect=suspect,
        likelihood=rule.score / 100,
        lang=moment.terms.told_lang,
        rule=rule.id[:128],
    )
    try:
        give_warning(session, wanted, moment.stamp)
    except (WarningWrong, NoticeWrong) as error:
        log.warning("a rule's warning cannot be given", rule=rule.id, reason=str(error)[:120])


def _propose(session: Session, text: str, reasons: Reasons, moment: Moment) -> None:
    terms, stamp = moment.terms, moment.stamp
    try:
        written = parse_measure(text)
        fields = msgspec.structs.asdict(reasons)
        wanted = NewMeasure(kind=written.kind, scope=written.scope, span_us=written.span_us, **fields)
        measure = propose(session, wanted, stamp)
        if measure.state == "proposed" and not may_order_by_itself(session, measure, terms.measures, stamp.at):
            order_with_evidence(session, measure, stamp)
    except (MeasureWrong, CaseWrong) as error:
        log.warning("a rule's measure cannot be taken", rule=reasons.rule, measure=text, reason=str(error)[:120])
