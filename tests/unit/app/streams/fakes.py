"""An engine whose disk and whose queue can be full."""

import json
from collections.abc import Sequence

from tocsin.app.service.engine import Ticket
from tocsin.app.service.group import Group
from tocsin.model.errors import HistoryError, MalformedEvent, StorageFull


class FakeEngine:
    """Decides by id, once; `refuse` and `wait_fails` are errors that come so many times."""

    def __init__(self) -> None:
        self.ready = True
        self.decided: dict[str, Ticket] = {}
        self.closed: HistoryError | None = None
        self.refuse: dict[int, HistoryError] = {}
        self.submits = 0
        self.wait_fails = 0
        self.waits = 0
        self.broken = 0

    def check_open(self) -> None:
        if self.closed is not None:
            raise self.closed

    def submit(self, raw: bytes) -> Ticket:
        self.check_open()
        self.submits += 1
        if (error := self.refuse.pop(self.submits, None)) is not None:
            raise error
        if self.broken:
            self.broken -= 1
            raise AttributeError("a fault of ours")
        try:
            name = json.loads(raw)["id"]
        except (ValueError, KeyError):
            raise MalformedEvent("", "not JSON") from None
        known = self.decided.get(name)
        if known is not None:
            return Ticket(known.decision, known.seq, known.group, True)
        seq = len(self.decided) + 1
        group = Group.__new__(Group)  # only that it is there matters
        ticket = self.decided[name] = Ticket(json.dumps({"event_id": name}).encode(), seq, group, False)
        return ticket

    async def wait(self, tickets: Sequence[Ticket]) -> None:
        self.waits += 1
        if self.wait_fails:
            self.wait_fails -= 1
            raise StorageFull("full")


def events(count: int, start: int = 0) -> list[bytes]:
    return [json.dumps({"id": f"e{number}"}).encode() for number in range(start, start + count)]
