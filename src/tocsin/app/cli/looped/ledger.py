"""`tocsin measure`: the ledger of measures at the command line."""

from collections.abc import Callable

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.evidence.verify import printable
from tocsin.app.cli.looped.casework import MOST, find_case
from tocsin.app.cli.looped.desk import open_records, print_table, show_moment, stamp_of
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.cases.exhibits.need import order_with_evidence
from tocsin.measures.kind import parse_measure
from tocsin.measures.lifting import lift
from tocsin.measures.measure import NewMeasure, decline, propose
from tocsin.measures.tables import Measure
from tocsin.model.errors import InputError
from tocsin.records.actor import Stamp
from tocsin.records.table import find_record

Act = Callable[[Session, Measure, Stamp], object]


class ShownMeasure(Struct, frozen=True):
    """A measure as machines read it."""

    number: int
    subject: str
    kind: str
    scope: str
    state: str
    basis: str
    reason: str
    rule: str
    case: int | None
    starts: str | None
    ends: str | None


class Proposal(Struct, frozen=True):
    """What is wanted, as it was typed: `kind` is written as in rules, such as `limit:call` or `cool_off:12h`."""

    subject: str
    kind: str
    basis: str
    reason: str
    case: int | None
    by: str | None


def index(settings: Settings, asked: tuple[str, str, int], lang: str, *, as_json: bool) -> int:
    """Measures on a subject and in a state, newest first."""
    subject, state, limit = asked
    wanted = select(Measure).order_by(Measure.number.desc()).limit(min(max(limit, 1), MOST))
    if subject:
        wanted = wanted.where(Measure.subject == subject)
    if state:
        wanted = wanted.where(Measure.state == state)
    with open_records(settings) as records, records.session() as session:
        found = [shown(each) for each in session.scalars(wanted)]
    return _tell(found, lang, as_json=as_json)


def show(settings: Settings, number: int, lang: str, *, as_json: bool) -> int:
    """One measure with its basis and reason.

    Raises:
        InputError: there is none.
    """
    with open_records(settings) as records, records.session() as session:
        found = shown(find_measure(session, number))
    if not as_json:
        _tell([found], lang, as_json=False)
        print(printable(f"{found.basis}: {found.reason}"))
        return 0
    print(to_json(found))
    return 0


def add(settings: Settings, wanted: Proposal, lang: str, *, as_json: bool) -> int:
    """Proposes a measure; the same one that is open or in force is answered instead.

    Raises:
        InputError: the case is not there.
        MeasureWrong: it may not be taken on this subject, or lacks what it must have.
    """
    written, stamp = parse_measure(wanted.kind), stamp_of(wanted.by)
    new = NewMeasure(
        subject=wanted.subject,
        kind=written.kind,
        scope=written.scope,
        span_us=written.span_us,
        basis=wanted.basis,
        reason=wanted.reason,
        case_number=wanted.case,
    )
    with open_records(settings) as records, records.change() as session:
        if wanted.case is not None:
            find_case(session, wanted.case)
        found = shown(propose(session, new, stamp))
    return _tell([found], lang, as_json=as_json)


def act(settings: Settings, number: int, by: str | None, work: Act, lang: str) -> int:
    """Does something with one measure and shows how it stands.

    Raises:
        MeasureWrong: why it cannot be done.
    """
    stamp = stamp_of(by)
    with open_records(settings) as records, records.change() as session:
        measure = find_measure(session, number)
        work(session, measure, stamp)
        found = shown(measure)
    return _tell([found], lang, as_json=False)


def acts(name: str, why: str = "") -> Act:
    """What an act at the command line does to a measure."""
    return {
        "order": lambda session, measure, stamp: order_with_evidence(session, measure, stamp, why),
        "decline": lambda session, measure, stamp: decline(session, measure, stamp, why),
        "lift": lambda session, measure, stamp: lift(session, measure, stamp, why),
    }[name]


def find_measure(session: Session, number: int) -> Measure:
    """A measure by its number.

    Raises:
        InputError: there is none.
    """
    found = find_record(session, Measure, number)
    if found is None:
        raise InputError(f"there is no measure {number}")
    return found


def shown(measure: Measure) -> ShownMeasure:
    """A measure for machines."""
    names = ("number", "subject", "kind", "scope", "state", "basis", "reason", "rule")
    return ShownMeasure(
        **{name: getattr(measure, name) for name in names},
        case=measure.case_number,
        starts=None if measure.starts_at is None else show_moment(measure.starts_at),
        ends=None if measure.ends_at is None else show_moment(measure.ends_at),
    )


def _tell(measures: list[ShownMeasure], lang: str, *, as_json: bool) -> int:
    if as_json:
        print(to_json({"measures": measures}))
        return 0
    say = Wording(lang).say
    heads = (say("measure"), say("subject"), say("kind"), say("state"), say("case"), say("from"), say("until"))
    print_table(heads, map(_cells, measures))
    return 0


def _cells(measure: ShownMeasure) -> tuple[str, ...]:
    kind = f"{measure.kind}:{measure.scope}" if measure.scope else measure.kind
    case = "" if measure.case is None else str(measure.case)
    return str(measure.number), measure.subject, kind, measure.state, case, measure.starts or "", measure.ends or ""
