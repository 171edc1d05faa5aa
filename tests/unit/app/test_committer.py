"""What cannot be written is tried again until it can."""

import asyncio
from pathlib import Path

import pytest

from tests.reference.entries import make_entry
from tocsin.app.service.committer import Committer
from tocsin.history.history import History
from tocsin.history.journal import Request
from tocsin.model.errors import StorageFull


class Flaky:
    """An index that cannot be written some times."""

    def __init__(self, history: History, faults: int) -> None:
        self.history = history
        self.faults = faults
        self.real = history.index

    def add(self, entries: object) -> None:
        raise Exception("IO error: no space")

    def close(self) -> None:
        self.faults -= 1
        if self.faults:
            raise Exception("IO error: no space")
        self.real.close()


async def settle(check: object) -> None:
    assert callable(check)
    async with asyncio.timeout(30):
        while not check():
            await asyncio.sleep(0.01)


def test_an_index_that_cannot_be_written_is_made_anew_and_misses_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        history = History(tmp_path)
        committer = Committer(history, asyncio.get_running_loop(), lambda: 1, lambda _: None)
        committer.add(make_entry(1))
        await settle(lambda: not committer.waiting)
        flaky = Flaky(history, faults=1)
        history.index = flaky  # type: ignore[assignment]
        group = committer.add(make_entry(2))
        await group.done
        await settle(lambda: committer.fault is not None)
        await settle(lambda: committer.fault is None and not committer.waiting)
        assert history.index is not flaky
        assert [history.index.find("e1"), history.index.find("e2")] == [1, 2]
        committer.stop()
        history.close()

    asyncio.run(go())


def test_who_waits_for_a_full_disk_is_told_and_the_entry_is_kept_once_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        history = History(tmp_path)
        committer = Committer(history, asyncio.get_running_loop(), lambda: 1, lambda _: None)
        real = history.journal.append

        def full(*_: object) -> None:
            raise StorageFull("no space")

        monkeypatch.setattr(history.journal, "append", full)
        group = committer.add(make_entry(1), Request("k", b"d", 1))
        with pytest.raises(StorageFull):
            await group.done
        assert committer.fault is not None
        assert committer.requests == {"k": b"d"}
        monkeypatch.setattr(history.journal, "append", real)
        await settle(lambda: committer.fault is None and not committer.waiting)
        assert committer.requests == {}
        assert [entry.id for entry in history.read()] == ["e1"]
        committer.stop()
        history.close()

    asyncio.run(go())
