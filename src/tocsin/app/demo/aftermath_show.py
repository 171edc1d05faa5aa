"""Both loops as tables, in English and Chinese."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from rich.table import Column, Table

from tocsin.app.demo.aftermath import Aftermath, Done
from tocsin.app.demo.show import name_of
from tocsin.app.wording import Wording
from tocsin.measures.state import MeasureState
from tocsin.model.window import SECOND_US


def show_aftermath(found: Aftermath, wording: Wording) -> Iterator[Table | str]:
    """What was done about a fraud until its case was closed, and about a good user until they were free."""
    say = wording.say
    yield ""
    if found.fraud:
        yield _table(say("The loop: from the lure to an answered, closed case"), found.fraud, wording)
    if found.good:
        yield _table(say("The loop: a good user who was wrongly held is set free"), found.good, wording)
    if found.record is not None:
        yield say(
            "The rule {rule} is charged with it: right {right}, wrong {wrong}.",
            rule=found.record.rule,
            right=found.record.right,
            wrong=found.record.wrong,
        )
    proved = say("it verifies") if found.holds else say("IT DOES NOT VERIFY")
    yield say("{acts} acts stand in the hash-chained audit log: {proved}.", acts=found.acts, proved=proved)


def _table(title: str, steps: Sequence[Done], wording: Wording) -> Table:
    say = wording.say
    table = Table(
        Column(say("when"), no_wrap=True),
        Column(say("who"), no_wrap=True),
        Column(say("what is done"), overflow="fold"),
        title=title,
        title_justify="left",
    )
    sentences = _sentences(wording)
    for step in steps:
        table.add_row(_when(step.at), step.by, sentences[step.what](**step.facts))
    return table


def _when(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / SECOND_US, UTC).strftime("%m-%d %H:%M")


def _sentences(wording: Wording) -> dict[str, Callable[..., str]]:
    """Each step in words."""
    say = wording.say

    def ordered(measure: str, case: str) -> str:
        if not case:
            return say("orders by itself: {measure}", measure=measure)
        return say("orders by itself: {measure}; case {case} is opened", measure=measure, case=case)

    def answered(**facts: str) -> str:
        if not facts["open"]:
            return say("answers who reported, records the lesson")
        left = facts["open"].replace("verification", say("the result is to be looked at in a day"))
        return say("answers who reported, records the lesson; not closed yet: {open}", open=left)

    def freed(subject: str, state: str) -> str:
        if state == MeasureState.LIFTED:
            return say("has set {subject} free: nothing of it stands any more", subject=subject)
        return f"{subject}: {state}"

    return {
        "lured": lambda stage, story: say(
            "the story begins ({stage}, {story})", stage=stage, story=name_of(story, wording)
        ),
        "fired": lambda **facts: say("fires on {subject}: {outcome}", **facts),
        "ordered": ordered,
        "confirmed": lambda **facts: say("has carried it out: {measure}", **facts),
        "found": lambda **facts: say("takes the case and confirms the suspicion of {subject}", **facts),
        "answered": answered,
        "closed": lambda **facts: say("has looked whether the result holds, and closes case {case}", **facts),
        "objected": lambda **facts: say("objects with the notice's code: appeal {appeal}", **facts),
        "upheld": lambda **facts: say("had not decided before, and upholds it: {lifted} lifted at once", **facts),
        "freed": freed,
    }
