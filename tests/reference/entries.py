"""Entries for tests of the history, and how their events become rows."""

import json
from pathlib import Path

from tocsin.app.bootstrap import load_packs
from tocsin.history.entry import Entry
from tocsin.history.lake.files import Typing
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import RuleId
from tocsin.model.entity import EntityRef
from tocsin.model.errors import EventError
from tocsin.model.event import EventId, Row
from tocsin.model.event_type import EventTypeName
from tocsin.model.outcome import Outcome

PAY = EventTypeName("payment.transfer")
START = 1_700_000_000_000_000
CATALOGUE = load_packs([Path(__file__).resolve().parents[2] / "packs/core"])
READER = EventReader(CATALOGUE.types)


def read_row(raw: bytes) -> Row | None:
    try:
        return READER.read_json(raw).row
    except EventError:
        return None


TYPING = Typing(CATALOGUE.types, read_row)


def make_entry(seq: int, *, sender: str = "", outcome: Outcome = Outcome.ALLOW, kind: EventTypeName = PAY) -> Entry:
    sender = sender or f"account:{seq % 7}"
    at = START + seq * 3_600_000_000
    event = {"id": f"e{seq}", "type": kind, "time": at / 1e6, "sender": sender, "payee": "account:m", "amount": seq / 4}
    decision = {"event_id": f"e{seq}", "outcome": outcome}
    return Entry(
        seq,
        EventId(f"e{seq}"),
        kind,
        at,
        at + 5,
        outcome,
        (RuleId("r1"),) if outcome is not Outcome.ALLOW else (),
        (EntityRef(sender), EntityRef("account:m")),
        json.dumps(event).encode(),
        json.dumps(decision).encode(),
    )


def make_entries(first: int, last: int) -> tuple[Entry, ...]:
    holds = {True: Outcome.HOLD, False: Outcome.ALLOW}
    return tuple(make_entry(seq, outcome=holds[seq % 10 == 0]) for seq in range(first, last + 1))
