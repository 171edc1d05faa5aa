"""What is published: decisions, and dead letters for what is no event.

Receives a message with its decision or its error. Gives a letter. Never changes the bytes of a message; what a broker
would not take in whole is cut, and says so.
"""

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tocsin.app.streams.message import Headers, Letter, Message
from tocsin.model.errors import EventError

OWN = "tocsin-"
CUT_ROOM = 64
"""Bytes that the header of a cut takes."""

HEADERS_LIMIT = 16_384
"""Characters of a message's own headers that a dead letter keeps; of a message with more, none."""


class _Named(Struct):
    event_id: str


_name = msgspec.json.Decoder(_Named)


def decision_letter(decision: bytes, to: str) -> Letter:
    """A decision under its event's id."""
    event_id = _name.decode(decision).event_id
    return Letter(to, event_id, decision, (("content-type", "application/json"),), event_id.encode())


def dead_letter(message: Message, error: EventError, to: str) -> Letter:
    """A message that is no event, as it came, with what is wrong and where it stood.

    The headers are `tocsin-error`, `tocsin-field`, `tocsin-reason`, `tocsin-source` (subject or topic), `tocsin-number`
    (stream sequence or offset), and `tocsin-partition` where there is one.
    """
    place = message.place
    told = [("error", error.code), ("field", error.field), ("reason", error.reason), ("source", place.source)]
    told.append(("number", str(place.number)))
    if place.partition is not None:
        told.append(("partition", str(place.partition)))
    headers = tuple((OWN + name, plain(value)) for name, value in told)
    name = f"dead letter {place.source} {place.partition or 0} {place.number}"
    return Letter(to, name, message.body, (*_kept(message.headers), *headers), message.key, may_cut=True)


def fit(letter: Letter, room: int) -> Letter | None:
    """A letter that a broker takes whose messages have at most `room` bytes; None where there is no way.

    A dead letter's body is cut, and the header `tocsin-cut` tells how long it was; the whole message still stands where
    `tocsin-source` and `tocsin-number` say.
    """
    left = room - sum(len(name) + len(value.encode("utf-8", "replace")) + 4 for name, value in letter.headers)
    if len(letter.body) <= left:
        return letter
    if not letter.may_cut or left < CUT_ROOM:
        return None
    headers = (*letter.headers, (f"{OWN}cut", str(len(letter.body))))
    return replace(letter, body=letter.body[: left - CUT_ROOM], headers=headers)


def plain(text: str) -> str:
    r"""A text as a header may hold it: one line, and nothing that does not print.

    >>> plain("a\r\nb\x00c 诈\ud800")
    'a  b c 诈 '
    """
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)


def _kept(headers: Headers) -> Headers:
    """A message's own headers, without those of an earlier dead letter."""
    kept = tuple((name, value) for name, value in headers if not name.lower().startswith(OWN))
    return kept if sum(len(name) + len(value) for name, value in kept) <= HEADERS_LIMIT else ()
