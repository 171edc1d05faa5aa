"""The audit log's acts get their places in the chain, and the chain is read again.

Receives acts that are kept. Gives each its link, once and in one line, whoever else links at the same time; anchors; and
everything in the order of the chain for who verifies it. Never changes what is there.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tocsin.records.signing import SigningKey
from tocsin.records.tables import AuditAnchor, AuditEntry, AuditLink, Place
from tocsin.records.trail.anchor import SignedAnchor, day_of, read_anchor, sign_anchor, write_anchor
from tocsin.records.trail.chain import BEGINNING, Link, Trace, link_entries

NAME = "audit"
AT_ONCE = 2_000
BEHIND = 50_000
"""How far behind the newest linked act a number may become visible: a transaction is ended after seconds."""


def link_waiting(session: Session, *, all_of_them: bool = False) -> int:
    """Links acts that have no link yet, some at a time; answers how many. Who else links waits for this transaction's end.

    Looked for are the newest numbers only, or all of them.
    """
    place = session.get(Place, NAME, with_for_update=True)
    if place is None:
        place = Place(name=NAME, position=0)
        session.add(place)
        session.flush()
    last = last_link(session)
    since = AuditEntry.number > (0 if all_of_them else _newest(session) - BEHIND)
    found = session.scalars(select(AuditEntry).where(since, _waits()).order_by(AuditEntry.number).limit(AT_ONCE)).all()
    links = link_entries(last, map(trace_of, found))
    session.add_all(AuditLink(position=each.position, entry=each.entry, hash=each.hash) for each in links)
    place.position += len(links)
    return len(links)


def count_waiting(session: Session) -> int:
    """How many acts have no link yet."""
    return session.scalars(select(func.count()).select_from(AuditEntry).where(_waits())).one()


def last_link(session: Session) -> Link:
    """The end of the chain."""
    found = session.scalars(select(AuditLink).order_by(AuditLink.position.desc()).limit(1)).first()
    return BEGINNING if found is None else Link(found.position, found.entry, found.hash)


def add_anchor(session: Session, key: SigningKey, now_us: int) -> SignedAnchor | None:
    """This UTC day's anchor over the end of the chain; None where the day has one, or there is nothing to anchor."""
    session.get(Place, NAME, with_for_update=True)  # who anchors beside waits, and sees this day's anchor
    last = last_link(session)
    if not last.position or session.get(AuditAnchor, day_of(now_us)) is not None:
        return None
    made = sign_anchor(last, key, now_us)
    session.add(AuditAnchor(day=made.anchor.day, position=last.position, line=write_anchor(made).decode()))
    return made


def anchors(session: Session) -> list[SignedAnchor]:
    """Every anchor, oldest first.

    Raises:
        AnchorWrong: a line is none.
    """
    lines = session.scalars(select(AuditAnchor.line).order_by(AuditAnchor.day))
    return [read_anchor(line.encode()) for line in lines]


def read_chain(session: Session, after: int = 0) -> Iterator[tuple[Link, Trace | None]]:
    """Every link after a position with its act, None where the act is gone, in pages."""
    joined = select(AuditLink, AuditEntry).outerjoin(AuditEntry, AuditEntry.number == AuditLink.entry)
    while True:
        page = session.execute(
            joined.where(AuditLink.position > after).order_by(AuditLink.position).limit(AT_ONCE)
        ).all()
        for link, entry in cast("Sequence[tuple[AuditLink, AuditEntry | None]]", page):
            yield Link(link.position, link.entry, link.hash), None if entry is None else trace_of(entry)
            after = link.position
        session.expunge_all()
        if len(page) < AT_ONCE:
            return


def trace_of(entry: AuditEntry) -> Trace:
    """An act as the chain proves it."""
    return Trace(**{name: getattr(entry, name) for name in Trace.__struct_fields__})


def _newest(session: Session) -> int:
    return session.scalars(select(func.max(AuditLink.entry))).one() or 0


def _waits() -> ColumnElement[bool]:
    return ~select(AuditLink.position).where(AuditLink.entry == AuditEntry.number).exists()
