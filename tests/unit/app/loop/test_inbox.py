"""What asks for something is heard once it is committed, in order, and never lost sight of."""

from msgspec.structs import replace

from tests.reference.entries import make_entry
from tocsin.app.loop import inbox
from tocsin.app.loop.inbox import Inbox
from tocsin.history.entry import Entry
from tocsin.model.decision import RuleId

ASKS, SILENT = RuleId("asks"), RuleId("silent")


def fired(seq: int, *rules: RuleId) -> Entry:
    return replace(make_entry(seq), rules=rules)


def numbers(box: Inbox, after: int, most: int = 100) -> tuple[list[int], int] | None:
    heard = box.take(after, most)
    return None if heard is None else ([each.seq for each in heard.entries], heard.through)


def test_only_entries_on_which_a_rule_fired_that_asks_are_given_and_the_others_are_passed() -> None:
    box = Inbox({ASKS}, 10)
    box.put([fired(11), fired(12, ASKS), fired(13, SILENT), fired(14, SILENT, ASKS), fired(15)])
    assert numbers(box, 10) == ([12, 14], 15)
    assert numbers(box, 15) == ([], 15)


def test_what_was_taken_is_given_again_until_it_is_done() -> None:
    box = Inbox({ASKS}, 0)
    box.put([fired(seq, ASKS) for seq in range(1, 6)])
    assert numbers(box, 0, 2) == ([1, 2], 2)
    assert numbers(box, 0, 2) == ([1, 2], 2), "the records could not be written"
    assert numbers(box, 2, 2) == ([3, 4], 4)
    assert numbers(box, 4, 2) == ([5], 5)


def test_what_lies_before_its_begin_must_be_read() -> None:
    box = Inbox({ASKS}, 10)
    assert numbers(box, 9) is None
    assert numbers(box, 10) == ([], 10)


def test_what_nobody_takes_for_long_is_let_go_and_must_be_read() -> None:
    box = Inbox({ASKS}, 0)
    box.put([fired(seq, ASKS) for seq in range(1, inbox.MOST + 2)])
    assert box.begin == inbox.MOST + 1
    assert numbers(box, 5) is None
    box.put([fired(inbox.MOST + 2, ASKS)])
    assert numbers(box, inbox.MOST + 1) == ([inbox.MOST + 2], inbox.MOST + 2)
