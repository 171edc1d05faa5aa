"""Work on a case over HTTP: what its holder finds, learns and closes.

Every act names who does it. What a case's state does not allow is refused with everything that stands in the way.
"""

from datetime import datetime

from litestar import Controller, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.time import micros
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.cases import find_case
from tocsin.app.http.loop.views import CaseView, view_case
from tocsin.cases.case import comment
from tocsin.cases.closing import (
    Finding,
    Lesson,
    close_case,
    decide_subject,
    exempt,
    learn,
    reopen_case,
    second,
    verify_result,
)
from tocsin.cases.queue import claim_one, release, route, snooze
from tocsin.cases.review import pick_for_review


class WantedWork(Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a case: who does it, and why or what."""

    by: str
    why: str = ""


class WantedFinding(Struct, frozen=True, forbid_unknown_fields=True):
    """What is found of one subject: `confirmed`, `good` or `unable`, and why."""

    by: str
    subject: str
    finding: str
    why: str


class WantedLook(Struct, frozen=True, forbid_unknown_fields=True):
    """A second look, or a look at the result: whether it holds, and what was seen."""

    by: str
    holds: bool
    what: str


class WantedLesson(Struct, frozen=True, forbid_unknown_fields=True):
    """What was learned: `label`, `list`, `rule` or `none`, and which, or why none."""

    by: str
    kind: str
    what: str


class WantedPlace(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a case goes (`queue`), until when it sleeps (`until`), or which open thing is exempted (`about`)."""

    by: str
    why: str
    queue: str = ""
    until: datetime | None = None
    about: str = ""


class WorkController(Controller):
    """One case, in the hands of who has it."""

    path = "/v1/cases/{number:int}"
    tags = ("cases",)

    @post("/claim", summary="Take this case", sync_to_thread=True, status_code=200)
    def claim(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedWork]) -> CaseView:
        """Unless somebody else has it."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            claim_one(session, case, stamp)
            return view_case(case)

    @post("/release", summary="Give it back", sync_to_thread=True, status_code=200)
    def release(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedWork]) -> CaseView:
        """With a reason it counts as skipped."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            release(session, case, stamp, data.why)
            return view_case(case)

    @post("/snooze", summary="Put it aside until a time", sync_to_thread=True, status_code=200)
    def snooze(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedPlace]) -> CaseView:
        """Not past the time when it is due."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            snooze(session, case, stamp, micros(data.until) or 0, data.why)
            return view_case(case)

    @post("/route", summary="Send it to another queue", sync_to_thread=True, status_code=200)
    def route(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedPlace]) -> CaseView:
        """With a reason."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            route(session, case, data.queue, stamp, data.why)
            return view_case(case)

    @post("/findings", summary="Decide of a subject", sync_to_thread=True, status_code=200)
    def find(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedFinding]) -> CaseView:
        """By who holds the case."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            decide_subject(session, case, Finding(data.subject, data.finding, data.why), stamp)
            pick_for_review(session, case, service.settings.review_share, stamp)
            return view_case(case)

    @post("/second", summary="A second person looks at it", sync_to_thread=True, status_code=200)
    def second(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedLook]) -> CaseView:
        """Who does not agree sends it back."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            second(session, case, stamp, data.holds, data.what)
            return view_case(case)

    @post("/verification", summary="The result is looked at", sync_to_thread=True, status_code=200)
    def verify(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedLook]) -> CaseView:
        """Where it does not hold, the subjects are to be decided again."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            verify_result(session, case, stamp, data.holds, data.what)
            return view_case(case)

    @post("/lesson", summary="Record what was learned", sync_to_thread=True, status_code=200)
    def learn(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedLesson]) -> CaseView:
        """Also that nothing was, and why."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            learn(session, case, Lesson(data.kind, data.what), stamp)
            return view_case(case)

    @post("/exemptions", summary="Let one thing stay open", sync_to_thread=True, status_code=200)
    def exempt(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedPlace]) -> CaseView:
        """A person answers for it by name."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            exempt(session, case, data.about, stamp, data.why)
            return view_case(case)

    @post("/comments", summary="Say something", sync_to_thread=True, status_code=200)
    def comment(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedWork]) -> CaseView:
        """It stands in the timeline; also on a closed case."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            comment(session, case, stamp, data.why)
            return view_case(case)

    @post("/close", summary="Close it", sync_to_thread=True, status_code=200)
    def close(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedWork]) -> CaseView:
        """Refused with everything that is open about it, a second look included where chance has chosen it for one."""
        with acting(service, caller, data.by) as (session, stamp):  # stays, also where the case cannot close
            pick_for_review(session, find_case(session, number), service.settings.review_share, stamp)
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            close_case(session, case, stamp)
            return view_case(case)

    @post("/reopen", summary="Open it again", sync_to_thread=True, status_code=200)
    def reopen(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedWork]) -> CaseView:
        """Everything is to be decided once more."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            reopen_case(session, case, stamp, data.why)
            return view_case(case)
