"""The facts that a notice states.

Receives nothing. Gives the struct that the ledger fills for one measure, lift or appeal. Never holds who reported, save to
keep it out of the notice.
"""

from msgspec import Struct

from tocsin.measures.notices.code import NoticeCode
from tocsin.measures.text.subject import Decided, Source
from tocsin.model.event_type import Title


class AlsoLifted(Struct, frozen=True):
    """A measure that was lifted together with another."""

    measure: str
    subject: str
    function: str = ""


class NoticeFacts(Struct, frozen=True, kw_only=True):
    """The facts of one measure, lift or appeal. Times are microseconds since 1970 UTC, shown in the reader's `zone`.

    `measure` is the kind in the ledger, `function` what a limit takes away, `subject` the entity as `kind:value`.
    `starts_at` and `ends_at` are the measure's (no end: until it is lifted); `at` is when it was lifted, or the appeal
    received or decided. `facts`, `why`, `ground`, `where` (how to object), `materials` and `redress` are in both languages;
    put the same text into both where there is one only. `object_until` is None where there is no limit. `hidden` is whatever
    names who reported, as a name or an entity (`account:zhang`): a text in which it stands, in whatever form, is refused.
    """

    measure: str
    subject: str
    zone: str
    function: str = ""
    starts_at: int | None = None
    ends_at: int | None = None
    at: int | None = None
    typology: str = ""
    facts: Title | None = None
    source: Source | None = None
    detected_automatically: bool | None = None
    decided: Decided | None = None
    ground: Title | None = None
    why: Title | None = None
    object_until: int | None = None
    where: Title | None = None
    materials: tuple[Title, ...] = ()
    redress: Title | None = None
    code: NoticeCode | None = None
    also: tuple[AlsoLifted, ...] = ()
    answer_by: int | None = None
    hidden: tuple[str, ...] = ()
