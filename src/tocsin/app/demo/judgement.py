"""How well the decisions answered the stories.

Receives labelled events and the decision of each. Gives, for each story, whether, when and by what it was caught, what
was saved and lost, and which good users were hurt. Counts as caught: a decision graver than allow on an event of the
story, after which the platform could act.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from tocsin.app.demo.platform import GOOD, LabelledEvent
from tocsin.model.decision import Decision
from tocsin.model.outcome import Outcome

ACTORS = ("sender", "account", "seller", "caller")


class StoryResult(Struct, frozen=True):
    """One story. Minutes are from its first event; `stage` is where it was first caught; money is in yuan."""

    story: str
    typology: str
    events: int
    caught: bool
    stage: str
    after_minutes: float
    rule: str
    outcome: str
    saved: float
    lost: float


class Hurt(Struct, frozen=True):
    """A good user who was challenged or worse."""

    user: str
    event_id: str
    outcome: str
    rules: tuple[str, ...]


class Judgement(Struct, frozen=True):
    """Everything that the demonstration reports."""

    stories: tuple[StoryResult, ...]
    good_events: int
    good_users: int
    """Accounts and telephone lines that did something in normal life."""

    warned: int
    hurt: tuple[Hurt, ...]
    hurt_by_rule: dict[str, int]

    @property
    def caught(self) -> int:
        """Stories caught."""
        return sum(story.caught for story in self.stories)

    @property
    def hurt_users(self) -> int:
        """Distinct good users hurt."""
        return len({hurt.user for hurt in self.hurt})


def judge(labelled: Sequence[LabelledEvent], decisions: Mapping[str, Decision]) -> Judgement:
    """The judgement; an event that was delivered twice counts once."""
    unique = list({each.event["id"]: each for each in labelled}.values())
    stories: dict[str, list[LabelledEvent]] = defaultdict(list)
    good: list[LabelledEvent] = []
    for each in unique:
        (good if each.label == GOOD else stories[each.story]).append(each)
    hurt = [_hurt(each, decisions[str(each.event["id"])]) for each in good]
    found = tuple(each for each in hurt if each)
    return Judgement(
        stories=tuple(_story(name, events, decisions) for name, events in sorted(stories.items())),
        good_events=len(good),
        good_users=len({_actor(each) for each in good}),
        warned=sum(decisions[str(each.event["id"])].outcome is Outcome.WARN for each in good),
        hurt=found,
        hurt_by_rule=dict(Counter(rule for each in found for rule in each.rules).most_common()),
    )


def _hurt(each: LabelledEvent, decision: Decision) -> Hurt | None:
    if decision.outcome.rank < Outcome.CHALLENGE.rank:
        return None
    grave = tuple(str(rule.rule) for rule in decision.fired)
    return Hurt(_actor(each), str(each.event["id"]), decision.outcome, grave)


def _actor(each: LabelledEvent) -> str:
    return str(next((each.event[name] for name in ACTORS if name in each.event), ""))


def _story(name: str, events: Sequence[LabelledEvent], decisions: Mapping[str, Decision]) -> StoryResult:
    ordered = sorted(events, key=lambda each: str(each.event["time"]))
    began = _time(ordered[0])
    first = next((each for each in ordered if decisions[str(each.event["id"])].outcome is not Outcome.ALLOW), None)
    saved = lost = 0.0
    for each in ordered:
        if each.event["type"] == "payment.transfer" and each.stage in {"S6", "S7"}:
            amount = float(str(each.event["amount"]))
            if decisions[str(each.event["id"])].outcome.rank >= Outcome.CHALLENGE.rank:
                saved += amount
            else:
                lost += amount
    decision = decisions[str(first.event["id"])] if first else None
    return StoryResult(
        story=name,
        typology=ordered[0].label,
        events=len(ordered),
        caught=first is not None,
        stage=first.stage if first else "",
        after_minutes=round((_time(first) - began).total_seconds() / 60, 1) if first else 0.0,
        rule=str(decision.fired[0].rule) if decision and decision.fired else "",
        outcome=str(decision.outcome) if decision else "",
        saved=round(saved, 2),
        lost=round(lost, 2),
    )


def _time(each: LabelledEvent) -> datetime:
    return datetime.fromisoformat(str(each.event["time"]))
