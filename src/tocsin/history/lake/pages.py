"""One file of the lake, read.

Receives a file's name. Gives its entries, its seals, or where its entries stand, every page's checksum proved. Never knows
which files there are.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from tocsin.history.chain import Batch, Seal
from tocsin.history.entry import Entry, Place
from tocsin.history.lake.columns import FRAME, TIME
from tocsin.model.decision import RuleId
from tocsin.model.entity import EntityRef
from tocsin.model.errors import HistoryDamaged
from tocsin.model.event import EventId
from tocsin.model.event_type import EventTypeName
from tocsin.model.outcome import Outcome


def read_entries(folder: Path, path: str, first: int, last: int) -> list[Entry]:
    """The entries of a file from `first` to `last`.

    Raises:
        HistoryDamaged: the file is gone, is no Parquet file, or a page of it is not what was written.
    """
    table = _read(folder, path, FRAME.names, [("seq", ">=", first), ("seq", "<=", last)])
    columns = [table.column(name) for name in FRAME.names]
    for place in (3, 4):
        columns[place] = columns[place].cast(pyarrow.int64())
    try:
        return [
            Entry(
                seq,
                EventId(event_id),
                EventTypeName(name),
                at,
                received_at,
                Outcome(outcome),
                tuple(map(RuleId, rules)),
                tuple(map(EntityRef, entities)),
                event.encode(),
                decision.encode(),
            )
            for seq, event_id, name, at, received_at, outcome, rules, entities, event, decision in zip(
                *(column.to_pylist() for column in columns), strict=True
            )
        ]
    except (ValueError, TypeError, AttributeError) as error:
        raise HistoryDamaged(f"{path}: {str(error)[:200]}") from None


def read_over(folder: Path, path: str, before_us: int) -> list[Place]:
    """Where the entries of a file stand that happened before a time and still have their content.

    Raises:
        HistoryDamaged: as `read_entries`.
    """
    names = ("seq", "id", "entities")
    wanted = [("event", "!=", ""), ("event_at", "<", pyarrow.scalar(before_us, TIME))]
    table = _read(folder, path, names, wanted)
    columns = (table.column(name).to_pylist() for name in names)
    return [Place(seq, event_id, tuple(entities)) for seq, event_id, entities in zip(*columns, strict=True)]


def read_chain(folder: Path, path: str) -> list[tuple[int, int, Seal, bytes]]:
    """The seals of one stretch: first and last number, seal, the hash before.

    Raises:
        HistoryDamaged: as `read_entries`.
    """
    rows = _read(folder, path, ["first_seq", "last_seq", "crc", "hash", "previous"], None).to_pylist()
    return [(row["first_seq"], row["last_seq"], Seal(row["crc"], row["hash"]), row["previous"]) for row in rows]


def chain_table(batches: Sequence[Batch]) -> pyarrow.Table:
    """The seals of one stretch as a table."""
    return pyarrow.table(
        {
            "first_seq": pyarrow.array([batch.first_seq for batch in batches], pyarrow.int64()),
            "last_seq": pyarrow.array([batch.last_seq for batch in batches], pyarrow.int64()),
            "crc": pyarrow.array([batch.seal.crc for batch in batches], pyarrow.int64()),
            "hash": pyarrow.array([batch.seal.hash for batch in batches], pyarrow.binary(32)),
            "previous": pyarrow.array([batch.previous for batch in batches], pyarrow.binary(32)),
        }
    )


def _read(folder: Path, path: str, names: Sequence[str], wanted: Any) -> pyarrow.Table:
    try:
        return pyarrow.parquet.read_table(
            folder / path, columns=list(names), filters=wanted, partitioning=None, page_checksum_verification=True
        )
    except (OSError, pyarrow.ArrowException) as error:
        raise HistoryDamaged(f"{path}: {str(error)[:200]}") from None
