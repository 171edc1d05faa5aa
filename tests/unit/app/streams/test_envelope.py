"""CloudEvents in binary mode become what ingest reads; everything else stays as it is."""

import json
from typing import Any

import pytest

from tests.flow.streams.events import PACK
from tocsin.app.bootstrap import load_packs
from tocsin.app.streams.envelope import read_body
from tocsin.app.streams.message import Headers, Message, Place
from tocsin.ingest.reader import EventReader
from tocsin.model.errors import EventError

DATA = {"sender": "account:a", "payee": "account:b", "amount": "12.5000", "purpose": "房租"}
PLAIN = {"id": "1 诈", "type": "payment.transfer", "time": "2026-01-15T12:00:00Z", "source": "/bank/a", **DATA}
KAFKA: Headers = (
    ("ce_specversion", "1.0"),
    ("ce_id", "1 诈"),
    ("ce_source", "/bank/a"),
    ("ce_type", "payment.transfer"),
    ("ce_time", "2026-01-15T12:00:00Z"),
    ("ce_partitionkey", "x"),
    ("content-type", "application/json; charset=utf-8"),
)
NATS: Headers = (
    ("ce-specversion", "1.0"),
    ("Ce-Id", "1%20%E8%AF%88"),
    ("ce-source", "/bank/a"),
    ("ce-type", "payment.transfer"),
    ("ce-time", "2026-01-15T12:00:00Z"),
)
READER = EventReader(load_packs([PACK]).types)


def message(body: bytes, headers: Headers = ()) -> Message:
    return Message(body, headers, Place("s", 1))


def body(data: Any = DATA) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


@pytest.mark.parametrize("headers", [KAFKA, NATS], ids=["kafka", "nats"])
def test_binary_mode_is_the_same_event_as_plain_json(headers: Headers) -> None:
    assert READER.read_json(read_body(message(body(), headers))) == READER.read_json(body(PLAIN))


def test_structured_mode_and_plain_events_stay_as_they_are() -> None:
    assert read_body(message(body(PLAIN))) == body(PLAIN)
    assert read_body(message(body(PLAIN), (("trace", "1"),))) == body(PLAIN)
    structured = (*KAFKA, ("Content-Type", "application/cloudevents+json"))
    assert read_body(message(b"{}", structured)) == b"{}"


@pytest.mark.parametrize(
    ("headers", "data", "code"),
    [
        (KAFKA, b"", "malformed"),
        (KAFKA, b"\xff", "malformed"),
        (KAFKA, b'{"a": 1}, "id": "other"', "missing_field"),
        (KAFKA, b"[1]", "wrong_type"),
        (KAFKA, b"{" * 100_000, "too_large"),
        (KAFKA, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too_deep"),
        (KAFKA, body({**DATA, "purpose": "x" * 65_400}), "too_large"),
        ((*KAFKA[1:3], ("ce_specversion", "0.3"), ("ce_type", "t")), body(), "wrong_type"),
        ((*KAFKA[:2], *KAFKA[3:]), body(), "malformed"),
        ((*KAFKA[:4], *KAFKA[5:]), body(), "missing_field"),
        ((*KAFKA[:-1], ("content-type", "application/avro")), body(), "wrong_type"),
        ((*KAFKA, ("ce_data_base64", "e30="), ("ce_data", "{}")), body({}), "missing_field"),
        ((*KAFKA[:-1], ("ce_id", "\udcff")), b"{}", "missing_field"),
    ],
)
def test_what_is_wrong_with_it_is_said_by_ingest(headers: Headers, data: bytes, code: str) -> None:
    with pytest.raises(EventError) as caught:
        READER.read_json(read_body(message(data, headers)))
    assert caught.value.code == code


def test_an_attribute_in_the_data_does_not_replace_that_of_the_envelope() -> None:
    forged = body({**DATA, "id": "forged", "source": "forged"})
    event = READER.read_json(read_body(message(forged, KAFKA)))
    assert event.id == "1 诈"
    assert "forged" not in event.row
