"""`tocsin appeal`: what is objected to measures, listed, shown, taken in and decided at the command line."""

import sys

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app import bootstrap
from tocsin.app.acts.appeals import measure_of_code, take_objection
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.evidence.verify import printable
from tocsin.app.cli.looped.casework import MOST
from tocsin.app.cli.looped.desk import open_records, print_table, show_moment, stamp_of
from tocsin.app.cli.looped.ledger import find_measure
from tocsin.app.loop.house import Premises, make_premises
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.cases.appeals.appeal import TEXT_LIMIT, Objection, Verdict, decide_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.measures.tables import Measure
from tocsin.model.errors import InputError
from tocsin.records.table import find_record

STDIN = "-"


class Shown(Struct, frozen=True):
    """An appeal in a list, as machines read it."""

    number: int
    measure: int
    state: str
    received: str
    due: str
    why: str


class Detail(Struct, frozen=True):
    """One appeal as machines read it. The words of the person, `text`, are sealed and stay masked."""

    number: int
    measure: int
    subject: str
    state: str
    by: str
    channel: str
    text: str
    materials: list[str]
    received: str
    due: str
    decided_by: str | None
    decided: str | None
    why: str
    redress: str


class Taking(Struct, frozen=True):
    """An objection that staff take in, as it was typed: to a measure, or with the code of a notice."""

    measure: int | None
    code: str
    text: str
    channel: str
    materials: tuple[str, ...]
    by: str | None


def index(settings: Settings, state: str, lang: str, *, as_json: bool) -> int:
    """Appeals in a state, the earliest due first."""
    wanted = select(Appeal).order_by(Appeal.due_at, Appeal.number).limit(MOST)
    if state:
        wanted = wanted.where(Appeal.state == state)
    with open_records(settings) as records, records.session() as session:
        found = [_shown(each) for each in session.scalars(wanted)]
    if as_json:
        print(to_json({"appeals": found}))
        return 0
    say = Wording(lang).say
    heads = (say("appeal"), say("measure"), say("state"), say("received"), say("due"), say("Why"))
    rows = ((str(each.number), str(each.measure), each.state, each.received, each.due, each.why) for each in found)
    print_table(heads, rows)
    return 0


def show(settings: Settings, number: int, lang: str, *, as_json: bool) -> int:
    """One appeal; what the person wrote stays masked.

    Raises:
        InputError: there is none.
    """
    with open_records(settings) as records, records.session() as session:
        found = _detail(session, _find(session, number))
    return _tell(found, lang, as_json=as_json)


def receive(settings: Settings, asked: Taking, lang: str, *, as_json: bool) -> int:
    """Takes an objection in for a person; while one on the same measure is undecided, that one is shown.

    Raises:
        InputError: neither a measure nor a code is named, or both; there is no such measure, or no notice has the code.
        AppealWrong: there is nothing to object to, it comes too late, says nothing or too much.
    """
    if (asked.measure is None) is not bool(asked.code):
        raise InputError("say to what it objects: the measure's number, or the notice's code with --code")
    text = sys.stdin.read(TEXT_LIMIT + 1) if asked.text == STDIN else asked.text
    objection = Objection(text=text, channel=asked.channel, materials=asked.materials)
    premises, stamp = _premises(settings), stamp_of(asked.by)
    with open_records(settings) as records, records.change() as session:
        measure = _objected(session, asked)
        found = _detail(session, take_objection(session, measure, objection, stamp, premises))
    return _tell(found, lang, as_json=as_json)


def decide(settings: Settings, number: int, verdict: Verdict, by: str | None, lang: str) -> int:
    """Decides an appeal; where it is upheld, all that the measure brought about is lifted at once.

    Raises:
        InputError: there is none.
        AppealWrong: why it cannot be decided so, or by this person.
    """
    stamp = stamp_of(by)
    with open_records(settings) as records, records.change() as session:
        appeal = _find(session, number)
        lifted = [each.number for each in decide_appeal(session, appeal, verdict, stamp)]
        state = appeal.state
    say = Wording(lang).say
    print(say("Appeal {number}: {state}; measures lifted: {lifted}", number=number, state=state, lifted=lifted or "-"))
    return 0


def _find(session: Session, number: int) -> Appeal:
    found = find_record(session, Appeal, number)
    if found is None:
        raise InputError(f"there is no appeal {number}")
    return found


def _objected(session: Session, asked: Taking) -> Measure:
    if asked.measure is not None:
        return find_measure(session, asked.measure)
    found = measure_of_code(session, asked.code)
    if found is None:
        raise InputError("no notice has this code")
    return found


def _premises(settings: Settings) -> Premises:
    """The platform's own terms, read as the service reads them at its start."""
    catalogue, templates = bootstrap.load_content(settings.packs)
    return make_premises(settings, catalogue, templates, bootstrap.load_duties(settings.packs))


def _shown(appeal: Appeal) -> Shown:
    times = {"received": show_moment(appeal.received_at), "due": show_moment(appeal.due_at)}
    return Shown(appeal.number, appeal.measure, appeal.state, why=appeal.why, **times)


def _detail(session: Session, appeal: Appeal) -> Detail:
    same = ("number", "measure", "state", "by", "channel", "text", "decided_by", "why", "redress")
    return Detail(
        **{name: getattr(appeal, name) for name in same},
        subject=session.get_one(Measure, appeal.measure).subject,
        materials=msgspec.json.decode(appeal.materials, type=list[str]),
        received=show_moment(appeal.received_at),
        due=show_moment(appeal.due_at),
        decided=None if appeal.decided_at is None else show_moment(appeal.decided_at),
    )


def _tell(found: Detail, lang: str, *, as_json: bool) -> int:
    if as_json:
        print(to_json(found))
        return 0
    say = Wording(lang).say
    rows = (
        (say("appeal"), str(found.number)),
        (say("measure"), str(found.measure)),
        (say("subject"), found.subject),
        (say("state"), found.state),
        (say("by whom"), found.by),
        (say("channel"), found.channel),
        (say("the person's words"), found.text),
        (say("materials"), ", ".join(found.materials)),
        (say("received"), found.received),
        (say("due"), found.due),
        (say("decided by"), found.decided_by or ""),
        (say("decided"), found.decided or ""),
        (say("Why"), found.why),
        (say("Further redress"), found.redress),
    )
    print_table((say("field"), say("value")), [row for row in rows if row[1]])
    told = say(
        'The words are sealed; this opens them: tocsin person view appeal:{number} --why "…"', number=found.number
    )
    print(printable(told))
    return 0
