"""Who is told.

Receives an address and what it wants to know. Gives an endpoint and its secret, once in clear. Secrets can be changed
while both, the old and the new one, sign.
"""

import base64
import secrets
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.app.delivery.guard import check_url
from tocsin.app.delivery.tables import Endpoint
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import AddressWrong
from tocsin.records.tables import Message

PREFIX = "whsec_"
TYPES = ("measure.", "case.", "appeal.", "clock.", "notice.", "statement.", "warning.")
KEPT = 2
"""Secrets that sign at once."""

Seal = Callable[[bytes, str], bytes]
"""Seals (or opens) bytes that belong to the record that is named."""


class NewEndpoint(Struct, frozen=True, kw_only=True):
    """An endpoint that is wanted. `types` such as `measure.ordered` or `case.*`; `internal` allows an address of the house."""

    url: str
    types: tuple[str, ...] = ("*",)
    internal: bool = False


def make_endpoint(session: Session, wanted: NewEndpoint, seal: Seal, stamp: Stamp) -> tuple[Endpoint, str]:
    """A new endpoint and its secret in clear. It is told what happens from now on.

    Raises:
        AddressWrong: the address may not be called, or a type is none.
    """
    check_url(wanted.url, internal=wanted.internal)
    for kind in wanted.types:
        if kind != "*" and not kind.startswith(TYPES):
            raise AddressWrong(f"there are no messages of type `{kind[:40]}`; there are {', '.join(TYPES)}")
    last = session.scalars(select(func.max(Message.number))).one() or 0
    endpoint = Endpoint(
        url=wanted.url,
        types=" ".join(wanted.types),
        secrets=b"",
        internal=wanted.internal,
        position=last,
        made_at=stamp.at,
        stopped_why="",
    )
    session.add(endpoint)
    session.flush()
    secret = new_secret()
    endpoint.secrets = seal(msgspec.json.encode([secret]), record_of(endpoint))
    write_act(session, Act(stamp=stamp, act="endpoint.make", record=record_of(endpoint), after={"url": wanted.url}))
    return endpoint, secret


def change_secret(session: Session, endpoint: Endpoint, sealing: tuple[Seal, Seal], stamp: Stamp) -> str:
    """A new secret, in clear. The one before it goes on signing beside it until the next change.

    `sealing` seals and opens.
    """
    seal, unseal = sealing
    known = msgspec.json.decode(unseal(endpoint.secrets, record_of(endpoint)), type=list[str])
    secret = new_secret()
    endpoint.secrets = seal(msgspec.json.encode([secret, *known][:KEPT]), record_of(endpoint))
    write_act(session, Act(stamp=stamp, act="endpoint.change_secret", record=record_of(endpoint)))
    return secret


def stop_endpoint(session: Session, endpoint: Endpoint, why: str, stamp: Stamp) -> None:
    """Tells an endpoint nothing more; what waits for it stays and goes out when it is started again."""
    if endpoint.stopped_at is None:
        endpoint.stopped_at, endpoint.stopped_why = stamp.at, why[:300]
        write_act(session, Act(stamp=stamp, act="endpoint.stop", record=record_of(endpoint), why=why))


def start_endpoint(session: Session, endpoint: Endpoint, stamp: Stamp) -> None:
    """Goes on telling an endpoint, from where it was stopped."""
    endpoint.stopped_at, endpoint.stopped_why = None, ""
    write_act(session, Act(stamp=stamp, act="endpoint.start", record=record_of(endpoint)))


def list_endpoints(session: Session) -> Sequence[Endpoint]:
    """Every endpoint."""
    return session.scalars(select(Endpoint).order_by(Endpoint.number)).all()


def wants(types: str, kind: str) -> bool:
    """Whether an endpoint with these types is told a message.

    >>> wants("case.* measure.ordered", "case.closed"), wants("measure.ordered", "measure.lifted"), wants("*", "x")
    (True, False, True)
    """
    return any(kind == each or (each.endswith("*") and kind.startswith(each[:-1])) for each in types.split())


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: 256 bits from the system's generator."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def record_of(endpoint: Endpoint) -> str:
    """How the audit log and the seal name an endpoint."""
    return f"endpoint:{endpoint.number}"
