"""What is private is sealed beside its record, which shows a mask; the log of acts never holds it."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from tests.reference.loop import ANN, NOW, at, suspected, wanted
from tocsin.app.loop.vault import Vault
from tocsin.app.personal.resealing import AT_ONCE, count_sealed, reseal_some, seal_old
from tocsin.app.personal.viewing import view_personal
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import Objection, receive_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.case import open_case, owe_answer
from tocsin.cases.closing import give_answer
from tocsin.cases.tables import CaseAnswer
from tocsin.measures.measure import order, propose
from tocsin.model.errors import SealDamaged, SealKeyMissing
from tocsin.records.actor import Actor, ActorKind
from tocsin.records.errors import PersonalWrong
from tocsin.records.sealing.field import Spot, find_spots
from tocsin.records.sealing.keyring import rotate_keyring_file
from tocsin.records.sealing.personal import Personal
from tocsin.records.sealing.tables import SealedField
from tocsin.records.tables import AuditEntry

OWNER = Actor(ActorKind.SUBJECT, "account:m")
WORDS = "I am Wang, call me: 138 0013 8000"
DIGEST = "ab" * 32


def owe(records: Records, to: str) -> int:
    with records.change() as session:
        case = open_case(session, suspected(reference="report"), at(ANN))
        return owe_answer(session, case, to, "your report", NOW).number


def object_to(records: Records, text: str = WORDS, materials: tuple[str, ...] = ()) -> int:
    with records.change() as session:
        measure = propose(session, wanted(), at(ANN))
        order(session, measure, at(ANN))
        return receive_appeal(
            session, measure, Objection(text=text, channel="web", materials=materials), at(OWNER, 1)
        ).number


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        ("+86 138-0013-8000", "***8000"),
        ("phone:13800138000", "phone:***8000"),
        ("wang@example.com", "w***@e***.com"),
        ("11010119900307803X", "***803X"),
        ("account:13800138000", "account:13800138000"),
        ("the reporter", "the reporter"),
    ],
)
def test_a_contact_is_masked_in_its_record_and_a_name_of_the_platforms_is_not(
    records: Records, to: str, shown: str
) -> None:
    number = owe(records, to)
    with records.session() as session:
        assert session.get_one(CaseAnswer, number).to == shown
        sealed = session.scalars(select(SealedField)).all()
        assert len(sealed) == (shown != to)
        assert not any(b"8000" in each.sealed for each in sealed)


def test_nothing_of_a_persons_words_and_contacts_lies_in_the_database_in_clear(tmp_path: Path) -> None:
    records = Records(tmp_path)
    answer = owe(records, "13800138000")
    object_to(records, materials=("wang-passport.jpg", DIGEST))
    with records.change() as session:
        give_answer(session, session.get_one(CaseAnswer, answer), at(ANN), "notice-1")
    records.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("records.db*"))
    for secret in (b"13800138000", b"I am Wang", b"138 0013 8000", b"wang-passport"):
        assert secret not in kept
    assert DIGEST.encode() in kept


def test_the_log_keeps_reasons_without_the_numbers_of_people(records: Records) -> None:
    with records.change() as session:
        note = "致电13800138000 or wang@example.com about event 12345"
        open_case(session, suspected("phone:13800138000", note=note), at(ANN))
    with records.session() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert entry.why == "致电***8000 or w***@e***.com about event 12345"
        assert '"subject":"phone:***8000"' in entry.after


def test_it_is_shown_for_a_purpose_and_that_is_in_the_log(records: Records) -> None:
    number = object_to(records, materials=("wang.jpg", DIGEST))
    with records.change() as session:
        appeal = session.get_one(Appeal, number)
        assert (appeal.text, appeal.materials) == ("***", f'["***","{DIGEST}"]')
        found = {
            each.field: each.text for each in view_personal(session, f"appeal:{number}", "deciding on it", at(ANN))
        }
    assert found == {"text": WORDS, "materials": f'["wang.jpg","{DIGEST}"]'}
    with records.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "personal.view")).one()
        assert (entry.by, entry.record, entry.why) == (str(ANN), f"appeal:{number}", "deciding on it")
        assert WORDS not in entry.after


@pytest.mark.parametrize(
    ("record", "purpose"),
    [("appeal:1", ""), ("appeal:1", " x "), ("appeal:9", "deciding"), ("case:1", "deciding"), ("appeal:-1", "deciding"),
     ("appeal:1" + "0" * 30, "deciding"), ("appeal", "deciding")],
)  # fmt: skip
def test_nothing_is_shown_without_a_purpose_or_a_record(records: Records, record: str, purpose: str) -> None:
    object_to(records)
    with pytest.raises(PersonalWrong), records.change() as session:
        view_personal(session, record, purpose, at(ANN))
    with records.session() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.act == "personal.view")).all() == []


def test_what_is_moved_to_another_record_does_not_open(records: Records) -> None:
    first, second = owe(records, "13800138000"), owe(records, "13900139000")
    with records.change() as session:
        rows = {each.of: each for each in session.scalars(select(SealedField))}
        rows[first].sealed = rows[second].sealed
    with pytest.raises(SealDamaged), records.change() as session:
        view_personal(session, f"case_answer:{first}", "looking", at(ANN))


def test_what_was_written_before_anything_was_sealed_is_sealed_once(records: Records) -> None:
    kept = owe(records, "13700137000")
    with records.change() as session:
        for number in range(kept + 1, kept + 6):
            to = "13800138000" if number % 2 else "account:7"
            session.execute(
                insert(CaseAnswer).values(number=number, case_number=1, to=to, about="a", owed_at=NOW, notice="")
            )
    passed = []
    while True:
        with records.change() as session:
            passed.append(seal_old(session, 2))
        if not passed[-1]:
            break
    assert passed == [2, 2, 2, 0]
    with records.session() as session:
        shown = [each.to for each in session.scalars(select(CaseAnswer).order_by(CaseAnswer.number))]
        assert shown == [
            "***7000",
            *["account:7" if each % 2 == 0 else "***8000" for each in range(kept + 1, kept + 6)],
        ]
        assert len(session.scalars(select(SealedField)).all()) == 1 + shown.count("***8000")
        assert len(find_spots(session, Personal.PHONE, "+86 13800138000")) == shown.count("***8000")


def test_a_rotation_goes_on_where_it_was_interrupted_and_the_old_key_is_needed_no_more(
    records: Records, tmp_path: Path
) -> None:
    numbers = [owe(records, f"1380013800{each}") for each in range(5)]
    ring = records.seal_keys.ring()
    rotate_keyring_file(records.seal_keys.file)
    vault = Vault(tmp_path)
    assert records.seal_keys.ring().current.id != ring.current.id, "a running process takes the new key by itself"
    with records.change() as session:
        assert reseal_some(session, vault, 2) == 2
        old, new = str(ring.current.id), str(vault.keys.ring().current.id)
        assert count_sealed(session) == {new: 2, old: 3}
        assert find_spots(session, Personal.PHONE, "13800138004") == [Spot("case_answer", numbers[4], "to")]
    while True:
        with records.change() as session:
            if not reseal_some(session, vault, AT_ONCE):
                break
    only_new = records.seal_keys.file.read_text().splitlines()
    records.seal_keys.file.write_text("\n".join([only_new[0], only_new[-1]]) + "\n")
    with records.change() as session:
        assert count_sealed(session) == {new: 5}
        for place, number in enumerate(numbers):
            (found,) = view_personal(session, f"case_answer:{number}", "looking", at(ANN))
            assert found.text == f"1380013800{place}"
            assert find_spots(session, Personal.PHONE, found.text) == [Spot("case_answer", number, "to")]


def test_without_its_key_nothing_opens(records: Records) -> None:
    number = owe(records, "13800138000")
    records.seal_keys.file.unlink()
    with pytest.raises(SealKeyMissing), records.change() as session:
        view_personal(session, f"case_answer:{number}", "looking", at(ANN))
