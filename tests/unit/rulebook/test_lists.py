"""What people put on lists is recorded, stands until it ends, and is told in the order in which it happened."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tocsin.app.storage.records import Records
from tocsin.model.errors import ListEntryWrong
from tocsin.model.event_type import Title
from tocsin.rulebook.lists import NewEntry, add_entries, apply_changes, end_entry, read_changes, read_standing
from tocsin.rulebook.tables import ListEntry
from tocsin.rules.value_list import NEVER, ValueList

NOW = 1_700_000_000_000_000
HOUR = 3_600_000_000
TITLE = Title("a", "a")


@pytest.fixture
def payees() -> ValueList:
    return ValueList("payees", TITLE, "account", {"account:own": NEVER})


def add(records: Records, values: ValueList, *entries: NewEntry | str, at: int = NOW) -> int:
    wanted = [NewEntry(value=entry) if isinstance(entry, str) else entry for entry in entries]
    with records.session() as session:
        return add_entries(session, values, wanted, "key:1", at)


def end(records: Records, values: ValueList, value: str, at: int = NOW) -> bool:
    with records.session() as session:
        return end_entry(session, values, value, "key:2", at)


class Follower:
    """Lists that are brought up to date by changes alone, as another process has them."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.lists = {"payees": ValueList("payees", TITLE, "account", {"account:own": NEVER})}
        self.number: int | None = None

    def standing(self, at: int = NOW) -> set[str]:
        with self.records.session() as session:
            if self.number is None:
                self.number, changes = read_standing(session, self.lists, at)
            else:
                self.number, changes = read_changes(session, self.number)
        apply_changes(self.lists, changes)
        return set(self.lists["payees"].standing(at))


def test_what_is_added_and_ended_reaches_who_follows(records: Records, payees: ValueList) -> None:
    early = Follower(records)
    assert early.standing() == {"account:own"}
    assert add(records, payees, "account:1", "account:2", NewEntry(value="account:3", expires_at=NOW + HOUR)) == 3
    assert early.standing() == {"account:own", "account:1", "account:2", "account:3"}
    assert end(records, payees, "account:1")
    assert not end(records, payees, "account:1")
    assert early.standing() == {"account:own", "account:2", "account:3"}
    late = Follower(records)
    assert late.standing() == {"account:own", "account:2", "account:3"}
    assert late.standing(NOW + HOUR) == {"account:own", "account:2"}
    assert early.standing(NOW + HOUR) == {"account:own", "account:2"}


def test_an_entry_from_before_changes_had_numbers_is_ended_for_who_follows(records: Records, payees: ValueList) -> None:
    with records.session() as session:
        session.add(
            ListEntry(list="payees", value="account:1", note="", added_by="a", added_at=1, expires_at=None, revision=0)
        )
    follower = Follower(records)
    assert follower.standing() == {"account:own", "account:1"}
    assert end(records, payees, "account:1")
    assert follower.standing() == {"account:own"}


def test_a_value_that_is_renewed_never_leaves_the_list_in_between(records: Records, payees: ValueList) -> None:
    add(records, payees, *(f"account:{number}" for number in range(50)))
    follower = Follower(records)
    follower.standing()
    add(records, payees, *(NewEntry(value=f"account:{number}", expires_at=NOW + HOUR) for number in range(50)))
    with records.session() as session:
        _, changes = read_changes(session, follower.number or 0)
    assert len(changes) == 50
    assert not any(change.ended for change in changes)
    assert {change.expires_at for change in changes} == {NOW + HOUR}


def test_a_packs_own_value_comes_back_when_what_overrode_it_ends(records: Records, payees: ValueList) -> None:
    early = Follower(records)
    early.standing()
    add(records, payees, NewEntry(value="account:own", expires_at=NOW + 1))
    assert early.standing(NOW + 2) == set()
    assert Follower(records).standing(NOW + 2) == set(), "a restart changes nothing"
    assert Follower(records).standing(NOW + 1000 * HOUR) == set()
    assert end(records, payees, "account:own")
    for follower in (early, Follower(records)):
        assert follower.standing(NOW + 2) == {"account:own"}


def test_what_ended_a_moment_ago_still_counts_for_a_late_event_after_a_restart(
    records: Records, payees: ValueList
) -> None:
    add(records, payees, NewEntry(value="account:1", expires_at=NOW + HOUR))
    restarted = Follower(records)
    assert restarted.standing(NOW + 2 * HOUR) == {"account:own"}
    assert restarted.lists["payees"].has("account:1", NOW + HOUR - 1)
    long_after = Follower(records)
    long_after.standing(NOW + 1000 * HOUR)
    assert not long_after.lists["payees"].has("account:1", NOW + HOUR - 1)


def test_the_same_again_is_no_change_and_another_end_or_note_is_one(records: Records, payees: ValueList) -> None:
    assert add(records, payees, "account:1") == 1
    assert add(records, payees, "account:1") == 0
    assert add(records, payees, NewEntry(value="account:1", note="why")) == 1
    assert add(records, payees, NewEntry(value="account:1", note="why", expires_at=NOW + HOUR)) == 1
    with records.session() as session:
        assert session.scalar(select(func.count()).select_from(ListEntry)) == 3
        assert session.scalar(select(func.count()).select_from(ListEntry).where(ListEntry.ended_at.is_(None))) == 1


def test_a_value_twice_in_one_wish_stands_once_as_it_was_said_last(records: Records, payees: ValueList) -> None:
    follower = Follower(records)
    wish = [NewEntry(value="account:1"), NewEntry(value="account:1", expires_at=NOW + HOUR)]
    assert add(records, payees, *wish) == 2
    assert follower.standing() == {"account:own", "account:1"}
    assert follower.lists["payees"].entries["account:1"] == NOW + HOUR
    assert end(records, payees, "account:1")
    assert Follower(records).standing() == {"account:own"}


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (NewEntry(value=""), "1 to 512"),
        (NewEntry(value="account:" + "x" * 505), "1 to 512"),
        (NewEntry(value="device:1"), "account:…"),
        (NewEntry(value="account:\x00"), "NUL"),
        (NewEntry(value="account:1", note="\x00"), "NUL"),
        (NewEntry(value="account:\ud800"), "no character"),
        (NewEntry(value="account:1", note="x" * 1001), "1000"),
        (NewEntry(value="account:1", expires_at=NOW), "in the past"),
    ],
)
def test_a_value_that_may_not_stand_is_refused_and_nothing_with_it_is_kept(
    records: Records, payees: ValueList, entry: NewEntry, fault: str
) -> None:
    with pytest.raises(ListEntryWrong, match=fault):
        add(records, payees, "account:2", entry)
    assert Follower(records).standing() == {"account:own"}


def test_the_longest_values_of_every_alphabet_are_kept_whole(records: Records, payees: ValueList) -> None:
    longest = "account:" + "密" * 504
    assert add(records, payees, NewEntry(value=longest, note="注" * 1000)) == 1
    assert longest in Follower(records).standing()
    assert not end(records, payees, "account:\x00")
    assert end(records, payees, longest)


def test_many_values_at_once_are_quick(records: Records, payees: ValueList) -> None:
    assert add(records, payees, *(f"account:{number}" for number in range(1000))) == 1000
    assert add(records, payees, *(f"account:{number}" for number in range(500, 1500))) == 500
    assert len(Follower(records).standing()) == 1501


def test_who_writes_at_once_leaves_one_entry_a_value_and_misses_no_change(
    records: Records, payees: ValueList, tmp_path: Path, database: str
) -> None:
    follower = Follower(records)
    follower.standing()
    others = [Records(tmp_path, database) for _ in range(2)]

    def work(mine: Records, shift: int) -> None:
        for turn in range(10):
            add(mine, payees, NewEntry(value=f"account:{turn % 4}", expires_at=NOW + HOUR + turn * 10 + shift))
            if turn % 5 == shift:
                end(mine, payees, f"account:{turn % 4}")

    threads = [threading.Thread(target=work, args=(other, shift)) for shift, other in enumerate(others)]
    for thread in threads:
        thread.start()
    seen = set()
    while any(thread.is_alive() for thread in threads):
        seen = follower.standing()
    for thread in threads:
        thread.join()
    seen = follower.standing()
    with records.session() as session:
        stands = session.execute(
            select(ListEntry.value, ListEntry.expires_at).where(ListEntry.ended_at.is_(None))
        ).all()
    assert len(stands) == len({value for value, _ in stands})
    assert dict(map(tuple, stands)) == {
        value: follower.lists["payees"].entries[value] for value in seen - {"account:own"}
    }
    for other in others:
        other.close()


def test_a_list_that_no_pack_has_is_named(records: Records) -> None:
    add(records, ValueList("gone", TITLE, "text", {}), "x")
    with records.session() as session:
        changes = read_standing(session, {}, NOW)[1]
    assert apply_changes({}, changes) == ["gone"]
