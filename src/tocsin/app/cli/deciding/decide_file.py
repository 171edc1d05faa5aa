"""`tocsin decide`: a file of events through packs, one decision a line."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.stop import Stop
from tocsin.app.cli.deciding.summary import Summary, to_json
from tocsin.app.faults import FaultWords
from tocsin.app.wording import Wording
from tocsin.decide.decider import Decider
from tocsin.ingest.mapping import TableMap, read_mapping
from tocsin.ingest.reader import EventReader
from tocsin.ingest.source import Item, Source
from tocsin.model.errors import EventError, InputError, MappingError, OutputError

EVERY = 2_000
"""Events between two looks at the progress bar."""


class Job(Struct, frozen=True):
    """What the command line asked for."""

    input: str
    packs: tuple[Path, ...]
    mapping: Path | None
    out: Path | None
    features: bool
    format: str | None
    as_json: bool
    lang: str


def run(job: Job) -> int:
    """Decides the whole input; returns the exit code: 0, 1 where the input broke off, 128 and the signal that ended it."""
    wording = Wording(job.lang)
    console = Console(stderr=job.out is None or job.as_json)
    source = Source(job.input, _mapping(job.mapping), job.format)
    _refuse_overwriting(job)
    catalogue = bootstrap.load_packs(job.packs)
    worker = Worker(
        EventReader(catalogue.types, now_us=bootstrap.now_us()),
        bootstrap.make_decider(catalogue, with_features=job.features),
    )
    bootstrap.warm(worker.decider, lambda: None if job.as_json else say_that_it_compiles(wording))
    with Stop() as stop, ExitStack() as stack:
        worker.out, worker.rejects = stack.enter_context(_outputs(job.out))
        worker.go(source, _Bar(stack, source, None if job.as_json else wording), stop)
    if job.as_json:
        print(to_json(worker.summary.as_object()), file=sys.stdout if job.out else sys.stderr)
    else:
        worker.summary.show(console, wording)
        if job.out and worker.summary.rejects and _is_plain(job.out):
            path = _rejects_beside(job.out)
            console.print(wording.say("rejects with their errors: {path}", path=path), markup=False, soft_wrap=True)
    if stop.signal:
        print(wording.say("interrupted: what was decided until then is written"), file=sys.stderr)
        return 128 + stop.signal
    if worker.damage:
        print(FaultWords(job.lang).tell(worker.damage), file=sys.stderr)
    return 1 if worker.damage else 0


def say_that_it_compiles(wording: Wording) -> None:
    """Tells a person why the first start takes longer."""
    said = wording.say("Compiling the windows for this machine; this happens once and takes up to a minute.")
    print(said, file=sys.stderr, flush=True)


class Worker:
    """Reads, decides and writes, one event after another. `damage` says why the input broke off, if it did."""

    def __init__(self, reader: EventReader, decider: Decider) -> None:
        self.reader = reader
        self.decider = decider
        self.summary = Summary()
        self.damage = ""
        self.out: BinaryIO
        self.rejects: BinaryIO

    def go(self, source: Source, bar: "_Bar", stop: Stop) -> None:
        """Goes through the source until its end, or until it is stopped."""
        began = time.perf_counter()
        encode = msgspec.json.Encoder(decimal_format="number").encode
        try:
            for count, item in enumerate(stop.between(source)):
                self._one(item, encode)
                if count % EVERY == 0:
                    bar.show(source.done, count, time.perf_counter() - began)
        except InputError as error:
            if not self.summary.seen:
                raise
            self.damage = str(error)
        self.summary.seconds = time.perf_counter() - began
        self.summary.late = self.decider.features.late
        self.summary.duplicates = self.decider.duplicates

    def _one(self, item: Item, encode: Callable[[object], bytes]) -> None:
        payload = item.payload
        try:
            if isinstance(payload, bytes):
                event = self.reader.read_json(payload)
            elif isinstance(payload, dict):
                event = self.reader.read_object(payload)
            else:
                raise payload
        except EventError as error:
            self.rejects.write(encode(self.summary.reject(item.line, error, item.raw)) + b"\n")
            return
        seen = self.decider.duplicates
        decision = self.decider.decide(event)
        if self.decider.duplicates == seen:
            self.out.write(encode(decision) + b"\n")
            self.summary.add(decision)


class _Bar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, stack: ExitStack, source: Source, wording: Wording | None) -> None:
        self._progress: Progress | None = None
        if wording is None or not sys.stderr.isatty():
            return
        columns = (
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[speed]:,.0f} " + wording.say("events/s")),
            TimeRemainingColumn(),
        )
        self._progress = stack.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
        self._task = self._progress.add_task("decide", total=source.total or None, speed=0.0)

    def show(self, done: int, events: int, seconds: float) -> None:
        """Moves the bar to `done` bytes (or rows)."""
        if self._progress:
            self._progress.update(self._task, completed=done, speed=events / seconds if seconds else 0.0)


@contextmanager
def _outputs(out: Path | None) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Where decisions and rejects go; closed, with all that was written, however the run ends."""
    try:
        if out is None:
            yield sys.stdout.buffer, sys.stderr.buffer
            sys.stdout.flush()
        elif not _is_plain(out):
            with out.open("wb", buffering=1 << 18) as decisions:
                yield decisions, sys.stderr.buffer
        else:
            with out.open("wb", buffering=1 << 18) as decisions, _rejects_beside(out).open("wb") as rejects:
                yield decisions, rejects
                for each in (decisions, rejects):
                    each.flush()
                    os.fsync(each.fileno())
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{out or 'standard output'}: {error.strerror}") from None


def _is_plain(out: Path) -> bool:
    """Whether a path is, or will be, a file that can have another beside it; devices and pipes cannot."""
    return out.is_file() or not out.exists()


def _rejects_beside(out: Path) -> Path:
    return out.with_name(out.name + ".rejects.jsonl")


def _refuse_overwriting(job: Job) -> None:
    """Makes sure that no output is one of the inputs.

    Raises:
        OutputError: one is; opening it would empty it.
    """
    if job.out is None or not _is_plain(job.out):
        return
    read = [os.fstat(sys.stdin.fileno()) if job.input == "-" else Path(job.input).stat()]
    read += [job.mapping.stat()] if job.mapping else []
    for path in (job.out, _rejects_beside(job.out)):
        if path.exists() and any(os.path.samestat(path.stat(), each) for each in read):
            raise OutputError(f"{path} is an input of this run; choose another output")


def _mapping(path: Path | None) -> TableMap | None:
    if path is None:
        return None
    try:
        return read_mapping(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: cannot be read: {error}") from None
