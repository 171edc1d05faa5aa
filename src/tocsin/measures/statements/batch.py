"""Batches of statements, ready to be sent.

Receives statements that were made. Gives the bodies of requests to `POST …/statements`, each with at most 100. The database
takes a batch whole or not at all, and counts only where it answers 201. Never sends one.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tocsin.measures.statements.check import check_statement
from tocsin.measures.statements.schema import BATCH_LIMIT
from tocsin.measures.statements.statement import Statement
from tocsin.model.errors import StatementWrong

_ENCODER = msgspec.json.Encoder()


def write_batches(statements: Sequence[Statement], known: Iterable[str] = ()) -> Iterator[bytes]:
    """The bodies, as JSON. Every statement is checked again before the first body is given.

    Raises:
        PersonalDataFound: a text holds personal data.
        StatementWrong: the database would refuse one, or two have the same `puid`.
    """
    entities = tuple(known)
    seen: set[str] = set()
    for statement in statements:
        check_statement(statement, entities)
        if statement.puid in seen:
            raise StatementWrong([("puid", "stands twice; each statement has one of its own, never used again")])
        seen.add(statement.puid)
    return (
        _ENCODER.encode({"statements": statements[start : start + BATCH_LIMIT]})
        for start in range(0, len(statements), BATCH_LIMIT)
    )
