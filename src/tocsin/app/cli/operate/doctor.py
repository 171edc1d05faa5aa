"""`tocsin doctor`: what is wrong here, and how it is mended."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from tocsin.app.bootstrap import now_us
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.doctor.examination import examine
from tocsin.app.doctor.finding import Finding, Level, Subject
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording

SIGNS = {Level.OK: ("✓", "green"), Level.WARNING: ("!", "yellow"), Level.FAULT: ("✗", "red")}


def run(settings: Settings, file: Path | None, lang: str, *, as_json: bool) -> int:
    """Looks at everything; exit code 1 where there is a fault."""
    wording = Wording(lang)
    console = Console(soft_wrap=True)
    found = []
    for name, finding in examine(Subject(settings, wording, now_us(), file)):
        found.append((name, finding))
        if not as_json:
            _show(console, finding)
    counts = {level: sum(finding.level is level for _, finding in found) for level in Level}
    if as_json:
        rows = [{"check": name, **_as_object(finding)} for name, finding in found]
        print(to_json({"findings": rows, "warnings": counts[Level.WARNING], "faults": counts[Level.FAULT]}))
    else:
        text = wording.say(
            "{faults} faults, {warnings} warnings", faults=counts[Level.FAULT], warnings=counts[Level.WARNING]
        )
        console.print(text, markup=False)
    return 1 if counts[Level.FAULT] else 0


def _show(console: Console, finding: Finding) -> None:
    sign, style = SIGNS[finding.level]
    line = Text.assemble((sign, style), " ", finding.text)
    if finding.mend:
        line.append(f"\n  → {finding.mend}")
    console.print(line)


def _as_object(finding: Finding) -> dict[str, str]:
    return {"level": finding.level, "text": finding.text, "mend": finding.mend}
