"""What the history holds on one person, asked beside a service that may run.

Receives a data folder. Gives how much there is. It goes through the whole history, where a running service looks into its
index.
"""

from pathlib import Path

from tocsin.app.personal.past import Past
from tocsin.history.journal import FILE
from tocsin.history.lake.files import Typing
from tocsin.history.lake.query import ask
from tocsin.history.reading import open_reading
from tocsin.history.retention import held_entities


def past_beside(folder: Path, typing: Typing, entity: str, newest: int = 20) -> Past | None:
    """Entries that touch a person; None where there is no history.

    Raises:
        HistoryError: it cannot be read.
    """
    if not (folder / FILE).is_file():
        return None
    quoted = entity.replace("'", "''")
    sql = (
        f"select count(*), list(seq order by seq desc)[1:{int(newest)}] from history"  # noqa: S608 - quoted above
        f" where list_contains(entities, '{quoted}')"
    )
    with open_reading(folder) as reading:
        ((count, found),) = ask(reading.journal, reading.lake, typing, sql).rows
        return Past(int(count), [int(each) for each in found or ()], entity in held_entities(reading.journal))
