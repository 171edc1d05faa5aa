"""What rules ask for is done once for each entry, whether it was heard or must be read."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from tests.reference.entries import make_entry
from tests.reference.evidence import make_store
from tests.reference.loop import NOW
from tocsin.app.bootstrap import load_packs, shipped_packs
from tocsin.app.loop import copier as copying
from tocsin.app.loop import inbox
from tocsin.app.loop.copier import Copier
from tocsin.app.loop.follower import Follower, Work
from tocsin.app.loop.inbox import Inbox
from tocsin.app.loop.intake import Terms
from tocsin.app.storage.records import Records
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.cases.tables import Case, CaseEvidence, CaseNote
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.measures.measure import Policy
from tocsin.model.decision import RuleId
from tocsin.model.entity import EntityRef

RULES = load_packs([shipped_packs()]).rules
MULE = RuleId("mule-collects-from-strangers")


def fired(seq: int) -> Entry:
    """A payment to an account of its own, on which the rule on mules fired."""
    event = msgspec.json.encode({**msgspec.json.decode(make_entry(seq).event), "payee": f"account:m{seq}"})
    return replace(make_entry(seq), rules=(MULE,), event=event)


def follow(history: History, records: Records, box: Inbox, store: EvidenceStore | None = None) -> Follower:
    rules = {MULE: RULES[MULE]}
    copier = Copier(store or make_store(records.address.folder / "evidence"), records, rules)
    made = Follower(box, history, records, Work(rules, Terms(measures=Policy(rule_per_hour=100_000)), copier))
    made.start()
    return made


def keep(history: History, box: Inbox, *entries: Entry) -> None:
    history.journal.append(entries, NOW)
    box.put(entries)


def cases(records: Records) -> int:
    with records.session() as session:
        return session.scalars(select(func.count()).select_from(Case)).one()


def test_what_was_heard_is_done_and_the_history_is_not_read_for_it(
    tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path)
    box = Inbox({MULE}, 0)
    follower = follow(history, records, box)
    keep(history, box, make_entry(1), fired(2), make_entry(3))
    with monkeypatch.context() as patched:
        patched.setattr(history, "read", None)
        assert follower.advance(NOW) == 3
        assert follower.advance(NOW) == 0
    assert cases(records) == 1
    history.close()


def test_after_a_restart_what_was_kept_and_not_done_is_read_and_the_rest_is_heard(
    tmp_path: Path, records: Records
) -> None:
    history = History(tmp_path)
    box = Inbox({MULE}, 0)
    follow(history, records, box)
    keep(history, box, fired(1), fired(2))
    again = Inbox({MULE}, history.journal.last_seq)
    follower = follow(history, records, again)
    keep(history, again, fired(3))
    while follower.advance(NOW):
        pass
    assert (cases(records), follower.position) == (3, 3)
    history.close()


def test_who_falls_so_far_behind_that_entries_were_let_go_reads_them(
    tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST", 5)
    history = History(tmp_path)
    box = Inbox({MULE}, 0)
    follower = follow(history, records, box)
    for begin in (1, 4, 7):
        keep(history, box, *(fired(seq) for seq in range(begin, begin + 3)))
    assert box.begin == 6
    while follower.advance(NOW):
        pass
    assert (cases(records), follower.position) == (9, 9)
    history.close()


def test_event_and_decision_are_copied_before_anything_follows_from_them(tmp_path: Path, records: Records) -> None:
    history, box, store = History(tmp_path), Inbox({MULE}, 0), make_store(tmp_path / "evidence")
    hostile = replace(fired(2), event=fired(2).event.replace(b'"payee"', b'"note":"\x7f","payee"'))
    follower = follow(history, records, box, store)
    keep(history, box, make_entry(1), hostile)
    assert follower.advance(NOW) == 2
    with records.session() as session:
        (exhibit,) = session.scalars(select(CaseEvidence)).all()
        copied, source = msgspec.json.decode(store.read(exhibit.sha256)), exhibit.source
    assert copied == {"event": msgspec.json.decode(hostile.event), "decision": msgspec.json.decode(hostile.decision)}
    assert source == f"event {hostile.id}"
    history.close()


def test_a_store_that_is_away_holds_up_no_case(tmp_path: Path, records: Records) -> None:
    history, box = History(tmp_path), Inbox({MULE}, 0)
    follower = follow(history, records, box, EvidenceStore(make_store(tmp_path / "e")._shelf, largest=10))
    keep(history, box, fired(1))
    assert follower.advance(NOW) == 1
    with records.session() as session:
        assert "evidence failed" in session.scalars(select(CaseNote.kind)).all()
        assert session.scalars(select(CaseEvidence)).all() == []
    history.close()


def test_of_one_case_only_so_many_decisions_are_copied(
    tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "MOST", 2)
    history, box = History(tmp_path), Inbox({MULE}, 0)
    follower = follow(history, records, box)
    for seq in range(1, 6):
        same = replace(fired(seq), event=fired(seq).event.replace(b"account:m%d" % seq, b"account:m"))
        keep(history, box, replace(same, entities=(EntityRef("account:m"),)))
        assert follower.advance(NOW) == 1
    with records.session() as session:
        assert session.scalars(select(func.count()).select_from(CaseEvidence)).one() == 2
        assert cases(records) == 1
    history.close()
