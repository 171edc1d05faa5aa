"""Questions to the history in SQL.

Receives one SELECT. Gives its rows. Runs on DuckDB over the lake's files and the journal's entries as one, read-only,
with no way to any other file, within a time and a size.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
from msgspec import Struct

from tocsin.history.entry import Entry
from tocsin.history.journal import Journal
from tocsin.history.lake.columns import typed_table
from tocsin.history.lake.files import Lake, LakeFile, Typing
from tocsin.model.errors import QueryError

TIME_LIMIT_S = 30.0
MEMORY_LIMIT = "1GB"
ROW_LIMIT = 100_000


class Answer(Struct, frozen=True):
    """Columns and rows; `cut` where there were more rows than the limit."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    cut: bool


def ask(journal: Journal, lake: Lake, typing: Typing, sql: str, time_limit_s: float = TIME_LIMIT_S) -> Answer:
    """Answers one question. `history` has the columns that all events share; each event type has a view of its own with its
    attributes, `payment.transfer` as `payment_transfer`.

    Raises:
        QueryError: no single SELECT, wrong SQL, out of time or of memory.
    """
    with duckdb.connect() as base:
        base.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        _make_views(base, journal, lake, typing)
        base.execute("set enable_external_access = false")
        base.execute("set lock_configuration = true")
        return _run(base, sql, time_limit_s)


def export(journal: Journal, lake: Lake, typing: Typing, sql: str, out: Path) -> int:
    """Writes the answer of one question as Parquet, CSV or JSON Lines, by the file's name; answers how many rows.

    Raises:
        QueryError: wrong SQL, or a name that ends in none of the three.
    """
    forms = {".parquet": "parquet, compression zstd", ".csv": "csv, header", ".jsonl": "json"}
    form = forms.get(out.suffix)
    if form is None:
        raise QueryError(f"{out.name}: the name must end in {', '.join(forms)}")
    with duckdb.connect() as base:
        _make_views(base, journal, lake, typing)
        base.execute(f"set allowed_paths = ['{_quoted(str(out.resolve()))}']")
        base.execute("set lock_configuration = true")
        _check_single_select(base, sql)
        try:
            copied = base.execute(f"copy ({sql.rstrip().rstrip(';')}) to '{_quoted(str(out))}' (format {form})")
        except duckdb.Error as error:
            raise QueryError(str(error)[:400]) from None
        found = copied.fetchone()
        return int(found[0]) if found else 0


def _run(base: duckdb.DuckDBPyConnection, sql: str, time_limit_s: float) -> Answer:
    _check_single_select(base, sql)
    late = threading.Event()

    def stop() -> None:
        late.set()
        base.interrupt()

    watch = threading.Timer(time_limit_s, stop)
    watch.start()
    try:
        result = base.execute(sql)
        rows = result.fetchmany(ROW_LIMIT + 1)
    except duckdb.Error as error:
        reason = f"not answered within {time_limit_s:g} s" if late.is_set() else str(error)[:400]
        raise QueryError(reason) from None
    finally:
        watch.cancel()
    columns = tuple(each[0] for each in result.description or ())
    return Answer(columns, rows[:ROW_LIMIT], len(rows) > ROW_LIMIT)


def _check_single_select(base: duckdb.DuckDBPyConnection, sql: str) -> None:
    try:
        statements = base.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(str(error)[:400]) from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError("one SELECT is expected")


def _make_views(base: duckdb.DuckDBPyConnection, journal: Journal, lake: Lake, typing: Typing) -> None:
    waiting: dict[str, list[Entry]] = {name: [] for name in typing.types}
    for entry in journal.read():
        waiting.setdefault(entry.type, []).append(entry)
    files: dict[str, list[LakeFile]] = {name: [] for name in waiting}
    for file in lake.files():
        files.setdefault(file.type, []).append(file)
        waiting.setdefault(file.type, [])
    paths = [str((lake.folder / file.path).resolve()) for held in files.values() for file in held]
    if paths:
        base.execute(f"set allowed_directories = ['{_quoted(str(lake.folder.resolve()))}']")
    everything = []
    for number, (name, entries) in enumerate(waiting.items()):
        view, tail = _view_name(name), f"tail_{number}"
        base.register(tail, _tail(entries, typing, name))
        parts = [f"select * from {tail}"]  # noqa: S608 - names are made here
        if files[name]:
            listed = ", ".join(f"'{_quoted(str((lake.folder / file.path).resolve()))}'" for file in files[name])
            parts.append(f"select * from read_parquet([{listed}], union_by_name = true, hive_partitioning = false)")  # noqa: S608
        base.execute(f'create view "{view}" as {" union all by name ".join(parts)}')
        everything.append(
            f'select seq, id, type, event_at, received_at, outcome, rules, entities, event, decision from "{view}"'  # noqa: S608
        )
    if everything:
        base.execute(f"create view history as {' union all '.join(everything)}")


def _tail(entries: list[Entry], typing: Typing, name: str) -> pyarrow.Table:
    read: Callable[[bytes], Any] = typing.read_row
    rows = [None if entry.erased else read(entry.event) for entry in entries]
    return typed_table(entries, rows, next((kind for each, kind in typing.types.items() if each == name), None))


def _view_name(event_type: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in event_type)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
