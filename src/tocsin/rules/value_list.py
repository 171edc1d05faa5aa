"""Lists that rules look into.

Receives a pack's list entry and its CSV file. Gives, at an event's time, whether a value stands in the list. Never
reads a clock: an entry expires, and a list goes stale, by the event's own time.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tocsin.model.entity import ENTITY_LIMIT
from tocsin.model.event_type import Title
from tocsin.model.window import SECOND_US, parse_span
from tocsin.rules.author import NAME, Author, reason_of

NEVER = 1 << 62
ENTRY_LIMIT = 1_000_000


class ValueList:
    """Values with the time at which each expires (microseconds since 1970 UTC; NEVER where it does not).

    `own` are those of the pack's file, `entries` those that stand now.
    """

    def __init__(self, name: str, title: Title, of: str, entries: Mapping[str, int], stale_at: int = NEVER) -> None:
        self.name = name
        self.title = title
        self.of = of
        self.own = entries
        self.entries = dict(entries)
        self.stale_at = stale_at

    def has(self, value: str, at: int) -> bool | None:
        """Whether the value stands in the list at this time; None where the list is stale by then.

        >>> ValueList("a", Title("a", "a"), "text", {"x": 10}).has("x", 10)
        False
        """
        if at >= self.stale_at:
            return None
        return self.entries.get(value, 0) > at

    def put(self, value: str, expires_at: int) -> None:
        """Lets a value stand until a time, whatever the pack's file says of it."""
        self.entries[value] = expires_at

    def take(self, value: str) -> None:
        """Takes back what `put` did: the value stands as the pack's file says, or not at all."""
        if value in self.own:
            self.entries[value] = self.own[value]
        else:
            self.entries.pop(value, None)

    def standing(self, at: int) -> list[str]:
        """Every value that stands in the list at a time."""
        return [value for value, end in self.entries.items() if end > at]


def read_list(author: Author, name: str, folder: Path) -> ValueList | None:
    """The list of one entry, with the entries of its file."""
    author.keys(("title", "of", "file", "expires", "updated_at", "stale_after"))
    if not NAME.fullmatch(name):
        author.wrong("bad-name", f"`{name[:60]}` is no name for a list; write lower case with hyphens")
    title = author.title()
    of = author.text("of", required=True)
    expires = author.choice("expires", ("required", "optional", "never"), "unknown-choice")
    stale_at = _stale_at(author)
    node = author.scalar("file", required=True)
    if node is None:
        return None
    file = (folder / node.text).resolve()
    if not file.is_relative_to(folder.resolve()):
        author.wrong("bad-list", f"`{node.text[:60]}` lies outside the pack", node)
        return None
    if not file.is_file():
        author.wrong("bad-list", f"`{node.text[:60]}` cannot be read: no such file, or no plain one", node)
        return None
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            entries = _read_rows(author, csv.DictReader(text, strict=True), file.name, of, expires)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        author.wrong("bad-list", f"`{node.text[:60]}` cannot be read: {reason_of(error)}", node)
        return None
    return ValueList(name, title, of, entries, stale_at) if title else None


def _stale_at(author: Author) -> int:
    after, updated = author.scalar("stale_after"), author.scalar("updated_at")
    if after is None:
        return NEVER
    span, start = parse_span(after.text), _moment(updated.text) if updated else None
    if span is None or start is None:
        author.wrong(
            "bad-list",
            "`stale_after` needs a span such as 30d, and `updated_at` beside it as RFC 3339 with a zone",
            after,
        )
        return NEVER
    return start + span


def _read_rows(author: Author, table: "csv.DictReader[str]", file: str, of: str, expires: str) -> dict[str, int]:
    entries: dict[str, int] = {}
    if "value" not in (table.fieldnames or []):
        author.wrong("bad-list", f"{file}: the first line must name the columns: value,expires_at,note")
        return entries
    faults = 0
    for row in table:
        fault, end = _read_row(row, of, expires)
        if not fault and row["value"] in entries:
            fault = f"`{row['value'][:40]}` stands twice"
        if fault and faults < 10:
            author.wrong("bad-list", f"{file} line {table.line_num}: {fault}")
            faults += 1
        entries[row["value"]] = end
        if len(entries) > ENTRY_LIMIT:
            author.wrong("bad-list", f"{file}: more than {ENTRY_LIMIT} entries")
            break
    return entries


def _read_row(row: dict[str, str], of: str, expires: str) -> tuple[str, int]:
    value, text = row["value"] or "", row.get("expires_at") or ""
    end = _moment(text) if text else NEVER
    fault = ""
    if not value or len(value) > ENTITY_LIMIT:
        fault = "the value is empty or too long"
    elif of != "text" and not value.startswith(f"{of}:"):
        fault = f"`{value[:40]}` must be written `{of}:…`"
    elif text and end is None:
        fault = f"`{text[:40]}` is not RFC 3339 with a zone"
    elif expires == "required" and not text:
        fault = f"`{value[:40]}` has no expires_at, and this list requires one"
    return fault, NEVER if end is None else end


def _moment(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round(moment.timestamp()) * SECOND_US if moment.tzinfo else None


def show_stale(values: ValueList) -> str:
    """Since when a stale list is stale, for the decision's record.

    >>> show_stale(ValueList("a", Title("a", "a"), "text", {}, stale_at=86_400_000_000))
    'stale since 1970-01-02T00:00:00+00:00'
    """
    return f"stale since {datetime.fromtimestamp(values.stale_at / SECOND_US, UTC).isoformat()}"
