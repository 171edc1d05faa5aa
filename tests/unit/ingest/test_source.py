"""Files in every format give the same events, and one bad place never ends the rest."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.ingest.mapping import read_mapping
from tocsin.ingest.source import Item, Source
from tocsin.model.errors import EventError, InputError, MappingError

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
