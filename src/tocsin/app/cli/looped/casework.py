"""`tocsin case`: cases looked at and worked on at the command line, on the records of a data folder, also beside a service."""

from collections.abc import Callable

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.evidence.verify import printable
from tocsin.app.cli.looped.desk import open_records, print_table, show_moment, stamp_of
from tocsin.app.loop.routes import load_routes
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.cases.case import NewCase, SourceKind, comment, open_case
from tocsin.cases.closing import Finding, Lesson, close_case, decide_subject, learn, open_things, reopen_case
from tocsin.cases.queue import Wish, claim, claim_one, release
from tocsin.cases.review import pick_for_review
from tocsin.cases.routing import route_case
from tocsin.cases.tables import Case, CaseNote, CaseSubject
from tocsin.measures.tables import Measure
from tocsin.model.errors import InputError
from tocsin.model.window import parse_span
from tocsin.records.actor import Stamp
from tocsin.records.table import find_record

MOST = 1_000
Act = Callable[[Session, Case, Stamp], object]


class Shown(Struct, frozen=True):
    """A case as machines read it."""

    number: int
    state: str
    queue: str
    subject: str
    typology: str
    harm: int
    due: str
    holder: str | None
    title: str


class Detail(Struct, frozen=True):
    """A case with what keeps it open, its subjects with their findings, its measures and its timeline."""

    case: Shown
    open: list[str]
    subjects: list[str]
    measures: list[str]
    timeline: list[str]


class Opening(Struct, frozen=True):
    """What is suspected, as it was typed."""

    subject: str
    queue: str
    typology: str
    due: str
    note: str


class Taking(Struct, frozen=True):
    """Which case somebody takes: this one, or the next of these queues."""

    number: int | None
    queues: tuple[str, ...]
    by: str | None


def index(settings: Settings, asked: tuple[str, str, int], lang: str, *, as_json: bool) -> int:
    """Cases of a queue and in a state, the next first."""
    queue, state, limit = asked
    wanted = select(Case).order_by(Case.rank, Case.number).limit(min(max(limit, 1), MOST))
    if queue:
        wanted = wanted.where(Case.queue == queue)
    if state:
        wanted = wanted.where(Case.state == state)
    with open_records(settings) as records, records.session() as session:
        found = [shown(each) for each in session.scalars(wanted)]
    if as_json:
        print(to_json({"cases": found}))
    else:
        _print(found, lang)
    return 0


def show(settings: Settings, number: int, lang: str, *, as_json: bool) -> int:
    """One case, whole."""
    with open_records(settings) as records, records.session() as session:
        detail = _detail(session, find_case(session, number))
    if as_json:
        print(to_json(detail))
        return 0
    say = Wording(lang).say
    _print([detail.case], lang)
    parts = (
        (say("Still open"), detail.open),
        (say("Subjects"), detail.subjects),
        (say("Measures"), detail.measures),
        (say("Timeline"), detail.timeline),
    )
    for title, lines in parts:
        print(f"\n{title}")
        for line in lines or ["-"]:
            print(f"  {printable(line)}")
    return 0


def begin(settings: Settings, opening: Opening, by: str | None, lang: str, *, as_json: bool) -> int:
    """Opens a case, or joins the open one on the same matter.

    Raises:
        InputError: the time until it is due is none.
        CaseWrong: it says too little.
    """
    stamp, routes = stamp_of(by), load_routes(settings)
    due = parse_span(opening.due)
    if due is None:
        raise InputError(f"--due: `{opening.due[:20]}` is no span of time, such as 24h")
    wanted = NewCase(
        subject=opening.subject,
        source=SourceKind.PERSON,
        reference=f"{stamp.by}/{stamp.at}",
        queue=opening.queue,
        due_at=stamp.at + due,
        typology=opening.typology,
        note=opening.note,
    )
    with open_records(settings) as records, records.change() as session:
        found = shown(open_case(session, route_case(wanted, routes, stamp.at), stamp))
    return _tell(found, lang, as_json=as_json)


def take(settings: Settings, wanted: Taking, lang: str, *, as_json: bool) -> int:
    """Takes one case, or the next of some queues; exit code 1 where nothing waits.

    Raises:
        InputError: neither is named.
        CaseWrong: somebody else has it.
    """
    if wanted.number is None and not wanted.queues:
        raise InputError("name a case, or the queues from which the next one is taken")
    stamp = stamp_of(wanted.by)
    with open_records(settings) as records, records.change() as session:
        if wanted.number is None:
            case = claim(session, Wish(queues=wanted.queues), stamp)
        else:
            case = find_case(session, wanted.number)
            claim_one(session, case, stamp)
        found = None if case is None else shown(case)
    if found is None:
        print(Wording(lang).say("No case waits."))
        return 1
    return _tell(found, lang, as_json=as_json)


def act(settings: Settings, number: int, by: str | None, work: Act, lang: str) -> int:
    """Does something with one case and shows how it stands.

    Raises:
        CaseWrong: why it cannot be done.
    """
    stamp = stamp_of(by)
    with open_records(settings) as records:
        with records.change() as session:  # stays, also where what is wanted cannot be done
            case = find_case(session, number)
            if case.decided_by is not None:
                pick_for_review(session, case, settings.review_share, stamp)
        with records.change() as session:
            case = find_case(session, number)
            work(session, case, stamp)
            if case.decided_by is not None:
                pick_for_review(session, case, settings.review_share, stamp)
            found = shown(case)
    return _tell(found, lang, as_json=False)


def acts(name: str, first: str = "", second: str = "", why: str = "") -> Act:
    """What an act at the command line does to a case: `first` and `second` are its words, as they were typed."""
    return {
        "release": lambda session, case, stamp: release(session, case, stamp, why),
        "find": lambda session, case, stamp: decide_subject(session, case, Finding(first, second, why), stamp),
        "learn": lambda session, case, stamp: learn(session, case, Lesson(first, second), stamp),
        "comment": lambda session, case, stamp: comment(session, case, stamp, first),
        "close": close_case,
        "reopen": lambda session, case, stamp: reopen_case(session, case, stamp, why),
    }[name]


def find_case(session: Session, number: int) -> Case:
    """A case by its number.

    Raises:
        InputError: there is none.
    """
    found = find_record(session, Case, number)
    if found is None:
        raise InputError(f"there is no case {number}")
    return found


def shown(case: Case) -> Shown:
    """A case for machines."""
    names = ("number", "state", "queue", "subject", "typology", "harm", "holder", "title")
    return Shown(**{name: getattr(case, name) for name in names}, due=show_moment(case.due_at))


def _detail(session: Session, case: Case) -> Detail:
    mine = case.number
    subjects = session.scalars(select(CaseSubject).where(CaseSubject.case_number == mine).order_by(CaseSubject.number))
    measures = session.scalars(select(Measure).where(Measure.case_number == mine).order_by(Measure.number))
    notes = session.scalars(select(CaseNote).where(CaseNote.case_number == mine).order_by(CaseNote.number))
    return Detail(
        shown(case),
        [f"{each.about}: {each.what}" for each in open_things(session, case)],
        [f"{each.subject} ({each.role}): {each.finding or '?'} {each.why}".rstrip() for each in subjects],
        [f"{each.number} {each.kind} {each.scope} {each.subject}: {each.state}" for each in measures],
        [f"{show_moment(each.at)} {each.by} {each.kind} {each.text}".rstrip() for each in notes],
    )


def _tell(found: Shown, lang: str, *, as_json: bool) -> int:
    if as_json:
        print(to_json(found))
    else:
        _print([found], lang)
    return 0


def _print(cases: list[Shown], lang: str) -> None:
    say = Wording(lang).say
    heads = (say("case"), say("state"), say("queue"), say("subject"), say("typology"), say("due"), say("holder"))
    rows = (
        (str(each.number), each.state, each.queue, each.subject, each.typology, each.due, each.holder or "")
        for each in cases
    )
    print_table(heads, rows)
