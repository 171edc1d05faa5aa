"""CloudEvents 1.0 in JSON.

Receives one structured CloudEvent. Gives the same event as plain JSON: `data` with id, type, time and source beside it.
Source: CloudEvents 1.0.2 and its JSON event format. Never looks into `data` beyond its first and last brace.
"""

import base64
import binascii

import msgspec
from msgspec import Raw, Struct

from tocsin.model.errors import MalformedEvent, MissingField, WrongType


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


_decoder = msgspec.json.Decoder(Envelope)
_encode = msgspec.json.Encoder().encode


def flatten(raw: bytes) -> bytes:
    """A structured CloudEvent as a plain event.

    Raises:
        MalformedEvent: not JSON or no valid envelope.
        WrongType: another version, or data that is no JSON object.
    """
    try:
        envelope = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise MalformedEvent("", f"not a CloudEvent: {str(error)[:160]}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedEvent("", f"not JSON: {str(error)[:120]}") from None
    if envelope.specversion != "1.0":
        raise WrongType("specversion", f"CloudEvents 1.0 is read, not {envelope.specversion[:20]!r}")
    kind = (envelope.datacontenttype or "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise WrongType("datacontenttype", f"data must be application/json, not {kind[:60]!r}")
    if not envelope.time:
        raise MissingField("time", "Tocsin needs the time that CloudEvents leaves optional")
    data = _data(envelope)
    if not (data.startswith(b"{") and data.endswith(b"}")):
        raise WrongType("data", "must be a JSON object with the event's attributes")
    frame = _encode({"id": envelope.id, "type": envelope.type, "time": envelope.time, "source": envelope.source})
    inner = data[1:-1].strip()
    return b"{" + inner + b"," + frame[1:] if inner else frame


def _data(envelope: Envelope) -> bytes:
    if envelope.data_base64 is None:
        return bytes(envelope.data).strip()
    try:
        return base64.b64decode(envelope.data_base64, validate=True).strip()
    except binascii.Error:
        raise WrongType("data_base64", "is not base64") from None
