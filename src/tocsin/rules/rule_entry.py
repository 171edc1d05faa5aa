"""A rule as a pack declares it.

Receives one entry below `rules` and every name that it may use. Gives a Rule, or problems.
"""

import re

from tocsin.language.condition import Condition, read_condition
from tocsin.language.document import Mapping, Sequence, plain
from tocsin.model.decision import PackId, RuleId
from tocsin.model.event_type import EventTypeName
from tocsin.model.outcome import Outcome
from tocsin.model.typology import TYPOLOGIES
from tocsin.rules.author import NAME, Author, near
from tocsin.rules.measure import fault_of
from tocsin.rules.naming import Naming
from tocsin.rules.pack import Rule, RuleCase, RuleState

DUTY = re.compile(r"[A-Z][A-Z0-9]{1,15}-[0-9]{2,3}")
_KEYS = ("title", "on", "when", "then", "because", "duties", "cases", "state", "rollout", "lane", "force")
_THEN_KEYS = ("outcome", "score", "typology", "warn", "case", "measures", "subject")


def read_rule(author: Author, name: str, pack: PackId, naming: Naming) -> Rule | None:
    """The rule of one entry."""
    author.keys(_KEYS)
    if not NAME.fullmatch(name):
        author.wrong("bad-name", f"`{name[:60]}` is no name for a rule; write lower case with hyphens")
    title, because = author.title(), author.title("because", plain=True)
    on = naming.event_types(author)
    condition = _read_when(author, on, naming) if on else None
    then = author.mapping("then", required=True)
    cases = _read_cases(author)
    lane = author.choice("lane", ("override",), "unknown-choice")
    state = author.choice("state", RuleState, "unknown-state") or RuleState.LIVE
    outcome = author.choice("outcome", Outcome, "unknown-outcome", required=True, entry=then) if then else ""
    score = author.number("score", 0, 100, entry=then) if then else None
    rollout, duties = author.number("rollout", 0, 100), _read_duties(author)
    if lane and outcome and outcome != Outcome.ALLOW:
        author.wrong("bad-override", f"an override rule has the outcome allow, not {outcome}", then)
    typology = author.choice("typology", TYPOLOGIES, "unknown-typology", entry=then) if then else ""
    measures = _read_measures(author, then) if then else ()
    subject = _read_subject(author, then, on, naming) if then else ""
    if then is None or title is None or because is None or condition is None or not outcome:
        return None
    author.keys(_THEN_KEYS, then)
    return Rule(
        id=RuleId(name),
        pack=pack,
        title=title,
        on=tuple(on),
        condition=condition,
        outcome=Outcome(outcome),
        because=because,
        score=float(score or 0),
        typology=typology,
        warn=_read_warning(author, then, naming),
        case=author.text("case", entry=then),
        measures=measures,
        subject=subject,
        duties=duties,
        state=RuleState(state),
        rollout=rollout,
        override=bool(lane),
        force=author.truth("force"),
        cases=cases,
        file=author.file,
        line=author.entry.line,
    )


def _read_when(author: Author, on: list[EventTypeName], naming: Naming) -> Condition | None:
    return author.expression("when", lambda text: read_condition(text, naming.scope_of_rule(on, author)), required=True)


def _read_warning(author: Author, then: Mapping, naming: Naming) -> str:
    node = author.scalar("warn", entry=then)
    if node is None:
        return ""
    if node.text not in naming.warnings:
        hint = near(node.text, naming.warnings) or "write it under `warnings`, or require the pack `notices`"
        author.wrong("unknown-warning", f"no loaded pack has a warning `{node.text[:60]}`", node, hint)
    return node.text


def _read_measures(author: Author, then: Mapping) -> tuple[str, ...]:
    measures = author.several("measures", entry=then)
    for node in measures:
        fault = fault_of(node.text)
        if fault:
            author.wrong("unknown-measure", fault, node)
    return tuple(node.text for node in measures)


def _read_duties(author: Author) -> tuple[str, ...]:
    duties = author.several("duties")
    for node in duties:
        if not DUTY.fullmatch(node.text):
            author.wrong("bad-duty", f"`{node.text[:40]}` is no duty; a duty is named by its code, such as CN-08", node)
    return tuple(node.text for node in duties)


def _read_subject(author: Author, then: Mapping, on: list[EventTypeName], naming: Naming) -> str:
    node = author.scalar("subject", entry=then)
    if node is None:
        for key, entry in (("measures", then), ("rollout", author.entry)):
            if key in entry.entries:
                author.wrong("missing-subject", f"`{key}` needs a `subject`: the entity field that it applies to", then)
        return ""
    for each in on:
        known = {field.name for field in naming.types[each].fields if field.entity}
        if node.text not in known:
            names = ", ".join(sorted(known)) or "none"
            author.wrong(
                "unknown-subject", f"`{node.text[:60]}` is no entity of `{each}`; its entities are {names}", node
            )
    return node.text


def _read_cases(author: Author) -> tuple[RuleCase, ...]:
    node = author.entry.entries.get("cases")
    if not isinstance(node, Sequence):
        author.wrong("missing-cases", "`cases` is missing: at least one that fires and one that does not", node)
        return ()
    cases = []
    for item in node.items:
        if isinstance(item, Mapping):
            cases.append(_read_case(author, item))
        else:
            author.wrong("wrong-kind", "a case is a mapping with name, fires and event", item)
    for wanted in (True, False):
        if not any(case.fires is wanted for case in cases):
            message = f"`cases` needs at least one that {'fires' if wanted else 'does not fire'}"
            author.wrong("missing-cases", message, node)
    return tuple(cases)


def _read_case(author: Author, item: Mapping) -> RuleCase:
    author.keys(("name", "fires", "event", "features", "history"), item)
    name = author.text("name", required=True, entry=item)
    fires = author.truth("fires", required=True, entry=item)
    found = {key: plain(item.entries[key]) for key in ("event", "features", "history") if key in item.entries}
    event, features, history = found.get("event"), found.get("features", {}), found.get("history", [])
    if not isinstance(event, dict):
        author.wrong("wrong-kind", f"case `{name}` needs an `event`", item)
    if not isinstance(features, dict):
        author.wrong("wrong-kind", f"case `{name}`: `features` maps names to values", item)
    if not isinstance(history, list) or not all(isinstance(each, dict) for each in history):
        author.wrong("wrong-kind", f"case `{name}`: `history` is a list of events", item)
    return RuleCase(
        name=name,
        fires=fires,
        event=event if isinstance(event, dict) else {},
        features=features if isinstance(features, dict) else {},
        history=tuple(history) if isinstance(history, list) else (),
        line=item.line,
    )
