"""Lists: read, add, end.

Receives values from callers who may change lists. Gives what stands there. Every change is recorded with who made it,
and counts from the next event on.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.orm import Session

from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import MOST
from tocsin.app.http.api.time import micros, moment
from tocsin.app.http.api.views import Changed, ListPage, ListValue, ListView, WantedValues
from tocsin.app.http.exchange import Exchange
from tocsin.app.http.problem import Refusal
from tocsin.app.service.service import Service
from tocsin.model.entity import ENTITY_LIMIT
from tocsin.rulebook.lists import NewEntry, add_entries, end_entry
from tocsin.rules.value_list import NEVER, ValueList

AT_ONCE = 1_000
T = TypeVar("T")
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many, at most.")]


class ListController(Controller):
    """Lists that rules look into."""

    path = "/v1/lists"
    tags = ("lists",)

    @get("/", summary="Every list", sync_to_thread=False)
    def index(self, service: Served) -> list[ListView]:
        """The lists of all loaded packs."""
        now = service.clock()
        return [
            ListView(values.name, values.title, values.of, len(values.standing(now)))
            for values in service.catalogue.lists.values()
        ]

    @get("/{name:str}", summary="The values of a list", sync_to_thread=False)
    def show(
        self,
        service: Served,
        name: FromPath[str],
        limit: Limit = 100,
        after: Annotated[str, QueryParameter(max_length=ENTITY_LIMIT)] = "",
    ) -> ListPage:
        """In the order of their text; `after` is the `cursor` of the page before."""
        values = _list(service, name)
        standing = sorted(value for value in values.standing(service.clock()) if value > after)
        page = [
            ListValue(value, None if (end := values.entries[value]) == NEVER else moment(end), value in values.own)
            for value in standing[:limit]
        ]
        return ListPage(name, page, page[-1].value if len(standing) > limit else None)

    @post("/{name:str}/entries", summary="Put values on a list", status_code=200)
    async def add(
        self,
        service: Served,
        caller: Called,
        name: FromPath[str],
        data: JSONBody[WantedValues],
    ) -> Changed:
        """All or none. A value that stands there already gets the new end."""
        values = _list(service, name)
        if len(data.entries) > AT_ONCE:
            raise Refusal(413, "too_large", f"at most {AT_ONCE} values are taken at once")
        entries = [
            NewEntry(value=each.value, expires_at=micros(each.expires_at), note=each.note) for each in data.entries
        ]
        by, now = _by(caller), service.clock()
        async with service.lists.turn:
            changed = await in_records(service, lambda session: add_entries(session, values, entries, by, now))
            for entry in entries:
                values.put(entry.value, NEVER if entry.expires_at is None else entry.expires_at)
        return Changed(changed)

    @delete("/{name:str}/entries/{value:path}", summary="Take a value off a list", status_code=200)
    async def end(self, service: Served, caller: Called, name: FromPath[str], value: FromPath[str]) -> Changed:
        """Ends what somebody had put there; a pack's own values stand in the pack and are changed there."""
        values = _list(service, name)
        wanted = value.removeprefix("/")
        by, now = _by(caller), service.clock()
        async with service.lists.turn:
            ended = await in_records(service, lambda session: end_entry(session, values, wanted, by, now))
            if not ended:
                raise Refusal(404, "not_found", "nobody has put this value on the list")
            values.take(wanted)
        return Changed(1)


async def in_records(service: Service, work: Callable[[Session], T]) -> T:
    """Works on the records in a thread, so that no decision waits for a database that does not answer.

    Raises:
        StorageFull: the records cannot be reached now.
    """

    def in_session() -> T:
        with service.records.session() as session:
            return work(session)

    return await asyncio.to_thread(in_session)


def _list(service: Service, name: str) -> ValueList:
    values = service.catalogue.lists.get(name)
    if values is None:
        raise Refusal(404, "not_found", "no loaded pack has this list")
    return values


def _by(exchange: Exchange) -> str:
    return f"key:{exchange.caller.id}" if exchange.caller else "key:"
