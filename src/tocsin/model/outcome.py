"""What the platform concludes of an event.

Receives nothing. Gives the five outcomes and their total order. Never says what to do about them: measures do.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """`allow < warn < challenge < hold < block`."""

    ALLOW = "allow"
    WARN = "warn"
    CHALLENGE = "challenge"
    HOLD = "hold"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """The place in the order, from 0.

        >>> Outcome.HOLD.rank > Outcome.WARN.rank
        True
        """
        return OUTCOMES.index(self)


OUTCOMES = tuple(Outcome)
"""The outcomes from the mildest to the gravest."""
