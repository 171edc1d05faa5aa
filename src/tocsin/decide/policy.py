"""From the rules that fired to one outcome.

Receives the rules that fired with the values they read. Gives outcome, score, and which rules counted and which only
watched. Never evaluates a condition.
"""

from collections.abc import Sequence

import xxhash
from msgspec import Struct

from tocsin.model.decision import FiredRule, RuleId
from tocsin.model.event import Row
from tocsin.model.outcome import OUTCOMES, Outcome
from tocsin.rules.compiled import FiredValues
from tocsin.rules.pack import Rule, RuleState

ROLLOUT_SLOTS = 10_000


class Verdict(Struct, frozen=True):
    """What the fired rules come to. `score` is 0..100."""

    outcome: Outcome
    score: float
    fired: tuple[FiredRule, ...]
    shadow: tuple[FiredRule, ...]


NOTHING = Verdict(Outcome.ALLOW, 0.0, (), ())


class Terms(Struct, frozen=True):
    """What one rule brings to a decision. `subject` is the place of the rollout's subject in the row."""

    id: RuleId
    rank: int
    miss: float
    lane: str
    watches: bool
    slots: int
    subject: int


def terms_of(rule: Rule, places: dict[str, int]) -> Terms:
    """The terms of a rule on rows in which names have these places."""
    lane = "override" if rule.override else "force" if rule.force else ""
    slots = ROLLOUT_SLOTS if rule.rollout is None else round(rule.rollout * ROLLOUT_SLOTS / 100)
    return Terms(
        id=rule.id,
        rank=rule.outcome.rank,
        miss=1 - rule.score / 100,
        lane=lane,
        watches=rule.state is not RuleState.LIVE,
        slots=slots,
        subject=places.get(rule.subject, -1),
    )


def conclude(found: FiredValues, terms: Sequence[Terms], row: Row) -> Verdict:
    """The outcome is the greatest of the fired rules'; a fired override ends the matter unless a forced rule fired too.

    Scores combine as 1 - prod(1 - s/100); overrides add nothing to them.
    """
    fired, shadow = [], []
    rank, miss, lifted, forced = 0, 1.0, False, False
    for index, values in found:
        term = terms[index]
        record = FiredRule(term.id, values, term.lane)
        if term.watches or (term.slots < ROLLOUT_SLOTS and not takes_in(term, row)):
            shadow.append(record)
            continue
        fired.append(record)
        if term.lane == "override":
            lifted = True
            continue
        forced = forced or term.lane == "force"
        rank = max(rank, term.rank)
        miss *= term.miss
    if lifted and not forced:
        return Verdict(Outcome.ALLOW, 0.0, tuple(fired), tuple(shadow))
    return Verdict(OUTCOMES[rank], round(100 * (1 - miss), 2), tuple(fired), tuple(shadow))


def takes_in(term: Terms, row: Row) -> bool:
    """Whether a rollout takes in this event's subject: the same subject always falls on the same side.

    A rollout that grows keeps those it has, since the slot of a subject does not depend on the share.
    """
    subject = row[term.subject] if term.subject >= 0 else None
    if not isinstance(subject, str):
        return False
    return xxhash.xxh3_64_intdigest(f"{term.id}\0{subject}".encode()) % ROLLOUT_SLOTS < term.slots
