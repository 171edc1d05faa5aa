"""Questions to the history in SQL.

Receives one SELECT. Gives its rows. Runs on DuckDB over the lake's files and the journal's entries as one, as of one moment,
read-only, with no way to any other file, within a time and a size.
"""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow
from msgspec import Struct

from tocsin.history.entry import Entry
from tocsin.history.journal import Journal
from tocsin.history.lake.columns import FRAME, typed_table
from tocsin.history.lake.files import Lake, LakeFile, Typing
from tocsin.model.errors import HistoryDamaged, OutputError, QueryError

TIME_LIMIT_S = 30.0
ROW_LIMIT = 100_000
BYTE_LIMIT = 256 << 20
PART = 1_000
TRIES = 3
"""Files that are replaced under a question, because something in them is erased, make it begin again."""
EVERYTHING = "history"
CONTENT = "nullif(event, '') as event, nullif(decision, '') as decision"
"""An erased entry has none; an empty text would be no JSON."""
FORMS = {".parquet": "parquet, compression zstd", ".csv": "csv, header", ".jsonl": "json"}
SETTINGS = {
    "memory_limit": "1GB",
    "max_temp_directory_size": "4GB",
    "TimeZone": "UTC",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

Base = duckdb.DuckDBPyConnection
T = TypeVar("T")


class Answer(Struct, frozen=True):
    """Columns and rows; `cut` where there was more than the limit."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    cut: bool


def ask(journal: Journal, lake: Lake, typing: Typing, sql: str, time_limit_s: float = TIME_LIMIT_S) -> Answer:
    """Answers one question. `history` has the columns that all events share; each event type has a view of its own with its
    attributes, `payment.transfer` as `payment_transfer`.

    Raises:
        QueryError: no single SELECT, wrong SQL, out of time or of memory.
        HistoryError: the history cannot be read.
    """

    def answer(base: Base) -> Answer:
        _check_single_select(base, sql)
        with _time_limit(base, time_limit_s):
            return _fetch(base, sql)

    return _with_views(journal, lake, typing, answer)


def export(journal: Journal, lake: Lake, typing: Typing, sql: str, out: Path) -> int:
    """Writes the answer of one question as Parquet, CSV or JSON Lines, by the file's name; answers how many rows.

    Raises:
        QueryError: wrong SQL, or a name that ends in none of the three.
        OutputError: the file cannot be written.
        HistoryError: the history cannot be read.
    """
    form = FORMS.get(out.suffix)
    if form is None:
        raise QueryError(f"{out.name}: the name must end in {', '.join(FORMS)}")
    if not out.parent.is_dir():
        raise OutputError(f"{out.parent}: no such folder")
    fresh = out.with_name(out.name + ".new")

    def write(base: Base) -> int:
        _check_single_select(base, sql)
        count = _copy(base, sql, fresh, form)
        fresh.replace(out)
        return count

    try:
        return _with_views(journal, lake, typing, write, fresh)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror}") from None
    finally:
        fresh.unlink(missing_ok=True)


def _with_views(journal: Journal, lake: Lake, typing: Typing, work: Callable[[Base], T], out: Path | None = None) -> T:
    """Does a work on a database of one moment. It begins again where a file was replaced under it."""
    for left in reversed(range(TRIES)):
        with journal.snapshot():
            files = lake.files()
            waiting = list(journal.read())
        with _open(lake, out) as base:
            try:
                _make_views(base, lake, typing, files, waiting)
                return work(base)
            except (QueryError, duckdb.Error) as error:
                if left and lake.files() != files:
                    continue
                if isinstance(error, QueryError):
                    raise
                raise HistoryDamaged(f"the lake cannot be asked: {str(error)[:400]}") from None
    raise AssertionError  # the last try answers or raises


def _copy(base: Base, sql: str, target: Path, form: str) -> int:
    inner = sql.rstrip().rstrip(";")
    place = _quoted(str(target.resolve()))
    try:
        found = base.execute(f"copy (\n{inner}\n) to '{place}' (format {form}, use_tmp_file false)").fetchone()
    except duckdb.Error as error:
        raise QueryError(str(error)[:400]) from None
    return int(found[0]) if found else 0


@contextmanager
def _time_limit(base: Base, seconds: float) -> Iterator[None]:
    late = threading.Event()

    def stop() -> None:
        late.set()
        base.interrupt()

    watch = threading.Timer(seconds, stop)
    watch.start()
    try:
        yield
    except QueryError:
        if late.is_set():
            raise QueryError(f"not answered within {seconds:g} s") from None
        raise
    finally:
        watch.cancel()
        watch.join()


def _fetch(base: Base, sql: str) -> Answer:
    """As Arrow, because DuckDB's own rows need a further library for times with a zone."""
    rows: list[tuple[Any, ...]] = []
    size = 0
    try:
        answer = base.sql(sql)
        columns = tuple(answer.columns)
        for part in answer.arrow(PART):
            size += part.nbytes
            rows += zip(*(column.to_pylist() for column in part.columns), strict=True)
            if len(rows) > ROW_LIMIT or size > BYTE_LIMIT:
                return Answer(columns, rows[:ROW_LIMIT], cut=True)
    except (duckdb.Error, OSError, pyarrow.ArrowException, ValueError, OverflowError) as error:
        raise QueryError(str(error)[:400]) from None
    return Answer(columns, rows, cut=False)


def _check_single_select(base: Base, sql: str) -> None:
    try:
        statements = base.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(str(error)[:400]) from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError("one SELECT is expected")


@contextmanager
def _open(lake: Lake, out: Path | None) -> Iterator[Base]:
    """A database with nothing in reach but the lake and the file to be written."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as spill, duckdb.connect() as base:
        for name, value in SETTINGS.items():
            base.execute(f"set {name} = '{value}'")
        base.execute(f"set temp_directory = '{_quoted(spill)}'")
        base.execute(f"set allowed_directories = ['{_quoted(str(lake.folder.resolve()))}/']")
        if out is not None:
            base.execute(f"set allowed_paths = ['{_quoted(str(out.resolve()))}']")
        base.execute("set enable_external_access = false")
        base.execute("set lock_configuration = true")
        yield base


def _make_views(base: Base, lake: Lake, typing: Typing, files: list[LakeFile], waiting: list[Entry]) -> None:
    """One view for each event type, and one over all of them."""
    tails: dict[str, list[Entry]] = {name: [] for name in typing.types}
    paths: dict[str, list[str]] = {}
    for entry in waiting:
        tails.setdefault(entry.type, []).append(entry)
    for file in files:
        tails.setdefault(file.type, [])
        paths.setdefault(file.type, []).append(f"'{_quoted(str((lake.folder / file.path).resolve()))}'")
    taken = {EVERYTHING}
    frame = ", ".join(FRAME.names)
    parts = []
    for number, (name, entries) in enumerate(tails.items()):
        view, tail = _view_name(name, taken), f"tail {number}"
        base.register(tail, _tail(entries, typing, name))
        sources = [f'select * from "{tail}"']  # noqa: S608 - names are made here
        if name in paths:
            listed = ", ".join(paths[name])
            sources.append(f"select * from read_parquet([{listed}], union_by_name = true, hive_partitioning = false)")  # noqa: S608
        both = " union all by name ".join(sources)
        base.execute(f'create view "{view}" as select * replace ({CONTENT}) from ({both})')  # noqa: S608 - as above
        parts.append(f'select {frame} from "{view}"')  # noqa: S608
    if parts:
        base.execute(f"create view {EVERYTHING} as {' union all '.join(parts)}")


def _tail(entries: list[Entry], typing: Typing, name: str) -> pyarrow.Table:
    rows = [None if entry.erased else typing.read_row(entry.event) for entry in entries]
    return typed_table(entries, rows, next((kind for each, kind in typing.types.items() if each == name), None))


def _view_name(event_type: str, taken: set[str]) -> str:
    """A name that SQL takes unquoted and that no other view has: `a.b` is `a_b`, and where that is taken, `a_b_2`."""
    name = plain = "".join(char if char.isalnum() else "_" for char in event_type)
    number = 1
    while name.lower() in taken:
        number += 1
        name = f"{plain}_{number}"
    taken.add(name.lower())
    return name


def _quoted(text: str) -> str:
    return text.replace("'", "''")
