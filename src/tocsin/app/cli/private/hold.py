"""`tocsin hold`: legal holds, also beside a service.

Receives a target and a reason. Gives a hold on the records and, where there is one, on the history in the data folder.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import at_desk, open_records, show_moment
from tocsin.app.personal.past import hold_past, lift_past
from tocsin.app.retention.hold import CASE, lift_hold, list_holds, place_hold
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.history.journal import FILE, Journal
from tocsin.history.retention import Order


def place(settings: Settings, target: str, why: str, by: str | None, lang: str) -> int:
    """Places a hold, at once."""
    with at_desk(settings, by) as (session, stamp), _journal(settings) as journal:
        hold = place_hold(session, target, stamp, why)
        if journal is not None and not target.startswith(CASE):
            hold_past(journal, target, hold.number, Order(hold.why, hold.by, stamp.at))
        number = hold.number
    print(Wording(lang).say("hold {number} is in force", number=number))
    return 0


def lift(settings: Settings, number: int, why: str, by: str | None, lang: str) -> int:
    """Lifts a hold, at once."""
    with at_desk(settings, by) as (session, stamp):
        target = lift_hold(session, number, stamp, why).target
    with _journal(settings) as journal:
        if journal is not None:
            lift_past(journal, target, number, stamp.at)
    print(Wording(lang).say("hold {number} is lifted", number=number))
    return 0


def index(settings: Settings, lang: str, *, as_json: bool) -> int:
    """Every hold that was ever placed on records."""
    say = Wording(lang).say
    with open_records(settings) as records, records.session() as session:
        found = list_holds(session)
        names = ("number", "target", "why", "by", "at", "lifted_by", "lifted_at", "lifted_why")
        rows = [{name: getattr(each, name) for name in names} for each in found]
    for row in rows:
        row |= {name: row[name] and show_moment(row[name]) for name in ("at", "lifted_at")}
    if as_json:
        print(to_json(rows))
        return 0
    table = Table(say("number"), say("entity"), say("since"), say("lifted"), say("by"), say("reason"))
    for row in rows:
        table.add_row(*(str(row[name] or "") for name in ("number", "target", "at", "lifted_at", "by", "why")))
    Console(markup=False, highlight=False).print(table)
    return 0


@contextmanager
def _journal(settings: Settings) -> Iterator[Journal | None]:
    if not (settings.data / FILE).is_file():
        yield None
        return
    journal = Journal(settings.data)
    try:
        yield journal
    finally:
        journal.close()
