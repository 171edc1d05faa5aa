"""The chain over the audit log.

Receives what was done, once it is kept. Gives each act a place and a hash that binds it to every act before it. Acts are
written by many at once and carry no link; one linker gives them their places afterwards, in whatever order they became
visible. Never reads a database or a clock, and never changes an act.
"""

import hashlib
from collections.abc import Iterable

from msgspec import Struct

from tocsin.records.canonical import canonical_bytes


class Trace(Struct, frozen=True, kw_only=True):
    """One act as the log keeps it.

    `number` is its number in the log; `at` is in microseconds since 1970 UTC. `before` and `after` are texts exactly as
    they are stored (JSON by custom, empty where there is none): the chain proves these characters, and a reader never
    has to write them anew.
    """

    number: int
    at: int
    by: str
    act: str
    record: str
    before: str = ""
    after: str = ""
    why: str = ""


class Link(Struct, frozen=True):
    """The place of one act in the chain. `position` counts from 1 without a gap; `entry` is the act's number."""

    position: int
    entry: int
    hash: bytes


BEGINNING = Link(0, 0, bytes(32))
"""What stands before the first link."""


def trace_bytes(trace: Trace) -> bytes:
    """The canonical bytes of an act: one JSON object with all eight fields.

    >>> trace_bytes(Trace(number=1, at=5, by="person:7", act="case.view", record="case:3"))
    b'{"act":"case.view","after":"","at":5,"before":"","by":"person:7","number":1,"record":"case:3","why":""}'

    Raises:
        NotCanonical: a text holds half a surrogate pair, or a number is beyond 2^53.
    """
    return canonical_bytes(trace)


def link_hash(previous: bytes, trace: Trace) -> bytes:
    """SHA-256 over the 32 bytes of the hash before and the act's canonical bytes.

    Raises:
        NotCanonical: as `trace_bytes`.
    """
    return hashlib.sha256(previous + trace_bytes(trace)).digest()


def link_entries(last: Link, entries: Iterable[Trace]) -> list[Link]:
    """The links of further acts, in the order given, after the last link there is (`BEGINNING` where there is none).

    Raises:
        NotCanonical: as `trace_bytes`; nothing may be kept then.
    """
    links = list[Link]()
    for trace in entries:
        last = Link(last.position + 1, trace.number, link_hash(last.hash, trace))
        links.append(last)
    return links
