"""Whatever stands in the input, the reader gives an Event or a typed error that names field and reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.app.bootstrap import load_packs
from tocsin.ingest.reader import EventReader
from tocsin.model.errors import EventError

TYPES = load_packs([]).types
READER = EventReader(TYPES)
PLAIN: dict[str, Any] = {
    "id": "t1",
    "type": "payment.transfer",
    "time": "2026-01-15T12:00:00.123456+08:00",
    "sender": "account:1",
    "payee": "account:2",
    "amount": 12.34,
}


def read(**changes: Any) -> Any:
    fields = {name: value for name, value in {**PLAIN, **changes}.items() if value is not ...}
    return READER.read_json(json.dumps(fields).encode())


def value(name: str, **changes: Any) -> Any:
    event = read(**changes)
    names = [column.name for column in TYPES[event.type].columns]
    return event.row[names.index(name)]


def test_a_plain_event_becomes_a_row() -> None:
    event = read()
    assert (event.id, event.type, event.at) == ("t1", "payment.transfer", 1_768_449_600_123_456)
    assert event.row[3:6] == ("account:1", "account:2", 123_400)


@pytest.mark.parametrize(
    ("amount", "units"),
    [
        (0.1, 1_000),
        (5, 50_000),
        ("99999999999999.9999", 10**18 - 1),
        (-0.00004, 0),
        (123456789012.3456, 1_234_567_890_123_456),
    ],
)
def test_decimals_are_exact_to_four_places(amount: Any, units: int) -> None:
    assert value("amount", amount=amount) == units


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"id": ...}, "missing_field", "id", "required"),
        ({"id": 5}, "wrong_type", "id", "str"),
        ({"id": ""}, "out_of_range", "id", "length"),
        ({"type": "payment.tranfer"}, "unknown_type", "type", "did you mean 'payment.transfer'"),
        ({"type": ...}, "missing_field", "type", "required"),
        ({"sender": ...}, "missing_field", "sender", "required"),
        ({"sender": None}, "wrong_type", "sender", "null"),
        ({"sender": "nobody"}, "out_of_range", "sender", "account:"),
        ({"sender": "account:"}, "out_of_range", "sender", "account:"),
        ({"sender": "account:" + "9" * 600}, "out_of_range", "sender", "512"),
        ({"amount": True}, "wrong_type", "amount", "bool"),
        ({"amount": [1]}, "wrong_type", "amount", "array"),
        ({"amount": "twelve"}, "out_of_range", "amount", "not a finite decimal"),
        ({"amount": 10**14}, "out_of_range", "amount", "14 digits"),
        ({"amount": 1e300}, "out_of_range", "amount", "14 digits"),
        ({"amount": "NaN"}, "out_of_range", "amount", "not a finite decimal"),
        ({"payee_age_days": 10**18}, "out_of_range", "payee_age_days", "int"),
        ({"payee_age_days": 1.5}, "wrong_type", "payee_age_days", "float"),
        ({"first_payment": "yes"}, "wrong_type", "first_payment", "bool"),
        ({"time": ...}, "bad_time", "time", "every event has a time"),
        ({"time": "2026-01-15T12:00:00"}, "bad_time", "time", "no time zone"),
        ({"time": "yesterday"}, "bad_time", "time", "RFC 3339"),
        ({"time": "1926-01-15T12:00:00Z"}, "bad_time", "time", "2000 and 2100"),
        ({"time": 1_768_449_600_000}, "bad_time", "time", "milliseconds"),
        ({"purpose": "x" * 40_000}, "out_of_range", "purpose", "length"),
        ({"purpose": "x" * 70_000}, "too_large", "", "65536"),
        ({"extra": json.loads("[" * 17 + "]" * 17)}, "too_deep", "", "16 levels"),
    ],
)
def test_bad_events_name_field_and_reason(changes: dict[str, Any], code: str, field: str, words: str) -> None:
    with pytest.raises(EventError) as caught:
        read(**changes)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert words in caught.value.reason
    assert len(caught.value.reason) < 300


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (b"", "malformed", ""),
        (b"{", "malformed", ""),
        (b"[]", "malformed", ""),
        (b"7", "malformed", ""),
        (b'{"id":"a","type":"payment.transfer","purpose":"\xff"}', "malformed", ""),
        (b'{"id":"a","type":"payment.transfer","zzz":"\xff\xfe"}', "malformed", ""),
        (b'{"id":"a","type":"payment.transfer","purpose":"\\ud800"}', "malformed", ""),
        (b'{"id":"a","type":"payment.transfer","amount":NaN}', "out_of_range", "amount"),
        (b'{"id":"a","type":"payment.transfer","amount":-Infinity}', "out_of_range", "amount"),
        (b'{"x":' * 9_000, "too_deep", ""),
    ],
)
def test_bytes_that_are_no_event(raw: bytes, code: str, field: str) -> None:
    with pytest.raises(EventError) as caught:
        READER.read_json(raw)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_an_event_from_the_future_is_refused_by_a_reader_with_a_clock() -> None:
    reader = EventReader(TYPES, now_us=1_768_449_600_000_000 - 3_601_000_000)
    with pytest.raises(EventError, match="ahead of now"):
        reader.read_json(json.dumps(PLAIN).encode())


def test_brackets_within_texts_are_not_depth() -> None:
    assert value("purpose", purpose="[{" * 50) == "[{" * 50


CLOUD = {
    "specversion": "1.0",
    "id": "c1",
    "source": "/shop",
    "type": "group.join",
    "time": "2026-01-15T12:00:00Z",
    "data": {"account": "account:1", "group": "group:2", "id": "not this one"},
}


def test_a_cloudevent_is_the_same_event() -> None:
    event = READER.read_json(json.dumps(CLOUD).encode())
    assert (event.id, event.type, event.row[2:5]) == ("c1", "group.join", ("/shop", "account:1", "group:2"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"data": [1]}, "data"),
        ({"data": None}, "data"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"time": None}, "time"),
        ({"data_base64": "!!"}, "data_base64"),
        ({"id": None}, ""),
    ],
)
def test_a_bad_cloudevent_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(EventError) as caught:
        READER.read_json(json.dumps({**CLOUD, **changes}).encode())
    assert caught.value.field == field


@given(st.binary(max_size=300))
def test_random_bytes_never_raise_anything_else(raw: bytes) -> None:
    with pytest.raises(EventError):
        READER.read_json(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*PLAIN, "payee_age_days", "first_payment", "device"]), json_values)
def test_any_value_in_any_field_gives_an_event_or_a_typed_error(name: str, found: Any) -> None:
    try:
        READER.read_json(json.dumps({**PLAIN, name: found}, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except EventError as error:
        if not error.reason:
            raise


@pytest.mark.parametrize("digits", [19, 400, 4_000])
def test_a_time_beyond_any_float_is_no_time(digits: int) -> None:
    raw = json.dumps({**PLAIN, "time": 0}).encode().replace(b'"time": 0', b'"time": ' + b"9" * digits)
    with pytest.raises(EventError) as found:
        READER.read_json(raw)
    assert (found.value.field, found.value.code in {"bad_time", "out_of_range"}) == ("time", True)
