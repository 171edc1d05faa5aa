"""Files in every format give the same events, and one bad place never ends the rest."""

import gzip
import json
import os
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.app.bootstrap import load_packs
from tocsin.ingest.mapping import read_mapping
from tocsin.ingest.reader import EventReader
from tocsin.ingest.source import Item, Source
from tocsin.model.errors import EventError, InputError, MappingError

READER = EventReader(load_packs([]).types)

MAPPING = """
type: {column: Kind, values: {T: payment.transfer}}
id: "x-{row}"
time: {column: Hour, unit: h, origin: 2026-01-01T00:00:00Z}
source: bank
fields:
  sender: {column: From, prefix: "account:"}
  payee: {column: To, prefix: "account:"}
  amount: Amount
"""
EXPECTED = {
    "type": "payment.transfer", "id": "x-1", "time": 1_767_232_800.0, "source": "bank",
    "sender": "account:S1", "payee": "account:T1", "amount": "12.50",
}  # fmt: skip


def items(path: Path, mapping: str | None = None) -> list[Item]:
    return list(Source(str(path), read_mapping(mapping, "map.yaml") if mapping else None))


def test_csv_rows_become_events(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("Kind,Hour,From,To,Amount\nT,2,S1,T1,12.50\nX,3,S1,T1,1\nT,later,S1,T1,1\nT,1\n", encoding="utf-8")
    found = items(file, MAPPING)
    assert found[0].payload == EXPECTED
    codes = [item.payload.code for item in found[1:] if isinstance(item.payload, EventError)]
    assert codes == ["unknown_type", "bad_time", "malformed"]
    assert [item.line for item in found] == [1, 2, 3, 4]


def test_parquet_and_mapped_json_give_the_same(tmp_path: Path) -> None:
    row = {"Kind": "T", "Hour": 2, "From": "S1", "To": "T1", "Amount": "12.50"}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "t.parquet")
    (tmp_path / "t.jsonl").write_text(json.dumps(row) + "\n[]\n", encoding="utf-8")
    assert items(tmp_path / "t.parquet", MAPPING)[0].payload == EXPECTED
    assert items(tmp_path / "t.jsonl", MAPPING)[0].payload == EXPECTED


def test_lines_arrays_and_gzip(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"id":1}\n\n  {"id":2}\r\n' + b"x" * 70_000 + b'\n{"id":3}')
    found = items(tmp_path / "a.jsonl")
    assert [(item.line, item.payload) for item in found if isinstance(item.payload, bytes)] == [
        (1, b'{"id":1}'), (3, b'{"id":2}'), (5, b'{"id":3}'),
    ]  # fmt: skip
    assert isinstance(found[2].payload, EventError)
    with gzip.open(tmp_path / "b.json.gz", "wb") as packed:
        packed.write(b' [{"id":1}, {"id":2}]')
    assert [item.payload for item in items(tmp_path / "b.json.gz")] == [b'{"id":1}', b'{"id":2}']


def test_invalid_utf8_in_a_csv_row_is_that_rows_error(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"Kind,Hour,From,To,Amount\nT,2,\xff,T1,1\nT,2,S1,T1,12.50\n")
    found = items(tmp_path / "t.csv", MAPPING)
    assert isinstance(found[0].payload, EventError)
    assert isinstance(found[1].payload, dict)


@pytest.mark.parametrize("name", ["none.jsonl", "none.csv"])
def test_an_absent_file_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="No such file"):
        items(tmp_path / name, MAPPING)


def test_damaged_files_are_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "t.jsonl.gz").write_bytes(b"\x1f\x8b no")
    (tmp_path / "t.json").write_bytes(b"[1, ")
    for name in ("t.parquet", "t.jsonl.gz", "t.json"):
        with pytest.raises(InputError):
            items(tmp_path / name, MAPPING if name == "t.parquet" else None)


def test_a_table_without_a_mapping_or_without_its_columns(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Kind,Hour\nT,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="--map"):
        items(tmp_path / "t.csv")
    with pytest.raises(MappingError, match="no column 'Amount'"):
        items(tmp_path / "t.csv", MAPPING)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "not YAML"),
        ("type: x\nid: y", "'time' is missing"),
        ("type: x\nid: y\ntime: z\nkind: w", "unknown key 'kind'"),
        ("type: x\nid: y\ntime: {column: z, unit: parsec}", "unit 'parsec'"),
        ("type: x\nid: y\ntime: {column: z, origin: noon}", "origin"),
        ("type: x\nid: {}\ntime: z", "either `column` or `value`"),
        ("type: x\nid: {colum: a}\ntime: z", "unknown key 'colum'"),
        ("[]", "keys type, id, time"),
    ],
)
def test_a_bad_mapping_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(MappingError, match=words.replace("[", r"\[")):
        read_mapping(text, "map.yaml")


def payloads(path: Path, mapping: str | None = None) -> list[object]:
    return [
        item.payload.code if isinstance(item.payload, EventError) else item.payload for item in items(path, mapping)
    ]


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOM + b'{"id":1}\n{"id":2}', [b'{"id":1}', b'{"id":2}']),
        (BOM + b'[{"id":1},{"id":2}]', [b'{"id":1}', b'{"id":2}']),
        (BOM, []),
        (b"\n \n", []),
        (b'{\n "id": 1\n}\n{\n "id": 2\n}\n', [b'{\n "id": 1\n}', b'{\n "id": 2\n}']),
        (b'[{"id":1}, {"id":NaN}, {"id":3}]', [b'{"id":1}', b'{"id":NaN}', b'{"id":3}']),
        (b'[{"id":"]}, {"}, {"id":x"},\n {"id":3}]', [b'{"id":"]}, {"}', b'{"id":x"}', b'{"id":3}']),
        (b'[{"id":1}] rest', [b'{"id":1}', b"rest"]),
        (b'[1]\n{"id":2}\n{"id":3}\n', [b"1", b'{"id":2}', b'{"id":3}']),
        (b'{"id":"broken\n{"id":2}\n', [b'{"id":"broken', b'{"id":2}']),
        (b'{"id":1}\r\n{"id":2}\r\n', [b'{"id":1}', b'{"id":2}']),
    ],
)
def test_json_of_every_shape_is_cut_into_its_events(tmp_path: Path, text: bytes, expected: list[bytes]) -> None:
    (tmp_path / "a.json").write_bytes(text)
    assert payloads(tmp_path / "a.json") == expected
    (tmp_path / "b.txt").write_bytes(gzip.compress(text))
    assert payloads(tmp_path / "b.txt") == expected


def test_an_array_without_its_end_gives_what_it_has_and_then_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"id":1},{"id":2')
    found = []
    with pytest.raises(InputError, match=r"a\.json: damaged: the JSON array has no end"):
        found += [item.payload for item in Source(str(tmp_path / "a.json"))]
    source = iter(Source(str(tmp_path / "a.json")))
    assert [next(source).payload, next(source).payload] == [b'{"id":1}', b'{"id":2']


@pytest.mark.parametrize("attack", [b"[", b'"', b'\\"', b"{,", b'["\n'])
def test_a_long_array_made_to_be_hard_is_scanned_in_linear_time(tmp_path: Path, attack: bytes) -> None:
    (tmp_path / "a.json").write_bytes(b"[" + b'"' + attack * 1_000_000)
    began = time.process_time()
    with pytest.raises(InputError):
        items(tmp_path / "a.json")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(("size", "taken"), [(65_536, True), (65_537, False), (65_538, False), (300_000, False)])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b'\n{"id":2}\n'])
def test_the_size_of_a_line_is_judged_to_the_byte(tmp_path: Path, size: int, taken: bool, end: bytes) -> None:
    line = b'{"id":"' + b"x" * (size - 9) + b'"}'
    (tmp_path / "a.jsonl").write_bytes(line + end)
    first, *rest = payloads(tmp_path / "a.jsonl")
    code = first if isinstance(first, str) else _error_of_bytes(first)
    assert code == ("missing_field" if taken else "too_large")
    assert rest == ([b'{"id":2}'] if end.endswith(b"}\n") else [])


ROW = "T,2,S1,T1,12.50\n"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ('T,2,"S1"x,T1,1\n', "malformed"),
        ('T,2,"S1,T1,1\n', "malformed"),
        ("T,2," + "x" * 200_000 + ",T1,1\n", "too_large"),
        ("T,2\n", "malformed"),
        ("T,2,S1,T1,1,1\n", "malformed"),
    ],
)
@pytest.mark.parametrize("after", [2, 9_000])
def test_a_bad_csv_row_takes_no_other_with_it(tmp_path: Path, bad: str, code: str, after: int) -> None:
    (tmp_path / "t.csv").write_text("Kind,Hour,From,To,Amount\n" + ROW + bad + ROW * after, encoding="utf-8")
    found = payloads(tmp_path / "t.csv", MAPPING)
    assert len(found) == after + 2
    assert isinstance(found[1], str)
    assert [each for each in found if isinstance(each, str)] == [found[1]]
    assert found[1] in {code, "too_large"}
    raw = items(tmp_path / "t.csv", MAPPING)[1].raw.decode()
    assert raw == bad.rstrip("\n")[:1024]


def test_csv_takes_marks_line_ends_and_breaks_within_quotes(tmp_path: Path) -> None:
    text = 'Kind,Hour,From,To,Amount\r\n\r\nT,2,S1,T1,12.50\r\nT,2,"S\r\n1",T1,1'
    (tmp_path / "t.csv").write_bytes(BOM + text.encode())
    first, second = payloads(tmp_path / "t.csv", MAPPING)
    assert first == EXPECTED
    assert isinstance(second, dict)
    assert second["sender"] == "account:S\r\n1"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"", "the table is empty"),
        ("类型,时间\n".encode("gb18030"), "not UTF-8"),
        (b"Kind,Hour,From,To,Amount,Amount\n", "column 'Amount' twice"),
        (b"Kind;Hour;From;To;Amount\n", "no column 'Amount'"),
    ],
)
def test_a_table_that_cannot_be_read_at_all_says_why(tmp_path: Path, header: bytes, words: str) -> None:
    (tmp_path / "t.csv").write_bytes(header)
    with pytest.raises((InputError, MappingError), match=words):
        items(tmp_path / "t.csv", MAPPING)


def one_row(tmp_path: Path, mapping: str = MAPPING, **cells: pa.Array) -> object:
    usual = {"Kind": pa.array(["T"]), "Hour": pa.array([2]), "From": pa.array(["S1"]), "To": pa.array(["T1"])}
    pq.write_table(pa.table({**usual, "Amount": pa.array(["12.50"]), **cells}), tmp_path / "t.parquet")
    (found,) = payloads(tmp_path / "t.parquet", mapping)
    return found


def test_parquets_own_types_mean_what_they_say(tmp_path: Path) -> None:
    amount = pa.array([Decimal("99999999999999.9999")], pa.decimal128(18, 4))
    assert one_row(tmp_path, Amount=amount) == {**EXPECTED, "amount": "99999999999999.9999"}
    assert one_row(tmp_path, From=pa.array([b"S1"])) == EXPECTED
    assert one_row(tmp_path, From=pa.array([7.0])) == {**EXPECTED, "sender": "account:7"}
    assert one_row(tmp_path, To=pa.array(["T1"]).dictionary_encode()) == EXPECTED


def test_a_value_that_python_cannot_hold_is_that_rows_error(tmp_path: Path) -> None:
    beyond = pa.array([2**62, 2], pa.timestamp("ms", "UTC"))
    kinds, names, amounts = pa.array(["T", "T"]), pa.array(["S1", "S1"]), pa.array(["1", "2"])
    table = pa.table({"Kind": kinds, "Hour": beyond, "From": names, "To": names, "Amount": amounts})
    pq.write_table(table, tmp_path / "t.parquet")
    first, second = items(tmp_path / "t.parquet", MAPPING)
    assert isinstance(first.payload, EventError)
    assert first.payload.field == "Hour"
    assert isinstance(second.payload, dict)
    broken = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    assert one_row(tmp_path, From=broken) == "malformed"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-15 20:00:00", "2026-01-15T20:00:00+08:00"),
        ("2026-01-15T20:00:00Z", "2026-01-15T20:00:00+00:00"),
        ("noon", "bad_time"),
    ],
)
def test_local_times_take_the_zone_of_the_mapping(tmp_path: Path, written: str, expected: str) -> None:
    local = MAPPING.replace("unit: h, origin: 2026-01-01T00:00:00Z", 'zone: "+08:00"')
    found = one_row(tmp_path, local, Hour=pa.array([written]))
    assert (found["time"].isoformat() if isinstance(found, dict) else found) == expected
    naive = one_row(tmp_path, local, Hour=pa.array([datetime(2026, 1, 15, 20)], pa.timestamp("ns")))
    assert isinstance(naive, dict)
    assert naive["time"] == datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("written", ["1e999999", "sNaN", "NaN", "9" * 5_000, "-Infinity", "x", "[]"])
def test_an_absurd_number_of_hours_is_a_bad_time(tmp_path: Path, written: str) -> None:
    found = one_row(tmp_path, Hour=pa.array([written]))
    assert (_error_of(found).code if isinstance(found, dict) else found) == "bad_time"


def _error_of_bytes(raw: object) -> str:
    assert isinstance(raw, bytes)
    with pytest.raises(EventError) as caught:
        READER.read_json(raw)
    return caught.value.code


def _error_of(fields: dict[str, object]) -> EventError:
    with pytest.raises(EventError) as caught:
        READER.read_object(fields)
    return caught.value


def test_a_value_that_the_mapping_does_not_know_is_an_error_of_its_field(tmp_path: Path) -> None:
    translated = MAPPING + "  first_payment: {column: To, values: {T0: true}}\n"
    assert one_row(tmp_path, translated) == "out_of_range"


def test_half_a_character_in_mapped_json_is_that_lines_error(tmp_path: Path) -> None:
    row = '{"Kind":"T","Hour":2,"From":"\\ud800","To":"T1","Amount":1}\n'
    (tmp_path / "t.jsonl").write_text(row + row.replace("\\ud800", "S1"), encoding="utf-8")
    first, second = payloads(tmp_path / "t.jsonl", MAPPING)
    assert first == "malformed"
    assert isinstance(second, dict)
    assert _error_of({**EXPECTED, "sender": "account:\ud800"}).code == "malformed"


def test_packed_bytes_that_are_damaged_end_in_one_clear_error(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"id":1}\n' * 5_000)
    for place in (10, 12, len(packed) // 2, len(packed) - 4):
        damaged = bytearray(packed)
        damaged[place] ^= 0xFF
        (tmp_path / "a.jsonl.gz").write_bytes(damaged)
        with pytest.raises(InputError, match="damaged"):
            items(tmp_path / "a.jsonl.gz")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(InputError, match="the format is json, csv, parquet"):
        Source(str(tmp_path / "a.jsonl"), None, "xml")


def test_an_input_of_unknown_length_tells_no_progress(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b'{"id":1}\n',))
    writer.start()
    source = Source(str(tmp_path / "pipe"))
    assert [(item.payload, source.done) for item in source] == [(b'{"id":1}', 0)]
    writer.join()
