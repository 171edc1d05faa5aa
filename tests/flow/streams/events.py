"""Payments among few people, so that windows matter, and what an uninterrupted run makes of them."""

import asyncio
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tocsin.app.service.service import Service
from tocsin.app.settings import Settings
from tocsin.history.history import History

PACK = Path(__file__).resolve().parents[3] / "packs" / "payments"
START_S = 1_767_225_600
COMPARED = ("outcome", "score", "fired", "features")

Decided = dict[str, dict[str, Any]]


def make_events(count: int, seed: int = 7) -> list[bytes]:
    draw = random.Random(seed)
    return [
        json.dumps(
            {
                "id": f"p{number}",
                "type": "payment.transfer",
                "time": START_S + number * 2,
                "sender": f"account:{draw.randrange(40)}",
                "payee": f"account:{draw.randrange(15)}",
                "amount": round(draw.lognormvariate(6, 2), 2),
                "first_payment": draw.random() < 0.3,
                "payee_age_days": draw.randrange(400),
            }
        ).encode()
        for number in range(count)
    ]


def uninterrupted(folder: Path, events: Iterable[bytes]) -> Decided:
    """What one service decides of the events when nothing happens to it."""

    async def run() -> None:
        service = Service(Settings(data=folder, packs=[PACK]))
        await service.start()
        while not service.engine.ready:
            await asyncio.sleep(0.01)
        await service.engine.wait([service.engine.submit(event) for event in events])
        await service.stop()

    asyncio.run(run())
    return decided(folder)


def decided(folder: Path) -> Decided:
    """What a folder's history says, each event once."""
    history = History(folder)
    try:
        entries = list(history.read())
    finally:
        history.close()
    found = {entry.id: json.loads(entry.decision) for entry in entries}
    assert len(found) == len(entries), "an event was decided twice"
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return found


def same(one: Decided, other: Decided) -> bool:
    """Whether two runs decided the same events in the same order with the same features."""
    return list(one) == list(other) and all(
        one[name].get(part) == other[name].get(part) for name in one for part in COMPARED
    )
