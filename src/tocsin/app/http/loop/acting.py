"""Who acts over HTTP.

Receives who calls and whom it names. Gives the actor for the record: a key that works for people names the person. Never
lets a key speak for a rule or for Tocsin itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from tocsin.app.http.exchange import Exchange
from tocsin.app.http.problem import Refusal
from tocsin.app.service.service import Service
from tocsin.records.actor import HUMAN, Actor, ActorKind, Stamp, parse_actor
from tocsin.records.errors import ActorWrong


@contextmanager
def acting(service: Service, exchange: Exchange, by: str = "") -> Iterator[tuple[Session, Stamp]]:
    """A transaction, and who acts in it now. `by` is `person:NAME` or `authority:NAME`; empty: the key itself.

    Raises:
        Refusal: nobody, or somebody for whom a key cannot speak.
        TocsinError: what the act itself refuses; nothing was changed.
    """
    stamp = stamp_of(service, exchange, by)
    with service.records.change() as session:
        yield session, stamp


def stamp_of(service: Service, exchange: Exchange, by: str) -> Stamp:
    """Who acts now. `by` is as in `acting`.

    Raises:
        Refusal: nobody, or somebody for whom a key cannot speak.
    """
    return Stamp(_actor(exchange, by), service.clock())


def _actor(exchange: Exchange, by: str) -> Actor:
    if not by:
        assert exchange.caller is not None
        return Actor(ActorKind.KEY, exchange.caller.id)
    try:
        found = parse_actor(by)
    except ActorWrong as error:
        raise Refusal(422, "invalid", str(error), field="by") from None
    if found.kind not in HUMAN and found.kind is not ActorKind.SUBJECT:
        raise Refusal(422, "invalid", "a key speaks for a person, an authority or an affected subject only", field="by")
    return found
