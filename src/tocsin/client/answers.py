"""What a request that was stopped is answered, unless the integrator says otherwise.

Receives a decision. Gives a problem (RFC 9457) with status 403 and the outcome as its code. Never says which rule fired:
who tries what gets through would learn from it.
"""

import msgspec

from tocsin.client.decision import Decision
from tocsin.client.mapping import Reply, Seen
from tocsin.model.outcome import Outcome

UNDECIDED = "undecided"
_TEXTS = {
    "en": {
        Outcome.CHALLENGE: ("Please confirm that it is you", "Confirm your identity, then try again."),
        Outcome.HOLD: ("This needs a review", "It was not carried out and has to be looked at first."),
        Outcome.BLOCK: ("This is not possible", "It was not carried out, to protect you and others from fraud."),
        UNDECIDED: ("Not possible at the moment", "It was not carried out. Try again soon."),
    },
    "zh": {
        Outcome.CHALLENGE: ("请确认是您本人操作", "请先完成身份验证，然后重试。"),
        Outcome.HOLD: ("该操作需要审核", "该操作尚未执行，需先经过审核。"),
        Outcome.BLOCK: ("无法执行该操作", "为保护您和他人免受诈骗，该操作未执行。"),
        UNDECIDED: ("暂时无法执行", "该操作未执行，请稍后重试。"),
    },
}


def stop(decision: Decision, seen: Seen) -> Reply:
    """The answer to a request with this outcome, in the language of whoever asks."""
    outcome = decision.outcome
    known = outcome if outcome in _TEXTS["en"] else Outcome.BLOCK
    return _problem(403, known, outcome, seen, decision.event_id)


def undecided(seen: Seen) -> Reply:
    """The answer where there is no decision and the integrator wants none to stand in for it."""
    reply = _problem(503, UNDECIDED, UNDECIDED, seen, "")
    return Reply(reply.status, reply.body, (*reply.headers, ("retry-after", "1")))


def _problem(status: int, text: str, code: str, seen: Seen, event_id: str) -> Reply:
    lang = "zh" if seen.headers.get("accept-language", "").strip().lower().startswith("zh") else "en"
    title, detail = _TEXTS[lang][text]
    problem = {
        "type": f"urn:tocsin:outcome:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "event_id": event_id,
    }
    headers = (
        ("content-type", "application/problem+json"),
        ("content-language", lang),
        ("vary", "accept-language"),
        ("cache-control", "no-store"),
    )
    return Reply(status, msgspec.json.encode(problem), headers)
