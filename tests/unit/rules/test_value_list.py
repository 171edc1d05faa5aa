"""Lists: what stands in them at an event's time, and what their authors must mend."""

from pathlib import Path

import pytest

from tocsin.app.bootstrap import load_packs
from tocsin.model.errors import PackError
from tocsin.model.event_type import Title
from tocsin.rules.value_list import NEVER, ValueList

HEAD = """id = "own"
title = { en = "Own", zh = "自有" }
version = "0.1.0"
licence = "Apache-2.0"
requires = ["core"]
"""


def write_pack(folder: Path, entry: str, rows: str) -> Path:
    (folder / "pack.toml").write_text(HEAD, encoding="utf-8")
    (folder / "lists.yaml").write_text(
        f"lists:\n  friends: {{title: {{en: Friends, zh: 好友}}, of: account, file: friends.csv, {entry}}}\n",
        encoding="utf-8",
    )
    (folder / "friends.csv").write_text(rows, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(PackError) as raised:
        load_packs([folder])
    return [problem.message for problem in raised.value.problems]


def test_an_entry_counts_until_the_moment_it_expires_by_the_events_time() -> None:
    values = ValueList("a", Title("a", "a"), "text", {"x": 10, "y": NEVER})
    assert [values.has("x", at) for at in (9, 10, 11)] == [True, False, False]
    assert values.has("y", 1 << 60) is True
    assert values.has("z", 0) is False


def test_a_stale_list_says_nothing_of_anybody() -> None:
    values = ValueList("a", Title("a", "a"), "text", {"x": NEVER}, stale_at=100)
    assert [values.has("x", 99), values.has("x", 100), values.has("z", 100)] == [True, None, None]


def test_entries_are_read_with_their_ends(tmp_path: Path) -> None:
    rows = "value,expires_at,note\naccount:1,1970-01-01T00:00:10Z,\naccount:2,,kept\n"
    found = load_packs([write_pack(tmp_path, "expires: optional", rows)]).lists["friends"]
    assert dict(found.entries) == {"account:1": 10_000_000, "account:2": NEVER}


def test_a_list_that_requires_an_end_names_each_entry_without_one(tmp_path: Path) -> None:
    found = faults(write_pack(tmp_path, "expires: required", "value,expires_at\naccount:1,\naccount:2,2030-01-01\n"))
    assert any("line 2: `account:1` has no expires_at" in each for each in found)
    assert any("line 3: `2030-01-01` is not RFC 3339 with a zone" in each for each in found)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("account\naccount:1\n", "the first line must name the columns"),
        ("value\nphone:1\n", "must be written `account:…`"),
        ("value\n\n,\n", "empty or too long"),
    ],
)
def test_rows_that_cannot_be_meant_are_named(tmp_path: Path, rows: str, fault: str) -> None:
    assert any(fault in each for each in faults(write_pack(tmp_path, "expires: never", rows)))


def test_a_file_outside_the_pack_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    write_pack(folder, "expires: never", "value\n")
    (tmp_path / "secret.csv").write_text("value\naccount:1\n")
    text = (folder / "lists.yaml").read_text().replace("friends.csv", "../secret.csv")
    (folder / "lists.yaml").write_text(text)
    assert any("lies outside the pack" in each for each in faults(folder))
