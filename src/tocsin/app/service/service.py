"""The service as a whole: what it is made of, how it starts and how it ends.

Receives settings. Gives an engine that is ready once everything kept has been replayed. Whatever ends it, the next start
goes on from the same place.
"""

import asyncio
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog

from tocsin.app import bootstrap
from tocsin.app.access.guesses import Guesses
from tocsin.app.access.ring import KeyRing
from tocsin.app.delivery.courier import Courier
from tocsin.app.loop.auditor import Auditor
from tocsin.app.loop.copier import Copier
from tocsin.app.loop.follower import Follower, Work
from tocsin.app.loop.house import make_premises
from tocsin.app.loop.inbox import Inbox
from tocsin.app.loop.intake import Terms, asks
from tocsin.app.loop.lookout import Lookout
from tocsin.app.loop.routes import load_routes
from tocsin.app.loop.settler import Settler
from tocsin.app.loop.vault import Vault
from tocsin.app.loop.works import Parts as LoopParts
from tocsin.app.loop.works import Works
from tocsin.app.retention.binding import terms_of
from tocsin.app.service.committer import Committer
from tocsin.app.service.engine import Engine, Parts
from tocsin.app.service.feed import ListFeed
from tocsin.app.service.footprint import give_back_code
from tocsin.app.service.housekeeping.archivist import Archivist
from tocsin.app.service.housekeeping.keeper import TICK_S, Keeper, Rhythm
from tocsin.app.service.housekeeping.sealer import typing_of
from tocsin.app.service.recovery import Recovery
from tocsin.app.service.snapshots import Snapshots
from tocsin.app.service.tally import Gauges, Tally
from tocsin.app.settings import Settings
from tocsin.app.storage.evidence import open_evidence
from tocsin.app.storage.records import Records
from tocsin.history.history import History
from tocsin.history.index import FOLDER as INDEX_FOLDER
from tocsin.history.retention import held_entities
from tocsin.ingest.reader import EventReader
from tocsin.measures.measure import Policy
from tocsin.model.decision import RuleId
from tocsin.model.errors import TocsinError
from tocsin.rulebook.duties.span import Span, Unit
from tocsin.rules.catalogue import Catalogue
from tocsin.rules.pack import Rule

A_DAY = Span(unit=Unit.HOURS, count=24)
EXPIRE_EVERY_S = 3_600.0
ARCHIVE_EVERY_S = 2.0
BREATH_S = 0.05
CARRIED = 4
"""Files of evidence that come and go at a time."""
THREADS = 24
"""For work beside decisions: a database that says nothing for a while may hold some of them."""
log = structlog.get_logger("tocsin.service")


class Companion(Protocol):
    """What runs beside a service and gives it work: a stream's consumer."""

    def start(self, service: "Service") -> None:
        """Begins; the service has started and may not be ready yet."""

    async def stop(self, within_s: float) -> None:
        """Ends before the service does, within so many seconds."""


class Service:
    """One running service on one folder. `start` and `stop` belong to the loop on which it runs."""

    def __init__(self, settings: Settings, clock: Callable[[], int] = bootstrap.now_us) -> None:
        """Opens everything; nothing is replayed yet.

        Raises:
            TocsinError: the packs are wrong, the folder is taken, full or damaged.
        """
        self.settings = settings
        self.clock = clock
        self.catalogue: Catalogue
        self.catalogue, self.templates = bootstrap.load_content(settings.packs)
        register = bootstrap.load_duties(settings.packs)
        self.premises = make_premises(settings, self.catalogue, self.templates, register)
        self.routes = load_routes(settings)
        self.typing = typing_of(self.catalogue.types)
        self.records = Records(settings.data, settings.database)
        self.history = open_history(settings.data)
        self.keys = KeyRing(self.records, clock)
        self.decider = bootstrap.make_service_decider(
            self.catalogue, settings.allowed_lateness_s * 1_000_000, every_feature=settings.every_feature
        )
        self.lists = ListFeed(self.records, self.catalogue.lists, clock)
        self.vault = Vault(settings.data)
        self.terms = terms_of(settings)
        self.evidence = open_evidence(settings)
        self.carrying = threading.BoundedSemaphore(CARRIED)
        self.guesses = Guesses(time.monotonic)
        self.snapshots = Snapshots(settings.data)
        self.tally = Tally(self._gauges)
        self.consumer_lag: int | None = None
        self.companion: Companion | None = None
        self.engine: Engine
        self.replayed_to = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to replay and to keep house; decisions are taken once `engine.ready` is set."""
        self.lists.start()
        for name in self.settings.keep_days.keys() - self.catalogue.types.keys() - {"*"}:
            log.warning("keep_days names an event type that no loaded pack has", type=name)
        if self.history.journal.torn_frames:
            log.warning("the journal's tail was torn and has been repaired", frames=self.history.journal.torn_frames)
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="side"))
        asking = {name: rule for name, rule in self.catalogue.rules.items() if asks(rule)}
        inbox = Inbox(asking.keys(), self.history.journal.last_seq)
        self.committer = Committer(self.history, loop, self.clock, inbox.put)
        reader = EventReader(self.catalogue.types)
        parts = Parts(reader, self.decider, self.history, self.committer, self.tally, self.catalogue.types, self.clock)
        self.engine = Engine(parts)
        rhythm = Rhythm(
            self.settings.snapshot_every_s,
            self.settings.compact_every_s,
            self.settings.stretch,
            self.settings.keep_days,
        )
        self.keeper = Keeper(self.settings.data, self.history, self.snapshots, rhythm)
        self._tasks = [
            loop.create_task(self._run()),
            loop.create_task(self.lists.run()),
            loop.create_task(self._make_works(inbox, asking).run()),
        ]
        if self.companion is not None:
            self.companion.start(self)

    def _make_works(self, inbox: Inbox, asking: Mapping[RuleId, Rule]) -> Works:
        policy = Policy(automatic_level=self.settings.measures_level, rule_per_hour=self.settings.measures_per_hour)
        clocks = self.premises.clocks
        terms = Terms(
            measures=policy,
            lang=self.settings.measures_lang,
            span=clocks.own.get("case", A_DAY),
            calendar=clocks.calendar,
            basis=self.settings.measures_basis,
            warnings=self.templates.warnings,
            told_lang=self.settings.notices.lang,
            routes=self.routes,
        )
        follower = Follower(
            inbox, self.history, self.records, Work(asking, terms, Copier(self.evidence, self.records, asking))
        )
        with suppress(TocsinError):  # a dead database stops no decision; the place is found once it is back
            follower.start()
        settler = Settler(self.records, self.premises, self.clock)
        lookout = Lookout(self.records, self.history, self.clock)
        courier = Courier(self.records, self.vault.unseal, self.clock)
        return Works(
            self.records,
            LoopParts(follower, settler, Auditor(self.records, self.settings.data), courier, lookout),
            self.clock,
        )

    async def stop(self) -> None:
        """Writes what waits, takes a snapshot and closes everything."""
        if self.companion is not None:
            await self.companion.stop(self.settings.stop_timeout_s)
        was_ready, self.engine.ready = self.engine.ready, False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.keeper.stop()
        await asyncio.to_thread(self.committer.stop)
        seq = self.history.journal.last_seq
        if was_ready and self.committer.fault is None and seq > max(self.snapshots.found(), default=0):
            try:
                self.snapshots.write(self.decider.features, seq)
            except OSError as error:
                log.warning("no snapshot at the end; the next start replays more", error=str(error))
        self.records.close()
        try:
            self.history.close()
        except Exception as error:  # noqa: BLE001 - the index's library knows one error only; the next start catches up
            log.warning("the index could not be put on the disk; the next start reads more", error=str(error))

    async def _run(self) -> None:
        recovery = Recovery(self.history, self.snapshots, self.decider, EventReader(self.catalogue.types))
        self.decider.features.warm()
        for seq in recovery.slices():
            self.replayed_to = seq
            await asyncio.sleep(0)
        bootstrap.settle_memory()
        give_back_code()
        self.engine.ready = True
        log.info("ready", **_facts(recovery.done))
        await self._keep_house()

    async def _keep_house(self) -> None:
        """Each side work in its own rhythm: none waits for another."""
        settings, keeper, engine = self.settings, self.keeper, self.engine
        archivist = Archivist(self.records, self.terms, lambda: open_evidence(settings), self._held)
        works: list[tuple[str, float, Callable[[], bool], Callable[[], Awaitable[object]]]] = [
            (
                "snapshot",
                settings.snapshot_every_s,
                lambda: keeper.is_behind(engine.decided_seq),
                lambda: keeper.snapshot(self.decider.features, engine.decided_seq),
            ),
            ("compact", settings.compact_every_s, _never, lambda: keeper.compact(self.catalogue.types)),
            ("expire", EXPIRE_EVERY_S, _never, lambda: keeper.expire(self.typing, self.clock())),
            ("archive", ARCHIVE_EVERY_S, _never, lambda: asyncio.to_thread(self._archive, archivist)),
        ]
        await asyncio.gather(*(_repeat(*work) for work in works))

    def _held(self) -> set[str]:
        return held_entities(self.history.journal)

    def _archive(self, archivist: Archivist) -> None:
        """All that there is to seal and to delete now."""
        while self.engine.ready and archivist.advance(self.clock()):
            time.sleep(BREATH_S)

    def _gauges(self) -> Gauges:
        held = self.decider.features.stats()
        return Gauges(
            journal_waiting=len(self.committer.waiting),
            journal_last_seq=self.history.journal.last_seq,
            state_cells=held.cells,
            state_entries=held.entries,
            state_bytes=held.bytes,
            late=self.decider.features.late,
            ready=self.engine.ready,
            consumer_lag=self.consumer_lag,
            clock_s=self.clock() / 1e6,
            disk_free=shutil.disk_usage(self.settings.data).free,
            records_reachable=not self.records.fault,
        )


async def _repeat(
    name: str, every_s: float, is_urgent: Callable[[], bool], work: Callable[[], Awaitable[object]]
) -> None:
    """Does a work every so often, and at once where it is urgent."""
    while True:
        due = time.monotonic() + every_s
        while time.monotonic() < due and not is_urgent():
            await asyncio.sleep(TICK_S)
        try:
            await work()
        except (TocsinError, OSError) as error:
            log.warning("side work failed and is tried again", work=name, error=str(error))
            await asyncio.sleep(TICK_S)


def _never() -> bool:
    return False


def open_history(folder: Path) -> History:
    """The history in a folder. An index that cannot be opened is made anew from the rest.

    Raises:
        TocsinError: the folder is taken, full or damaged.
    """
    try:
        return History(folder)
    except TocsinError:
        raise
    except Exception as error:  # noqa: BLE001 - the index's library knows one error only
        log.warning("the index is made anew", reason=str(error)[:200])
        shutil.rmtree(folder / INDEX_FOLDER, ignore_errors=True)
        return History(folder)


def _facts(done: object) -> dict[str, object]:
    return {name: getattr(done, name) for name in ("snapshot_seq", "replayed", "unreadable", "seconds")} if done else {}
