"""The packs and their lists."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tocsin.app import bootstrap
from tocsin.app.doctor.finding import Finding, Subject, fault, ok, warning
from tocsin.app.doctor.record import open_session
from tocsin.model.errors import PackError
from tocsin.rulebook.lists import read_standing
from tocsin.rules.value_list import ValueList

SOON_US = 7 * 86_400_000_000


def check_packs(subject: Subject) -> Iterator[Finding]:
    """Whether the packs load, then whether their lists are fresh."""
    say = subject.wording.say
    try:
        catalogue = bootstrap.load_packs(subject.settings.packs)
    except PackError as error:
        text = say(
            "The packs have {count} problems, the first in {file}", count=len(error.problems), file=_place(error)
        )
        yield fault(text, say("Run `tocsin packs check`, which shows each with its line."))
        return
    counts = {"packs": len(catalogue.packs), "rules": len(catalogue.rules), "features": len(catalogue.features)}
    yield ok(say("{packs} packs load, with {rules} rules and {features} features", **counts))
    yield from look_at_lists(subject, list(catalogue.lists.values()))


def look_at_lists(subject: Subject, lists: list[ValueList]) -> Iterator[Finding]:
    """Lists that are stale or soon will be, and entries of lists that no pack has."""
    say = subject.wording.say
    stale = [each.name for each in lists if each.stale_at <= subject.now_us]
    soon = [each for each in lists if subject.now_us < each.stale_at <= subject.now_us + SOON_US]
    if stale:
        yield warning(
            say("These lists are stale, so that rules read nothing in them: {names}", names=", ".join(stale)),
            say("Bring their files up to date and set `updated_at` in the pack."),
        )
    if soon:
        shown = ", ".join(f"{each.name} ({datetime.fromtimestamp(each.stale_at / 1e6, UTC):%Y-%m-%d})" for each in soon)
        yield warning(
            say("These lists go stale within 7 days: {names}", names=shown),
            say("Bring their files up to date and set `updated_at` in the pack."),
        )
    with open_session(subject.settings) as session:
        kept = [] if session is None else [each.list for each in read_standing(session, {}, subject.now_us)[1]]
    lost = sorted(set(kept) - {each.name for each in lists})
    if lost:
        yield warning(
            say("Entries wait for lists that no loaded pack has: {names}", names=", ".join(lost)),
            say("Load the pack that has them, or take the entries off."),
        )
    if not stale and not soon and not lost:
        yield ok(say("{count} lists are fresh", count=len(lists)))


def _place(error: PackError) -> str:
    first = error.problems[0]
    return f"{first.file}:{first.line}" if first.line else first.file
