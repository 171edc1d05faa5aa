"""Where a case goes.

Receives the platform's own rules on queues, as a file of YAML, and a case that is wanted. Gives the case with the queue, the
skill, the second person and the time that the first rule which fits asks for. Never lets a rule that cannot be read pass in
silence.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
import yaml
from msgspec import Meta, Struct
from msgspec.structs import replace

from tocsin.cases.case import NewCase, SourceKind
from tocsin.model.errors import InputError
from tocsin.model.typology import TYPOLOGIES
from tocsin.model.window import parse_span

FILE_LIMIT, ROUTES_LIMIT = 1 << 20, 1_000
Queue = Annotated[str, Meta(min_length=1, max_length=64)]


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cases a rule is about; what is not named does not matter. `harm_from` is in whole units of money."""

    typology: tuple[str, ...] = ()
    source: tuple[SourceKind, ...] = ()
    lang: tuple[str, ...] = ()
    queue: tuple[Queue, ...] = ()
    harm_from: Annotated[int, Meta(ge=0)] = 0

    def fits(self, wanted: NewCase) -> bool:
        """Whether a case is one of these."""
        asked = (
            (self.typology, wanted.typology),
            (self.source, wanted.source),
            (self.lang, wanted.lang),
            (self.queue, wanted.queue),
        )
        return wanted.harm >= self.harm_from and all(not some or value in some for some, value in asked)


class Route(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. What it does not name stays as it was asked for; `due` is the time that the case has from now on."""

    when: When
    queue: Queue = ""
    skill: Annotated[str, Meta(max_length=32)] = ""
    four_eyes: bool | None = None
    due: str = ""


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    routes: tuple[Route, ...]


def read_routes(content: bytes, name: str) -> tuple[Route, ...]:
    """The rules of a file, in their order.

    Raises:
        InputError: what is wrong in it, and in which rule.
    """
    if len(content) > FILE_LIMIT:
        raise InputError(f"{name}: rules on queues have at most {FILE_LIMIT} bytes")
    try:
        found = msgspec.convert(yaml.safe_load(content), _File).routes
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise InputError(f"{name}{f':{place.line + 1}' if place else ''}: no YAML: {_short(error)}") from None
    except (msgspec.ValidationError, RecursionError) as error:
        raise InputError(f"{name}: {_place(str(error))}") from None
    if len(found) > ROUTES_LIMIT:
        raise InputError(f"{name}: at most {ROUTES_LIMIT} rules on queues")
    for number, route in enumerate(found, 1):
        fault = _fault_of(route)
        if fault:
            raise InputError(f"{name}: rule {number}: {fault}")
    _check_reach(found, name)
    return found


def route_case(wanted: NewCase, routes: Sequence[Route], now_us: int) -> NewCase:
    """A case as the first rule that fits asks for it. Who has named a time by hand keeps it where it is sooner."""
    for route in routes:
        if route.when.fits(wanted):
            return replace(wanted, **_changes(route, wanted, now_us))
    return wanted


def _changes(route: Route, wanted: NewCase, now_us: int) -> Mapping[str, object]:
    due = now_us + (parse_span(route.due) or 0) if route.due else wanted.due_at
    return {
        "queue": route.queue or wanted.queue,
        "skill": route.skill or wanted.skill,
        "four_eyes": wanted.four_eyes if route.four_eyes is None else route.four_eyes,
        "due_at": due if wanted.source is SourceKind.DECISION else min(due, wanted.due_at),
    }


def _fault_of(route: Route) -> str:
    unknown = sorted(set(route.when.typology) - TYPOLOGIES)
    if unknown:
        return f"there is no typology `{unknown[0][:20]}`"
    if route.due and parse_span(route.due) is None:
        return f"`{route.due[:20]}` is no span of time, such as 24h"
    if not (route.queue or route.skill or route.due or route.four_eyes is not None):
        return "it changes nothing; name a queue, a skill, four_eyes or due"
    return ""


def _check_reach(routes: Sequence[Route], name: str) -> None:
    """A rule that fits everything ends the list: those after it would never be asked."""
    for number, route in enumerate(routes[:-1], 1):
        if route.when == When():
            raise InputError(
                f"{name}: rule {number} fits every case, so that no rule after it is ever asked; put it last"
            )


def _place(text: str) -> str:
    """What msgspec says, with the rule's number counted from one as people do.

    >>> _place("Object contains unknown field `x` - at `$.routes[0].when`")
    'rule 1, when: object contains unknown field `x`'
    """
    what, _, path = text.partition(" - at `$.routes[")
    number, _, rest = path.rstrip("`").partition("]")
    what = what[:1].lower() + what[1:]
    return f"rule {int(number) + 1}{', ' + rest.lstrip('.') if rest else ''}: {what}" if number.isdigit() else what


def _short(error: Exception) -> str:
    return " ".join(str(getattr(error, "problem", None) or error).split())[:120]
