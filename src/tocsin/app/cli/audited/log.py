"""`tocsin audit show` and `tocsin audit export`: what was done, and a copy of it that proves itself elsewhere."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import open_records, print_table, show_moment, stamp_of
from tocsin.app.loop.auditor import PUBLIC, read_own_key
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError
from tocsin.records.audit import Act, write_act
from tocsin.records.tables import AuditEntry
from tocsin.records.trail.anchor import write_anchor
from tocsin.records.trail.chain import Link, Trace
from tocsin.records.trail.linking import anchors, link_waiting, read_chain, trace_of

MOST = 1_000
LOG, ANCHORS = "audit.jsonl", "anchors.jsonl"


class Asked(Struct, frozen=True):
    """Which acts: on a record, by somebody, of a kind (`case.` is every act on cases); numbers below one, so many."""

    record: str = ""
    by: str = ""
    act: str = ""
    before: int | None = None
    limit: int = 50


class Linked(Struct, frozen=True):
    """One line of an export: an act with its place."""

    link: Link
    act: Trace | None


def show(settings: Settings, asked: Asked, lang: str, *, as_json: bool) -> int:
    """Shows acts, newest first.

    Raises:
        InputError: there are no records yet.
    """
    with open_records(settings) as records, records.session() as session:
        found = [trace_of(each) for each in _find(session, asked)]
    if as_json:
        print(to_json({"acts": [msgspec.to_builtins(each) for each in found]}))
        return 0
    say = Wording(lang).say
    names = (say("No."), say("Time"), say("Who"), say("Act"), say("Record"), say("Why"))
    rows = ((str(each.number), show_moment(each.at), each.by, each.act, each.record, each.why) for each in found)
    print_table(names, rows)
    return 0


def export(settings: Settings, folder: Path, by: str | None, lang: str) -> int:
    """Writes the log with its anchors and the public key into a new folder. That it was exported is the last act in it.

    Raises:
        InputError: there are no records yet, or the folder is there already or cannot be made.
        SecretWrong: there is no key yet.
    """
    key = read_own_key(settings.data)
    with open_records(settings) as records:
        with records.change() as session:
            write_act(session, Act(stamp=stamp_of(by), act="audit.export", record="audit:log", why=folder.name))
        while True:
            with records.change() as session:
                if not link_waiting(session, all_of_them=True):
                    break
        try:
            folder.mkdir(mode=0o700)
            with records.session() as session:
                count = _write(session, folder)
            (folder / PUBLIC).write_bytes(key)
        except OSError as error:
            raise InputError(f"{folder}: {error.strerror}") from None
    say = Wording(lang).say
    print(
        say("{count:,} acts are in {folder}; prove them with: tocsin audit verify {folder}", count=count, folder=folder)
    )
    return 0


def _find(session: Session, asked: Asked) -> list[AuditEntry]:
    wanted = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(min(max(asked.limit, 1), MOST))
    if asked.record:
        wanted = wanted.where(AuditEntry.record == asked.record)
    if asked.by:
        wanted = wanted.where(AuditEntry.by == asked.by)
    if asked.act:
        is_prefix = asked.act.endswith(".")
        wanted = wanted.where(
            AuditEntry.act.startswith(asked.act, autoescape=True) if is_prefix else AuditEntry.act == asked.act
        )
    if asked.before is not None:
        wanted = wanted.where(AuditEntry.number < asked.before)
    return list(session.scalars(wanted))


def _write(session: Session, folder: Path) -> int:
    count = 0
    with (folder / ANCHORS).open("wb") as file:
        file.writelines(write_anchor(each) for each in anchors(session))
    with (folder / LOG).open("wb") as file:
        for link, trace in read_chain(session):
            file.write(msgspec.json.encode(Linked(link, trace)) + b"\n")
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count
