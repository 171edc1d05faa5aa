"""So many histories on one database."""

import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from bench.histories.machine import Histories
from bench.histories.world import World
from tocsin.app.storage.records import Records


def work(told: tuple[str, int, int, int]) -> dict[str, Any]:
    """One process's share: database, histories, steps, seed."""
    database, histories, steps, seed = told
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), database, histories=histories, steps=steps, seed=seed)


def run(folder: Path, database: str, *, histories: int, steps: int, seed: int) -> dict[str, Any]:
    """What they came to; `why` tells the shortest history that broke a rule."""
    records = Records(folder, database)
    done, refused = Counter[str](), Counter[str]()
    count = 0

    def after(world: World) -> None:
        nonlocal count
        count += 1
        done.update(world.done)
        refused.update(world.refused)

    try:
        why = run_machine(make_machine(records, after), histories=histories, steps=steps, seed=seed)
    finally:
        records.close()
    return {
        "histories": count,
        "acts": done.total(),
        "refusals": refused.total(),
        "broken": int(bool(why)),
        "done": done,
        "refused": refused,
        "why": why,
    }


def make_machine(records: Records, after: Any = None) -> type[Histories]:
    """The machine on one database."""

    class Here(Histories):
        pass

    Here.records = records
    if after is not None:
        Here.after = staticmethod(after)
    return Here


def run_machine(machine: type[Histories], *, histories: int, steps: int, seed: int) -> str:
    """Runs it; answers how a rule was broken, empty where none was."""
    chosen = settings(
        max_examples=histories,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        print_blob=False,
        verbosity=Verbosity.normal,
        report_multiple_bugs=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seeded(seed)(machine), settings=chosen)
    except Exception as error:  # noqa: BLE001 - whatever ends a history is what is told
        return "".join(traceback.format_exception(error))
    return ""
