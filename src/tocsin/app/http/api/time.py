"""Times on the wire.

Receives times with a zone. Gives microseconds since 1970 UTC, and back. Never guesses a zone.
"""

from datetime import UTC, datetime

from tocsin.app.http.problem import Refusal
from tocsin.model.window import SECOND_US


def moment(at: int) -> datetime:
    """Microseconds since 1970 UTC as a time.

    >>> moment(1_500_000).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return datetime.fromtimestamp(at // SECOND_US, UTC).replace(microsecond=at % SECOND_US)


def micros(at: datetime | None) -> int | None:
    """A time of the wire in microseconds since 1970 UTC.

    Raises:
        Refusal: it has no zone.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise Refusal(400, "bad_time", "a time needs a zone, such as 2026-01-15T12:00:00Z")
    return round(at.timestamp() * SECOND_US)
