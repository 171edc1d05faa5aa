"""The judgement as tables, in English and Chinese."""

from collections.abc import Iterator

from rich.table import Column, Table

from tocsin.app.demo.judgement import Judgement, StoryResult
from tocsin.app.wording import Wording


def show_judgement(judgement: Judgement, wording: Wording) -> Iterator[Table | str]:
    """What was caught and when in the story, what was missed, and whom it hurt."""
    say = wording.say
    caught = say("{caught} of {total} stories caught", caught=judgement.caught, total=len(judgement.stories))
    table = Table(
        say("story"),
        Column(say("class"), no_wrap=True),
        Column(say("first caught"), no_wrap=True),
        Column(say("after"), no_wrap=True, justify="right"),
        Column(say("by the rule"), overflow="fold"),
        Column(say("held back"), no_wrap=True, justify="right"),
        Column(say("lost"), no_wrap=True, justify="right"),
        title=caught,
        title_justify="left",
    )
    for story in sorted(judgement.stories, key=lambda each: (not each.caught, each.typology, each.story)):
        table.add_row(*_row(story, wording))
    yield table
    yield from _legend(judgement, wording)
    yield from _hurt(judgement, wording)


def _legend(judgement: Judgement, wording: Wording) -> Iterator[str]:
    """What the columns mean, and what they come to."""
    say = wording.say
    yield say(
        "Caught: the first event of the story that was warned about, challenged, held or blocked. "
        "The stories go on whatever is decided, so that later rules can be seen too."
    )
    yield say(
        "Stages: S1 drawing in, S2 trust or fear, S3 off the platform, S4 a tool, S5 a small win, S6 the large payment, "
        "S7 obstruction, S8 cashing out. The classes are explained in docs/concepts."
    )
    saved, lost = (sum(getattr(story, name) for story in judgement.stories) for name in ("saved", "lost"))
    yield say(
        "Victims' payments (S6, S7), in yuan: {saved:,.0f} challenged or worse, {lost:,.0f} let through.",
        saved=saved,
        lost=lost,
    )


def _hurt(judgement: Judgement, wording: Wording) -> Iterator[Table | str]:
    say = wording.say
    yield ""
    yield say(
        "Good accounts and lines: {hurt} of {users} hurt (challenged or worse) on {events} events, {warned} events warned",
        hurt=judgement.hurt_users,
        users=judgement.good_users,
        events=len(judgement.hurt),
        warned=judgement.warned,
    )
    if not judgement.hurt:
        yield say("nobody good was hurt")
        return
    hurt = Table(say("by the rule"), say("events"), say("for example"))
    for rule, count in judgement.hurt_by_rule.items():
        example = next(each for each in judgement.hurt if rule in each.rules)
        hurt.add_row(rule, str(count), f"{example.event_id} {example.user} {example.outcome}")
    yield hurt


def _row(story: StoryResult, wording: Wording) -> list[str]:
    name = name_of(story.story, wording)
    money = [f"{amount:,.0f}" if amount else "" for amount in (story.saved, story.lost)]
    if not story.caught:
        missed = wording.say("missed")
        return [name, story.typology, f"[bold]{missed}[/bold]", "", "", *money]
    return [
        name,
        story.typology,
        f"{story.stage} {story.outcome}",
        _span(story.after_minutes, wording),
        story.rule,
        *money,
    ]


def name_of(story: str, wording: Wording) -> str:
    """`farm-3-careful` in words."""
    teller, number, *careful = story.split("-")
    title = f"{_titles(wording).get(teller, teller)} {number}"
    return wording.say("{title}, careful", title=title) if careful else title


def _span(minutes: float, wording: Wording) -> str:
    if minutes < 120:
        return wording.say("{minutes:.0f} min", minutes=minutes)
    return wording.say("{hours:.0f} h", hours=minutes / 60)


def _titles(wording: Wording) -> dict[str, str]:
    """What each teller of stories is called."""
    say = wording.say
    return {
        "brushing": say("paid likes"),
        "customer_service": say("false customer service"),
        "police": say("false police"),
        "investment": say("false investment"),
        "loan": say("false loan"),
        "romance": say("romance into investment"),
        "sextortion": say("sextortion"),
        "takeover": say("stolen account"),
        "mules": say("money mules"),
        "farm": say("registration farm"),
        "sim_box": say("SIM box"),
        "bulk_sms": say("phishing by text message"),
        "cards": say("cards and tools sold"),
        "game": say("game account sold"),
    }
