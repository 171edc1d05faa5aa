"""Every act gets one place in the chain, whoever links at once; and what was written stays."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.reference.loop import ANN, DAY, NOW, at
from tocsin.app.loop import auditor
from tocsin.app.loop.auditor import Auditor
from tocsin.app.storage.records import Records
from tocsin.records.audit import Act, write_act
from tocsin.records.signing import read_public_key
from tocsin.records.tables import AuditEntry, AuditLink
from tocsin.records.trail import linking
from tocsin.records.trail.anchor import read_anchor, trust
from tocsin.records.trail.linking import anchors, count_waiting, link_waiting, read_chain
from tocsin.records.trail.proof import AuditProof, ChainVerification, Fault


def act(records: Records, count: int) -> None:
    with records.change() as session:
        for number in range(count):
            write_act(session, Act(stamp=at(ANN), act="case.view", record=f"case:{number}", why="w"))


def verify(records: Records, folder: Path) -> AuditProof:
    keys = trust([read_public_key((folder / auditor.PUBLIC).read_bytes())])
    with records.session() as session:
        verification = ChainVerification(anchors(session), keys)
        for link, trace in read_chain(session):
            verification.add(link, trace)
        return verification.finish(count_waiting(session))


def test_acts_are_linked_in_order_and_anchored_once_a_day(records: Records, tmp_path: Path) -> None:
    audit = Auditor(records, tmp_path)
    act(records, 3)
    assert audit.advance(NOW) == 3
    act(records, 2)
    assert audit.advance(NOW + 1) == 2
    assert audit.advance(NOW + DAY) == 0
    proof = verify(records, tmp_path)
    assert (proof.holds, proof.links, proof.anchors, proof.anchored, proof.waiting) == (True, 5, 2, 5, 0)
    files = sorted((tmp_path / auditor.FOLDER).iterdir())
    assert [path.name for path in files] == ["2026-01-15.json", "2026-01-16.json"]
    with records.session() as session:
        assert [read_anchor(path.read_bytes()) for path in files] == anchors(session)


def test_an_anchor_whose_file_is_missing_is_written_the_next_day(records: Records, tmp_path: Path) -> None:
    act(records, 1)
    Auditor(records, tmp_path).advance(NOW)
    first = tmp_path / auditor.FOLDER / "2026-01-15.json"
    kept = first.read_bytes()
    first.unlink()
    Auditor(records, tmp_path).advance(NOW + DAY)
    assert first.read_bytes() == kept
    assert len(list(first.parent.iterdir())) == 2


def test_many_that_link_at_once_make_one_chain(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "AT_ONCE", 7)
    act(records, 60)
    with records.change() as session:
        link_waiting(session)
    threads = [threading.Thread(target=lambda: _link_all(records)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Auditor(records, tmp_path).advance(NOW)
    proof = verify(records, tmp_path)
    assert (proof.holds, proof.links, proof.waiting) == (True, 60, 0)


def _link_all(records: Records) -> None:
    while True:
        with records.change() as session:
            if not link_waiting(session):
                return


def test_an_act_that_became_visible_late_is_linked_too(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    act(records, 3)
    monkeypatch.setattr(linking, "BEHIND", 1)
    with records.change() as session:
        session.add(AuditLink(position=1, entry=3, hash=bytes(32)))
    with records.change() as session:
        assert link_waiting(session) == 0, "the window is passed"
        assert link_waiting(session, all_of_them=True) == 2


@pytest.mark.parametrize("table", ["audit_entry", "audit_link", "audit_anchor"])
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}"])
def test_what_was_written_can_be_neither_changed_nor_removed(
    records: Records, tmp_path: Path, table: str, statement: str
) -> None:
    act(records, 2)
    Auditor(records, tmp_path).advance(NOW)
    column = {"audit_entry": "why", "audit_link": "entry", "audit_anchor": "line"}[table]
    sql = statement.format(table, column, column)
    with pytest.raises(Exception, match=r"only ever added to|permission denied"), records.engine.begin() as connection:
        connection.exec_driver_sql(sql)
    assert verify(records, tmp_path).holds


def test_whoever_gets_around_that_is_found(records: Records, tmp_path: Path) -> None:
    act(records, 5)
    Auditor(records, tmp_path).advance(NOW)
    with records.engine.begin() as connection:
        if records.address.is_server:
            connection.exec_driver_sql("alter table audit_entry disable trigger all")
            connection.exec_driver_sql("grant update on audit_entry to current_user")
        else:
            connection.exec_driver_sql("drop trigger audit_entry_no_update")
        connection.exec_driver_sql("update audit_entry set why = 'x' where number = 3")
    proof = verify(records, tmp_path)
    assert [(fault.kind, fault.entry) for fault in proof.faults] == [(Fault.CHANGED, 3)]
    with records.session() as session:
        assert session.scalars(select(AuditEntry.why).where(AuditEntry.number == 3)).one() == "x"
