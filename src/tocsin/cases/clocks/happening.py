"""What a message of the loop means for clocks.

Receives a message as it was written with an act. Gives the events from which clocks run, with their legally effective
moment and channel, and the acts that meet clocks. Never starts or meets one.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.clocks import proof
from tocsin.cases.clocks.receipt import RECEIVED
from tocsin.cases.tables import Case
from tocsin.measures.tables import Measure
from tocsin.records.tables import Message
from tocsin.rulebook.duties.start import PolicyId

CASE, APPEAL, NOTICE = PolicyId("case"), PolicyId("appeal"), PolicyId("notice")
Body = Mapping[str, object]
NOTHING: Mapping[str, str] = {}


class Happening(Struct, frozen=True, kw_only=True):
    """Something from which clocks run, or that meets them. Times are microseconds since 1970 UTC.

    `about` is the record that a clock belongs to, `record` the one whose acts meet it. `policy` is the platform's own clock
    that starts besides those of duties, due at `due_at` where that is known already. `acts` meet clocks of `records`.
    """

    at: int
    subject: str
    case_number: int | None = None
    event: str = ""
    about: str = ""
    record: str = ""
    channel: str = "tocsin"
    received_at: int | None = None
    facts: Mapping[str, str] = NOTHING
    stated: str = ""
    policy: PolicyId | None = None
    due_at: int | None = None
    acts: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


def happening_of(session: Session, message: Message) -> Happening | None:
    """What a message means for clocks; None where it means nothing to them, or what it is
    about is not there any more.
    """
    read = _READERS.get(message.type)
    try:
        return read(session, message, msgspec.json.decode(message.body, type=dict[str, object])) if read else None
    except NoResultFound:
        return None


def _opened(session: Session, message: Message, body: Body) -> Happening:
    case = session.get_one(Case, body["case"])
    about = f"case:{case.number}"
    return Happening(
        at=message.at,
        subject=case.subject,
        case_number=case.number,
        event="case.opened",
        about=about,
        record=about,
        policy=CASE,
        due_at=case.due_at,
    )


def _reopened(session: Session, message: Message, body: Body) -> Happening:
    case = session.get_one(Case, body["case"])
    about = f"case:{case.number}"
    return Happening(
        at=message.at,
        subject=case.subject,
        case_number=case.number,
        event="case.reopened",
        about=f"{about}/{case.reopened}",
        record=about,
        policy=CASE,
    )


def _received(session: Session, message: Message, body: Body) -> Happening:
    case = session.get_one(Case, body["case"])
    while case.merged_into is not None:
        case = session.get_one(Case, case.merged_into)
    given = {"source": str(body["sender"]), "request": str(body["request"]), "subject": _kind(message.subject)}
    received_at = body["received_at"]
    return Happening(
        at=_whole(body["effective_at"]),
        subject=message.subject,
        case_number=case.number,
        event=str(body["event"]),
        about=f"source:{body['source']}",
        record=f"case:{case.number}",
        channel=str(body["channel"]),
        received_at=None if received_at is None else _whole(received_at),
        facts={name: value for name, value in given.items() if value},
        stated=str(body["stated"]),
    )


def _ordered(session: Session, message: Message, body: Body) -> Happening:
    measure = session.get_one(Measure, body["measure"])
    about = f"measure:{measure.number}"
    return Happening(
        at=measure.ordered_at if measure.ordered_at is not None else message.at,
        subject=measure.subject,
        case_number=measure.case_number,
        event="measure.ordered",
        about=about,
        record=about,
        facts={"subject": _kind(measure.subject), "automated": "yes" if measure.automatic else "no"},
        policy=NOTICE,
    )


def _confirmed(session: Session, message: Message, body: Body) -> Happening:
    measure = session.get_one(Measure, body["measure"])
    return _met(measure, message, (proof.CONFIRMED,) if body["verb"] == "apply" else (), f"measure:{measure.number}")


def _lifted(session: Session, message: Message, body: Body) -> Happening:
    measure = session.get_one(Measure, body["measure"])
    return Happening(
        at=message.at, subject=measure.subject, acts=(proof.LIFTED,), records=(f"measure:{measure.number}",)
    )


def _noticed(session: Session, message: Message, body: Body) -> Happening:
    measure = session.get_one(Measure, body["measure"])
    about = f"notice:{body['notice']}"
    met = _met(measure, message, (proof.NOTICED,), f"measure:{measure.number}")
    if body["event"] != "taken":
        return met
    facts = {"subject": _kind(measure.subject)}
    return msgspec.structs.replace(met, event="notice.delivered", about=about, record=about, facts=facts)


def _appealed(session: Session, message: Message, body: Body) -> Happening:
    appeal = session.get_one(Appeal, body["appeal"])
    about = f"appeal:{appeal.number}"
    return Happening(
        at=appeal.received_at,
        subject=message.subject,
        case_number=session.get_one(Measure, appeal.measure).case_number,
        event="appeal.received",
        about=about,
        record=about,
        channel=appeal.channel,
        facts={"subject": _kind(message.subject)},
        policy=APPEAL,
        due_at=appeal.due_at,
    )


def _decided(session: Session, message: Message, body: Body) -> Happening:
    appeal = session.get_one(Appeal, body["appeal"])
    about = f"appeal:{appeal.number}"
    upheld = message.type == "appeal.upheld"
    return Happening(
        at=message.at,
        subject=message.subject,
        case_number=session.get_one(Measure, appeal.measure).case_number,
        event="appeal.upheld" if upheld else "appeal.decided",
        about=about,
        record=about,
        channel=appeal.channel,
        facts={"subject": _kind(message.subject)},
        acts=(proof.DECIDED, proof.LIFTED) if upheld else (proof.DECIDED,),
        records=(about,),
    )


def _stated(session: Session, message: Message, body: Body) -> Happening:
    about = f"statement:{body['statement']}"
    measure = session.get_one(Measure, body["measure"])
    made = Happening(at=message.at, subject=measure.subject, case_number=measure.case_number)
    if message.type == "statement.issued":
        return msgspec.structs.replace(made, event="statement.issued", about=about, record=about)
    return msgspec.structs.replace(made, acts=(proof.EXPORTED,), records=(about,))


def _closed(session: Session, message: Message, body: Body) -> Happening:
    act = proof.CLOSED if message.type == "case.closed" else proof.ANSWERED
    number = session.get_one(Case, body["case"]).number
    return Happening(at=message.at, subject=message.subject, acts=(act,), records=(f"case:{number}",))


def _met(measure: Measure, message: Message, acts: tuple[str, ...], record: str) -> Happening:
    """An act on a measure; it meets clocks of its case too."""
    of_case = () if measure.case_number is None else (f"case:{measure.case_number}",)
    return Happening(
        at=message.at,
        subject=measure.subject,
        case_number=measure.case_number,
        acts=acts,
        records=(record, *of_case),
    )


def _kind(subject: str) -> str:
    kind = subject.partition(":")[0]
    return {"seller": "account", "url": "link"}.get(kind, kind)


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


_READERS = {
    "case.opened": _opened,
    "case.reopened": _reopened,
    RECEIVED: _received,
    "measure.ordered": _ordered,
    "measure.confirmed": _confirmed,
    "measure.lifted": _lifted,
    "notice.delivered": _noticed,
    "appeal.received": _appealed,
    "appeal.upheld": _decided,
    "appeal.refused": _decided,
    "statement.issued": _stated,
    "statement.exported": _stated,
    "case.closed": _closed,
    "case.answered": _closed,
}
