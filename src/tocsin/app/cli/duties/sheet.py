"""`tocsin duties show`: one duty with its clocks and what proves it."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.duties.listing import as_object
from tocsin.app.duty_wording import in_language, say_by_law, say_limit, say_provenance, say_span, say_standing
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError
from tocsin.model.event_type import Title
from tocsin.rulebook.duties.duty import STANDING, Duty, DutyId, deadline_shown_as_law
from tocsin.rulebook.duties.register import Register
from tocsin.rulebook.duties.start import policy_of
from tocsin.rules.author import near


def show_duty(name: str, packs: Sequence[Path], lang: str, *, as_json: bool) -> int:
    """Shows one duty.

    Raises:
        InputError: no such duty.
    """
    wording = Wording(lang)
    register = bootstrap.load_duties(packs)
    duty = register.duties.get(DutyId(name))
    if duty is None:
        raise InputError(f"no duty `{name[:20]}`; {near(name, register.duties)}")
    if as_json:
        print(to_json(as_object(duty)))
        return 0
    grid = Table.grid(padding=(0, 2))
    for label, text in _rows(wording, duty, register):
        grid.add_row(label, escape(text))
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(f"{duty.id}  {in_language(wording, duty.title)}", style="bold", markup=False)
    console.print(grid)
    return 0


def _rows(wording: Wording, duty: Duty, register: Register) -> list[tuple[str, str]]:
    say, words = wording.say, register.words
    events = {**words.events, STANDING: Title("always", "始终有效")}
    law = [
        f"{each.name}: {text}" if each.name else text
        for each in duty.deadlines
        if (text := say_by_law(wording, duty, each))
    ]
    clause = [say_limit(wording, each) for each in duty.deadlines if not deadline_shown_as_law(duty, each)]
    own = [f"{policy_of(duty, each)}: {say_span(say, each.internal)}" for each in duty.deadlines if each.internal]
    rows = [
        (say("standing"), say_standing(say, duty)),
        (say("what was read"), say_provenance(say, duty.provenance)),
        (say("awaits"), in_language(wording, duty.awaits) if duty.awaits else ""),
        (say("source"), f"{in_language(wording, duty.law)} · {in_language(wording, duty.article)}"),
        (say("asks"), in_language(wording, duty.asks)),
        (say("not verified"), in_language(wording, duty.doubt) if duty.doubt else ""),
        (say("who"), _named(wording, duty.actors, words.actors)),
        (say("begins with"), _named(wording, [each.event for each in duty.triggers], events)),
        (say("by law"), "; ".join(law)),
        (say("says, but not shown as law"), "; ".join(clause)),
        (say("own policy (suggested)"), "; ".join(own)),
        (say("proof"), in_language(wording, duty.proof)),
        (say("records"), _named(wording, duty.evidence, words.records)),
        (say("penalty"), in_language(wording, duty.penalty) if duty.penalty else ""),
        (say("stage"), _named(wording, duty.stages, words.stages)),
        (say("version"), f"{duty.version} · {duty.pack} {register.packs[duty.pack].version}"),
    ]
    return [(label, text) for label, text in rows if text]


def _named(wording: Wording, names: Sequence[str], titles: Mapping[str, Title]) -> str:
    return "; ".join(f"{in_language(wording, titles[name])} ({name})" for name in names)
