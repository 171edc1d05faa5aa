"""The judgement as tables, in English and Chinese."""

from collections.abc import Iterator

from rich.table import Table

from tocsin.app.demo.judgement import Judgement, StoryResult
from tocsin.app.wording import Wording


def show_judgement(judgement: Judgement, wording: Wording) -> Iterator[Table | str]:
    """What was caught and when in the story, what was missed, and whom it hurt."""
    say = wording.say
    titles = [say("story"), say("class"), say("first caught"), say("after"), say("by the rule")]
    titles += [say("held back"), say("lost")]
    caught = say("{caught} of {total} stories caught", caught=judgement.caught, total=len(judgement.stories))
    table = Table(*titles, title=caught, title_justify="left")
    for story in sorted(judgement.stories, key=lambda each: (not each.caught, each.typology, each.story)):
        table.add_row(*_row(story, wording))
    yield table
    yield say(
        "Good users: {hurt} of {users} hurt (challenged or worse) on {events} events, {warned} events warned",
        hurt=judgement.hurt_users,
        users=judgement.good_users,
        events=len(judgement.hurt),
        warned=judgement.warned,
    )
    if not judgement.hurt:
        yield say("no good user was hurt")
        return
    hurt = Table(say("by the rule"), say("events"), say("for example"))
    for rule, count in judgement.hurt_by_rule.items():
        example = next(each for each in judgement.hurt if rule in each.rules)
        hurt.add_row(rule, str(count), f"{example.event_id} {example.user} {example.outcome}")
    yield hurt


def _row(story: StoryResult, wording: Wording) -> list[str]:
    money = [f"{amount:,.0f}" if amount else "" for amount in (story.saved, story.lost)]
    if not story.caught:
        missed = wording.say("missed")
        return [story.story, story.typology, f"[bold]{missed}[/bold]", "", "", *money]
    after = wording.say("{minutes:g} min", minutes=story.after_minutes)
    return [story.story, story.typology, f"{story.stage} {story.outcome}", after, story.rule, *money]
