"""A broker that is a list, for tests of what stands above it. It keeps the same contract as the real ones."""

import asyncio
from collections.abc import Sequence

from tocsin.app.streams.letter import fit
from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Letter, Message, Place
from tocsin.model.errors import StreamDown, StreamUnfit

ROOM = 900_000


class MemoryRig:
    """The broker, and who stands around it."""

    name = "memory"

    def __init__(self) -> None:
        self.log: list[tuple[bytes, dict[str, str]]] = []
        self.done = 0
        self.sent: list[Letter] = []
        self.topics: set[str] = set()
        self.away = False
        self.calls: list[str] = []

    def make(self) -> None:
        self.topics |= {"tocsin.events", "tocsin.decisions", "tocsin.dead-letters"}

    def produce(self, bodies: Sequence[bytes], headers: dict[str, str] | None = None) -> None:
        self.log += [(body, headers or {}) for body in bodies]

    def letters(self, kind: str) -> list[tuple[bytes, dict[str, str]]]:
        return [(each.body, dict(each.headers)) for each in self.sent if each.to == f"tocsin.{kind}"]

    def kill(self) -> None:
        self.away = True

    def restart(self) -> None:
        self.away = False

    def stop(self) -> None:
        pass

    def transport(self, *, create: bool = False) -> "MemoryTransport":
        return MemoryTransport(self, create=create)


class MemoryTransport:
    """See Transport."""

    def __init__(self, rig: MemoryRig, *, create: bool = False) -> None:
        self.line = Line("memory")
        self._rig = rig
        self._create = create
        self._place = 0

    async def open(self) -> None:
        self._check()
        if self._create:
            self._rig.make()
        if not self._rig.topics:
            raise StreamUnfit("there is no topic; say --create once")
        self._place = self._rig.done

    async def fetch(self, limit: int, wait_s: float) -> list[Message]:
        self._check()
        if self._place == len(self._rig.log):
            await asyncio.sleep(min(wait_s, 0.01))
        found = self._rig.log[self._place : self._place + limit]
        start, self._place = self._place, self._place + len(found)
        if found:
            self._rig.calls.append(f"fetch {len(found)}")
        return [
            Message(body, tuple(headers.items()), Place("tocsin.events", start + index))
            for index, (body, headers) in enumerate(found)
        ]

    async def send(self, letters: Sequence[Letter]) -> list[Letter]:
        self._check()
        fitting = [fit(letter, ROOM) for letter in letters]
        self._rig.sent += [letter for letter in fitting if letter is not None]
        self._rig.calls.append(f"send {len(letters)}")
        return [letter for letter, fits in zip(letters, fitting, strict=True) if fits is None]

    async def acknowledge(self, messages: Sequence[Message]) -> None:
        self._check()
        self._rig.done = max([self._rig.done, *(message.place.number + 1 for message in messages)])
        self._rig.calls.append(f"acknowledge {len(messages)}")

    async def keep(self, messages: Sequence[Message]) -> None:
        self._rig.calls.append(f"keep {len(messages)}")

    async def lag(self) -> int:
        self._check()
        return len(self._rig.log) - self._rig.done

    async def close(self) -> None:
        self._rig.calls.append("close")

    def _check(self) -> None:
        if self._rig.away:
            raise StreamDown("the list is away")
