"""`tocsin duties list` and `check`: all duties at a glance, and every mistake in them."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.duty_wording import in_language, say_by_law, say_span, say_standing
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError, PackError
from tocsin.rulebook.duties.duty import Duty, deadline_shown_as_law, is_overdue_status, shown_as_law
from tocsin.rulebook.duties.start import binding, policy_of
from tocsin.rules.author import near


class Asked(Struct, frozen=True):
    """Which duties are asked for."""

    packs: list[Path]
    regime: str | None
    actors: tuple[str, ...]
    in_force: bool


def show_list(asked: Asked, lang: str, *, as_json: bool) -> int:
    """Lists duties; what the law says of the time and the platform's own policy stand in columns of their own.

    Raises:
        InputError: no such regime, jurisdiction or actor.
    """
    wording = Wording(lang)
    duties = _find(asked)
    if as_json:
        print(to_json([as_object(duty) for duty in duties]))
        return 0
    say = wording.say
    table = Table(
        say("duty"),
        say("what it asks"),
        say("by law"),
        say("own policy (suggested)"),
        say("standing"),
        show_lines=False,
    )
    for duty in duties:
        law = [text for each in duty.deadlines if (text := say_by_law(wording, duty, each))]
        own = [say_span(say, each.internal) for each in duty.deadlines if each.internal]
        title = escape(in_language(wording, duty.title))
        table.add_row(duty.id, title, "; ".join(law), "; ".join(own), say_standing(say, duty))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    print(say("{count} duties, {law} of them law in force", count=len(duties), law=sum(map(shown_as_law, duties))))
    return 0


def check(places: list[Path], lang: str, *, as_json: bool) -> int:
    """Every problem of duty packs, and of the duties that rules name; exit code 1 where there is one."""
    say = Wording(lang).say
    try:
        register = bootstrap.load_duties(places or [bootstrap.shipped_packs()])
    except PackError as error:
        print(to_json({"problems": error.problems}) if as_json else error)
        return 1
    today = datetime.fromtimestamp(bootstrap.now_us() / 1_000_000, UTC).date()
    overdue = [duty for duty in register.duties.values() if is_overdue_status(duty, today)]
    if as_json:
        print(to_json({"problems": [], "duties": len(register.duties), "overdue": [duty.id for duty in overdue]}))
        return 0
    for duty in overdue:
        print(say("{duty}: said to apply from {day}; read it again", duty=duty.id, day=duty.applies_on))
    found = {"regimes": len(register.regimes), "duties": len(register.duties)}
    print(say("{regimes} regimes, {duties} duties: no problems", **found))
    return 0


def as_object(duty: Duty) -> dict[str, object]:
    """A duty for machines: statutory and internal spans under keys of their own."""
    return {
        "id": duty.id,
        "regime": duty.regime,
        "pack": duty.pack,
        "version": duty.version,
        "law": duty.law,
        "article": duty.article,
        "title": duty.title,
        "asks": duty.asks,
        "actors": duty.actors,
        "triggers": duty.triggers,
        "deadlines": [
            {
                "policy": policy_of(duty, each),
                "name": each.name,
                "on": [trigger.event for trigger in each.on],
                "purpose": each.purpose,
                "clause": {"span": str(each.span) if each.span else None, "word": each.word, "before": each.before},
                "shown_as_law": deadline_shown_as_law(duty, each),
                "internal": str(each.internal) if each.internal else None,
                "pausable": each.pausable,
            }
            for each in duty.deadlines
        ],
        "evidence": duty.evidence,
        "proof": duty.proof,
        "penalty": duty.penalty,
        "status": duty.status,
        "applies_on": duty.applies_on,
        "awaits": duty.awaits,
        "provenance": duty.provenance,
        "doubt": duty.doubt,
        "shown_as_law": shown_as_law(duty),
        "stages": duty.stages,
    }


def _find(asked: Asked) -> list[Duty]:
    register = bootstrap.load_duties(asked.packs)
    duties = list(register.duties.values()) if asked.regime is None else register.duties_under(asked.regime)
    if not duties:
        names = sorted({*register.regimes, *(each.jurisdiction for each in register.regimes.values())})
        raise InputError(f"no regime `{(asked.regime or '')[:20]}`; known are {', '.join(names)}")
    for actor in asked.actors:
        if actor not in register.words.actors:
            raise InputError(f"no actor `{actor[:40]}`; {near(actor, register.words.actors)}")
    bound = binding(duties, asked.actors) if asked.actors else duties
    return [duty for duty in bound if shown_as_law(duty)] if asked.in_force else bound
