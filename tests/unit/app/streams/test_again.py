"""Dead letters go back as they came, to where they came from and nowhere else."""

import asyncio

import pytest

from tests.servers.memory import MemoryRig
from tocsin.app.streams.again import Returned, letter_back, send_back
from tocsin.app.streams.message import Message, Place
from tocsin.model.errors import StreamDown, StreamUnfit

OWN = {"tocsin-error": "malformed", "tocsin-source": "tocsin.events", "tocsin-number": "7"}


def is_events(source: str) -> bool:
    return source == "tocsin.events"


def test_a_message_goes_back_with_its_bytes_its_key_and_its_own_headers_only() -> None:
    message = Message(b"\xff", (("ce_id", "1"), *OWN.items()), Place("dead", 3), key=b"k")
    letter = letter_back(message, is_events)
    assert letter is not None
    assert (letter.to, letter.body, letter.headers, letter.key) == ("tocsin.events", b"\xff", (("ce_id", "1"),), b"k")


@pytest.mark.parametrize("headers", [{}, {**OWN, "tocsin-source": "admin.commands"}, {**OWN, "tocsin-cut": "2000000"}])
def test_what_came_from_elsewhere_or_was_cut_stays(headers: dict[str, str]) -> None:
    assert letter_back(Message(b"x", tuple(headers.items()), Place("dead", 3)), is_events) is None


def test_each_letter_is_acknowledged_after_it_is_sent_and_all_are_counted() -> None:
    rig = MemoryRig()
    rig.make()
    rig.produce([b"1", b"2"], OWN)
    rig.produce([b"3"])
    done = asyncio.run(send_back(rig.transport(), is_events, 0.02))
    assert done == Returned(sent=2, kept=1)
    assert [(letter.to, letter.body) for letter in rig.sent] == [("tocsin.events", b"1"), ("tocsin.events", b"2")]
    assert rig.calls == ["fetch 3", "send 2", "acknowledge 3"]


def test_what_is_not_confirmed_is_not_acknowledged() -> None:
    rig = MemoryRig()
    rig.make()
    rig.produce([b"x" * 1_000_000], OWN)
    with pytest.raises(StreamDown):
        asyncio.run(send_back(rig.transport(), is_events, 0.02))
    assert rig.done == 0


def test_dead_letters_that_are_not_there_are_said() -> None:
    with pytest.raises(StreamUnfit):
        asyncio.run(send_back(MemoryRig().transport(), is_events, 0.02))
