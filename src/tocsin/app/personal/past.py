"""What the history holds on one person.

Receives the history of a service that runs. Gives how much there is, and its erasure where no hold forbids it.
"""

from itertools import islice

from msgspec import Struct

from tocsin.history.history import History
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Typing
from tocsin.history.retention import Order, erase_entity, held_entities, hold_entity, lift_hold, list_holds
from tocsin.model.errors import HistoryBusy, HistoryError, StorageFull

MOST = 100_000


class Past(Struct, frozen=True):
    """Entries that touch a person, `more` where there are more than were counted; the newest of them by number."""

    entries: int
    newest: list[int]
    held: bool
    more: bool = False


class Erased(Struct, frozen=True):
    """What came of an erasure: how many entries, or why they stay."""

    entries: int
    stays: str = ""


def past_of(history: History, entity: str, newest: int = 20) -> Past:
    """What a running service's history holds."""
    numbers = list(islice(history.index.of_entity(entity), MOST + 1))
    held = entity in held_entities(history.journal)
    return Past(len(numbers[:MOST]), numbers[:newest], held, len(numbers) > MOST)


def erase_past(history: History, typing: Typing, entity: str, order: Order, *, held: bool) -> Erased:
    """Erases what the history holds; says why it stays where it must. `held` by the records holds the history too."""
    if held:
        return Erased(0, "a legal hold is in force on this person; nothing was erased")
    try:
        return Erased(erase_entity(history, typing, entity, order).entries)
    except HistoryBusy:
        return Erased(0, "another process is sealing or erasing, or has the history; ask again later")
    except StorageFull:
        return Erased(0, "the history cannot be written now; ask again later")
    except HistoryError as error:
        return Erased(0, str(error))


def hold_past(journal: Journal, target: str, number: int, order: Order) -> None:
    """Holds the history of a subject along with its records; `number` is the hold's number there."""
    hold_entity(journal, target, Order(_reason(number, order.reason), order.by, order.at))


def lift_past(journal: Journal, target: str, number: int, now_us: int) -> None:
    """Lifts what `hold_past` set."""
    for hold in list_holds(journal):
        if hold.lifted_at is None and hold.entity == target and hold.reason.startswith(_reason(number, "")):
            lift_hold(journal, hold.number, now_us)


def _reason(number: int, why: str) -> str:
    return f"hold {number}: {why}"
