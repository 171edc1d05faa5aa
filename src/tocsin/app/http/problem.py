"""Errors as callers see them: RFC 9457 problem+json.

Receives an error. Gives a status and a body that says what was wrong and, where it was, in which field. Titles are in
the caller's language, details in English.
"""

import msgspec
from msgspec import Struct

from tocsin.app.wording import Wording
from tocsin.model import errors
from tocsin.records import errors as refused

JSON = b"application/problem+json"


class Problem(Struct, frozen=True, omit_defaults=True):
    """One problem. `code` is stable; `field` names the field at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    field: str = ""


class Refusal(Exception):
    """A request that is answered with a problem. `retry_after_s` says when to come again."""

    def __init__(self, status: int, code: str, detail: str, *, field: str = "", retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.retry_after_s = retry_after_s


def titles(wording: Wording) -> dict[str, str]:
    """The title of each code."""
    say = wording.say
    return {
        "malformed": say("Not readable"),
        "too_large": say("Too large"),
        "too_deep": say("Nested too deep"),
        "unknown_type": say("Unknown event type"),
        "missing_field": say("A field is missing"),
        "wrong_type": say("A field has the wrong type"),
        "bad_time": say("Not a usable time"),
        "out_of_range": say("A value is out of range"),
        "not_ready": say("Not ready yet"),
        "storage_full": say("Cannot be stored now"),
        "overloaded": say("Too much at once"),
        "key_reused": say("Idempotency-Key used before"),
        "no_key": say("A valid key is needed"),
        "no_scope": say("The key may not do this"),
        "rate": say("Too many requests"),
        "not_found": say("Not found"),
        "method": say("Method not allowed"),
        "media_type": say("Unsupported media type"),
        "refused": say("Not possible as things stand"),
        "sealed": say("The keys of the records cannot be used"),
        "timeout": say("The request took too long to arrive"),
        "invalid": say("The request is invalid"),
        "internal": say("Something went wrong here"),
    }


TITLES = {lang: titles(Wording(lang)) for lang in ("en", "zh")}
_EVENT_STATUS = {"malformed": 400, "too_large": 413, "too_deep": 400}
_STORE: dict[type[errors.TocsinError], tuple[int, str, int]] = {
    errors.NotReady: (503, "not_ready", 2),
    errors.StorageFull: (503, "storage_full", 5),
    errors.Overloaded: (503, "overloaded", 1),
    errors.HistoryDamaged: (503, "storage_full", 60),
    errors.RequestReused: (422, "key_reused", 0),
    errors.ListEntryWrong: (422, "invalid", 0),
    refused.ValueWrong: (422, "invalid", 0),
    refused.ActorWrong: (422, "invalid", 0),
    refused.LabelWrong: (422, "invalid", 0),
    refused.MeasureWrong: (409, "refused", 0),
    refused.CaseWrong: (409, "refused", 0),
    refused.AppealWrong: (409, "refused", 0),
    refused.ChangedMeanwhile: (409, "refused", 0),
    refused.PersonalWrong: (422, "invalid", 0),
    errors.ClockError: (409, "refused", 0),
    errors.NoticeWrong: (409, "refused", 0),
    errors.WarningWrong: (422, "invalid", 0),
    refused.AddressWrong: (422, "invalid", 0),
    errors.EvidenceRefused: (422, "invalid", 0),
    errors.EvidenceMissing: (404, "not_found", 0),
    errors.EvidenceOutOfReach: (503, "storage_full", 5),
    errors.EvidenceError: (409, "refused", 0),
    errors.SecretWrong: (503, "sealed", 0),
    errors.SealError: (503, "sealed", 0),
}

_HIDDEN = {
    "storage_full": "nothing can be stored now; nothing that was acknowledged is lost",
    "sealed": "the keys under which secrets are sealed cannot be read; see the service's log",
}
"""Said instead of the error itself, which names a path of this machine."""


def refusal_of(error: errors.TocsinError) -> Refusal:
    """What a caller is told of an error."""
    if isinstance(error, errors.EventError):
        return Refusal(_EVENT_STATUS.get(error.code, 422), error.code, error.reason, field=error.field)
    for kind, (status, code, retry_after_s) in _STORE.items():
        if isinstance(error, kind):
            detail = _HIDDEN.get(code) or str(error)
            return Refusal(status, code, detail, retry_after_s=retry_after_s)
    return Refusal(500, "internal", "the request could not be answered; nothing that was acknowledged is lost")


def body_of(refusal: Refusal, request_id: str, lang: str) -> bytes:
    """The problem as JSON."""
    title = TITLES[lang].get(refusal.code, refusal.code)
    kind = f"urn:tocsin:problem:{refusal.code}"
    problem = Problem(kind, title, refusal.status, refusal.detail[:500], refusal.code, request_id, refusal.field)
    return msgspec.json.encode(problem)


def language_of(accepted: bytes) -> str:
    """En or zh, from an Accept-Language header.

    >>> language_of(b"zh-CN,zh;q=0.9,en;q=0.8"), language_of(b"de")
    ('zh', 'en')
    """
    return "zh" if accepted.strip().lower().startswith(b"zh") else "en"
