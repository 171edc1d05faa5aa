"""What a run over many events came to.

Receives decisions and rejects as they pass. Gives counts, a table for people and an object for machines.
"""

from collections import Counter

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tocsin.app.wording import Wording
from tocsin.model.decision import Decision
from tocsin.model.errors import EventError
from tocsin.model.outcome import OUTCOMES


class Reject(Struct, frozen=True):
    """One rejected place of the input, as it is written beside the decisions."""

    line: int
    error: str
    field: str
    reason: str
    input: str


class Summary:
    """Counts while the run goes on."""

    def __init__(self) -> None:
        self.events = 0
        self.seconds = 0.0
        self.duplicates = 0
        self.late = 0
        self.outcomes: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.shadow: Counter[str] = Counter()
        self.unavailable: Counter[str] = Counter()
        self.rejects: Counter[str] = Counter()

    @property
    def seen(self) -> int:
        """Places of the input that were decided or rejected."""
        return self.events + sum(self.rejects.values())

    def add(self, decision: Decision) -> None:
        """Counts one decision."""
        self.events += 1
        self.outcomes[decision.outcome] += 1
        if decision.fired:
            self.rules.update(rule.rule for rule in decision.fired)
        if decision.shadow:
            self.shadow.update(rule.rule for rule in decision.shadow)
        if decision.unavailable:
            self.unavailable.update(lost.name for lost in decision.unavailable)

    def reject(self, line: int, error: EventError, raw: bytes) -> Reject:
        """Counts one reject and makes its record; bytes that are not UTF-8 are shown as escapes."""
        self.rejects[error.code] += 1
        return Reject(line, error.code, error.field, error.reason, raw.decode(errors="backslashreplace"))

    def as_object(self) -> dict[str, object]:
        """The counts for machines."""
        rejected = sum(self.rejects.values())
        return {
            "events": self.events,
            "duplicates": self.duplicates,
            "late": self.late,
            "rejected": rejected,
            "rejects": dict(self.rejects),
            "outcomes": {outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "rules": dict(self.rules.most_common()),
            "shadow": dict(self.shadow.most_common()),
            "unavailable": dict(self.unavailable),
            "seconds": round(self.seconds, 3),
            "events_per_s": round((self.events + self.duplicates + rejected) / self.seconds) if self.seconds else 0,
        }

    def show(self, console: Console, wording: Wording) -> None:
        """The counts for people."""
        say = wording.say
        title = say("{events:,} events decided in {seconds:.1f} s", events=self.events, seconds=self.seconds)
        table = Table(title=title, title_justify="left")
        table.add_column(say("what"))
        table.add_column(say("count"), justify="right")
        table.add_column(say("share"), justify="right")
        for outcome in OUTCOMES:
            table.add_row(outcome, f"{self.outcomes[outcome]:,}", _share(self.outcomes[outcome], self.events))
        sections = {
            say("rule"): self.rules,
            say("in shadow"): self.shadow,
            say("unavailable"): self.unavailable,
            say("rejected"): self.rejects,
        }
        for word, counts in sections.items():
            self._section(table, word, counts, wording)
        table.add_section()
        odd = {say("too late for windows"): self.late, say("duplicates, decided once"): self.duplicates}
        for name, count in odd.items():
            if count:
                table.add_row(name, f"{count:,}", "")
        table.add_row(say("events per second"), f"{self.as_object()['events_per_s']:,}", "")
        console.print(table)

    def _section(self, table: Table, word: str, counts: Counter[str], wording: Wording) -> None:
        if counts:
            table.add_section()
        for name, count in counts.most_common(12):
            table.add_row(f"{word} {name}", f"{count:,}", _share(count, self.events))
        if len(counts) > 12:
            rest = sum(counts.values()) - sum(count for _, count in counts.most_common(12))
            table.add_row(wording.say("{count} more", count=len(counts) - 12), f"{rest:,}", "")


def _share(count: int, total: int) -> str:
    return f"{count / total:.2%}" if total else ""


def to_json(value: object) -> str:
    """JSON for machines, on one line."""
    return msgspec.json.encode(value).decode()
