"""CloudEvents 1.0 in JSON.

Receives one structured CloudEvent. Gives the same event as plain JSON: `data` with id, type, time and source beside it,
which the envelope alone decides. Source: CloudEvents 1.0.2 and its JSON event format. Never looks into the values of
`data`.
"""

import base64
import binascii
from collections.abc import Mapping

import msgspec
from msgspec import Raw, Struct

from tocsin.model.errors import MalformedEvent, MissingField, WrongType


class Probe(Struct, frozen=True):
    """What tells a CloudEvent from a plain event."""

    specversion: Raw = Raw(b"")


class Envelope(Struct, frozen=True):
    """The context attributes that Tocsin reads; extension attributes are ignored."""

    specversion: str
    id: str
    source: str
    type: str
    time: str | None = None
    datacontenttype: str | None = None
    data: Raw = Raw(b"null")
    data_base64: str | None = None


_probe = msgspec.json.Decoder(Probe)
_decoder = msgspec.json.Decoder(Envelope)
_attributes = msgspec.json.Decoder(dict[str, Raw])
_encode = msgspec.json.Encoder().encode


def is_cloudevent(raw: bytes) -> bool:
    """Whether these bytes are a JSON object with a `specversion` of its own; the word within a text does not count.

    >>> is_cloudevent(b'{"specversion": "1.0"}'), is_cloudevent(b'{"text": "specversion"}')
    (True, False)
    """
    try:
        return bool(bytes(_probe.decode(raw).specversion))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def flatten(raw: bytes, time_fields: Mapping[str, str]) -> bytes:
    """A structured CloudEvent as a plain event. `time_fields` are the wire's names for the time, by event type.

    Raises:
        MalformedEvent: no valid envelope.
        WrongType: another version, or data that is no JSON object.
        MissingField: no time.
    """
    try:
        envelope = _decoder.decode(raw)
    except msgspec.MsgspecError as error:
        raise MalformedEvent("", f"not a CloudEvent: {str(error)[:160]}") from None
    if envelope.specversion != "1.0":
        raise WrongType("specversion", f"CloudEvents 1.0 is read, not {envelope.specversion[:20]!r}")
    kind = (envelope.datacontenttype or "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise WrongType("datacontenttype", f"data must be application/json, not {kind[:60]!r}")
    if not envelope.time:
        raise MissingField("time", "Tocsin needs the time that CloudEvents leaves optional")
    frame: dict[str, object] = {"id": envelope.id, "type": envelope.type, "source": envelope.source}
    return _encode(_data(envelope) | frame | {time_fields.get(envelope.type, "time"): envelope.time})


def _data(envelope: Envelope) -> dict[str, object]:
    try:
        written = bytes(envelope.data) if envelope.data_base64 is None else _unpack(envelope.data_base64)
        return dict(_attributes.decode(written))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise WrongType("data", "must be a JSON object with the event's attributes") from None


def _unpack(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise WrongType("data_base64", "is not base64") from None
