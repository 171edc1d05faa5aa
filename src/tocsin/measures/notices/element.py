"""What a notice must say.

Receives nothing. Gives the events of which a person is told, the elements of a notice about each, and the places that an
element must have. Sources: China's Anti-Telecom and Online Fraud Law, Art 32(3) (reason, way to object, what to submit);
the EU's Digital Services Act, Art 17(3) (scope, duration, facts, automated means, ground, redress), 20 and 21; China's
Personal Information Protection Law, Art 24(3) (automated decisions).
"""

from enum import StrEnum


class NoticeEvent(StrEnum):
    """Of what a person is told."""

    TAKEN = "taken"
    LIFTED = "lifted"
    APPEAL_RECEIVED = "appeal_received"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_REFUSED = "appeal_refused"


class Element(StrEnum):
    """One part of a notice."""

    WHAT = "what"
    SCOPE = "scope"
    PERIOD = "period"
    FACTS = "facts"
    TYPOLOGY = "typology"
    SOURCE = "source"
    AUTOMATION = "automation"
    GROUND = "ground"
    OBJECTION = "objection"
    REDRESS = "redress"
    REASON = "reason"
    RESTORED = "restored"
    ANSWER = "answer"
    REVIEWER = "reviewer"
    HELP = "help"


ABOUT_ONE_MEASURE = frozenset({NoticeEvent.TAKEN, NoticeEvent.LIFTED})
"""Events with a template for each kind of measure; the others have one for all."""

_E = Element
REQUIRED: dict[NoticeEvent, dict[Element, frozenset[str]]] = {
    NoticeEvent.TAKEN: {
        _E.WHAT: frozenset({"subject"}),
        _E.SCOPE: frozenset(),
        _E.PERIOD: frozenset({"starts", "ends"}),
        _E.FACTS: frozenset({"facts"}),
        _E.TYPOLOGY: frozenset({"typology"}),
        _E.SOURCE: frozenset({"source"}),
        _E.AUTOMATION: frozenset({"detected", "decided"}),
        _E.GROUND: frozenset({"ground", "why"}),
        _E.OBJECTION: frozenset({"until", "where", "materials", "code"}),
        _E.REDRESS: frozenset({"redress"}),
    },
    NoticeEvent.LIFTED: {
        _E.WHAT: frozenset({"subject"}),
        _E.PERIOD: frozenset({"at"}),
        _E.REASON: frozenset({"why"}),
        _E.RESTORED: frozenset({"also"}),
        _E.HELP: frozenset({"where", "code"}),
    },
    NoticeEvent.APPEAL_RECEIVED: {
        _E.WHAT: frozenset({"subject", "measure", "at"}),
        _E.ANSWER: frozenset({"answer_by"}),
        _E.REVIEWER: frozenset(),
        _E.OBJECTION: frozenset({"where", "materials", "code"}),
        _E.REDRESS: frozenset({"redress"}),
    },
    NoticeEvent.APPEAL_UPHELD: {
        _E.WHAT: frozenset({"subject", "measure"}),
        _E.PERIOD: frozenset({"at"}),
        _E.REASON: frozenset({"why"}),
        _E.RESTORED: frozenset({"also"}),
        _E.HELP: frozenset({"where", "code"}),
    },
    NoticeEvent.APPEAL_REFUSED: {
        _E.WHAT: frozenset({"subject", "measure"}),
        _E.PERIOD: frozenset({"ends"}),
        _E.FACTS: frozenset({"facts"}),
        _E.GROUND: frozenset({"ground", "why"}),
        _E.AUTOMATION: frozenset({"decided"}),
        _E.REVIEWER: frozenset(),
        _E.REDRESS: frozenset({"redress"}),
    },
}
"""The elements that a notice about an event must have, and the places that each must have."""

OF_LIMIT: dict[Element, frozenset[str]] = {Element.WHAT: frozenset({"subject", "function"})}
"""What a notice about a limit must have besides: which function."""

PLACES = frozenset(
    {
        *("subject", "measure", "function", "starts", "ends", "at", "facts", "typology", "source", "detected"),
        *("decided", "ground", "why", "until", "where", "materials", "code", "redress", "also", "answer_by"),
    }
)
"""Every place that a notice may have."""


def required_places(event: NoticeEvent, measure: str) -> dict[Element, frozenset[str]]:
    """The elements of a notice about an event on a kind of measure, and the places that each must have."""
    wanted = REQUIRED[event]
    return {**wanted, **OF_LIMIT} if measure == "limit" else wanted
