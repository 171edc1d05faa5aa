"""Packs whose files are not what they seem: one problem each, in bounded time and memory."""

import os
import time
from pathlib import Path

import pytest

from tocsin.app.bootstrap import load_packs
from tocsin.ingest.reader import EventReader
from tocsin.model.errors import PackError

HEAD = 'id = "own"\ntitle = {en = "o", zh = "o"}\nversion = "1"\nrequires = ["core"]\n'
LIST = "lists: {l: {title: {en: a, zh: a}, of: text, file: l.csv}}\n"


def fault(folder: Path) -> str:
    began = time.perf_counter()
    with pytest.raises(PackError) as caught:
        load_packs([folder])
    assert time.perf_counter() - began < 5
    return str(caught.value)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("a = " + "[" * 20_000, "cannot be read"),
        ("#" * 100_000, "more than 65536 bytes"),
        ('id = "\\ud800"', "cannot be read"),
        (HEAD.replace('"own"', "5"), "`id` is a text"),
        (HEAD.replace('"own"', '"../own"'), "is no pack id"),
        (HEAD.replace('version = "1"', "version = 1"), "`version` is a text"),
        (HEAD.replace('["core"]', '"core"'), "`requires` is a list"),
    ],
)
def test_a_head_that_cannot_be_meant(tmp_path: Path, head: str, words: str) -> None:
    (tmp_path / "pack.toml").write_text(head)
    assert words in fault(tmp_path)


def test_a_file_of_a_hundred_megabytes_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(HEAD)
    with (tmp_path / "rules.yaml").open("wb") as file:
        file.truncate(100_000_000)
    began = time.process_time()
    assert "more than 4194304 bytes" in fault(tmp_path)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", ["rules.yaml", "l.csv"])
def test_pipes_devices_folders_and_loose_links_are_not_waited_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "pack.toml").write_text(HEAD)
    (tmp_path / "lists.yaml").write_text(LIST if name == "l.csv" else "")
    place = tmp_path / name
    for make in (os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path), lambda path: os.symlink("no", path)):
        make(place)
        assert "cannot be read" in fault(tmp_path) or "lies outside the pack" in fault(tmp_path)
        place.rmdir() if place.is_dir() else place.unlink()


def test_byte_order_marks_and_empty_sections_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    (tmp_path / "all.yaml").write_bytes(b"\xef\xbb\xbfevents:\r\nfeatures:\r\nrules:\r\nlists:\r\n")
    assert load_packs([tmp_path]).rules == {}


def test_an_entitys_kind_never_becomes_code(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(HEAD)
    kind = "{value:'>3}"
    (tmp_path / "e.yaml").write_text(
        f'events: {{x.y: {{title: {{en: a, zh: a}}, fields: {{a: {{entity: "{kind}"}}}}}}}}'
    )
    assert "is no kind of entity" in fault(tmp_path)


def test_words_of_python_and_of_sql_may_name_fields(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(HEAD)
    fields = ", ".join(f"{name}: {{type: string}}" for name in ("class", "none", "select", "from.lambda", "f0"))
    (tmp_path / "e.yaml").write_text(f"events: {{x.y: {{title: {{en: a, zh: a}}, fields: {{{fields}}}}}}}")
    reader = EventReader(load_packs([tmp_path]).types)
    row = {"id": "1", "type": "x.y", "time": 1_768_478_400, "class": "a", "from": {"lambda": "b"}, "f0": "c"}
    assert reader.read_object(row).row[3:] == ("a", None, None, "b", "c")
