"""`tocsin audit show` and `tocsin audit export`: what was done, and a copy of it that proves itself elsewhere."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.acts.audit import Question, read_log
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import open_records, print_table, show_moment, stamp_of
from tocsin.app.loop.auditor import PUBLIC, read_own_key
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.cases.clocks.moment import moment_us, read_moment
from tocsin.model.errors import InputError
from tocsin.records.audit import Act, write_act
from tocsin.records.trail.anchor import write_anchor
from tocsin.records.trail.chain import Link, Trace
from tocsin.records.trail.linking import anchors, link_waiting, read_chain, trace_of

MOST = 1_000
LOG, ANCHORS = "audit.jsonl", "anchors.jsonl"


class Asked(Struct, frozen=True):
    """Which acts, as it was typed: `begin` and `end` are times, empty for none. `reader` asks, None: who is logged in."""

    record: str = ""
    by: str = ""
    act: str = ""
    begin: str = ""
    end: str = ""
    before: int | None = None
    limit: int = 50
    reader: str | None = None


class Linked(Struct, frozen=True):
    """One line of an export: an act with its place."""

    link: Link
    act: Trace | None


def show(settings: Settings, asked: Asked, lang: str, *, as_json: bool) -> int:
    """Shows acts, newest first. Who reads them stands in the log.

    Raises:
        InputError: there are no records yet, or nobody is logged in.
        ClockError: a time is none, or has no zone.
    """
    question = Question(asked.record, asked.by, asked.act, _read(asked.begin), _read(asked.end), asked.before)
    stamp, limit = stamp_of(asked.reader, "--reader"), min(max(asked.limit, 1), MOST)
    with open_records(settings) as records, records.change() as session:
        found = [trace_of(entry) for entry, _ in read_log(session, question, limit, stamp).rows]
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


def _read(text: str) -> int | None:
    return moment_us(read_moment(text)) if text else None


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
