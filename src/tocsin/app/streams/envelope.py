"""CloudEvents in binary mode, as ingest reads them.

Receives a message with the attributes in its headers. Gives one structured CloudEvent; any other message's body as it
is. Sources: the bindings of CloudEvents for Kafka (1.0.2: `ce_id`, values in UTF-8) and for NATS (1.0.3: `ce-id`, values
percent-encoded as in HTTP). Never judges the content: ingest does.
"""

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from tocsin.app.streams.message import Message
from tocsin.ingest.reader import SIZE_LIMIT

STRUCTURED = "application/cloudevents"
MARKS = {"ce-specversion": "ce-", "ce_specversion": "ce_"}

_encode = msgspec.json.Encoder().encode
_check = msgspec.json.Decoder(msgspec.Raw)


def read_body(message: Message) -> bytes:
    """The event's bytes: the body, or a structured CloudEvent made of headers and body."""
    if not message.headers:
        return message.body
    headers = {name.lower(): value for name, value in message.headers}
    prefix = next((prefix for mark, prefix in MARKS.items() if mark in headers), None)
    if prefix is None or headers.get("content-type", "").lower().startswith(STRUCTURED):
        return message.body
    return _structure(headers, prefix, message.body)


def _structure(headers: Mapping[str, str], prefix: str, body: bytes) -> bytes:
    attributes: dict[str, object] = {
        name.removeprefix(prefix): _text(unquote(value) if prefix == "ce-" else value)
        for name, value in headers.items()
        if name.startswith(prefix)
    }
    if "content-type" in headers:
        attributes["datacontenttype"] = _text(headers["content-type"])
    attributes.pop("data_base64", None)
    attributes["data"] = msgspec.Raw(body)
    return _encode(attributes) if _is_json(body) else body


def _text(value: str) -> str:
    """What a header's bytes say as UTF-8; what is none becomes a question mark."""
    return value.encode("utf-8", "replace").decode()


def _is_json(body: bytes) -> bool:
    """Whether a body can stand inside another document; where it cannot, ingest says what is wrong with it."""
    if len(body) > SIZE_LIMIT:
        return False
    try:
        _check.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
