"""A decision as the client gives it.

Receives the service's answer. Gives a frozen struct; fields that a newer service adds are ignored. A decision that
Tocsin did not take is marked as one.
"""

from msgspec import Struct, json

from tocsin.model.outcome import Outcome

Shown = bool | int | float | str | list[str] | None
"""A value that a rule read: durations in seconds, times as RFC 3339 texts."""


class FiredRule(Struct, frozen=True):
    """A rule whose condition was true, with each value that it read."""

    rule: str
    values: dict[str, Shown] = {}
    lane: str = ""


class Unavailable(Struct, frozen=True):
    """A signal, feature or list that could not be had; rules saw null."""

    name: str
    cause: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """What is concluded of one event: `allow < warn < challenge < hold < block`.

    `fallback` is set where Tocsin gave no answer and `on_failure` or `on_rejected` chose the outcome; `cause` is then the
    code of the error, `field` and `detail` say more, and nothing was recorded for sure. `duplicate`: this id had been
    decided before and this is the same answer. `test`: a test value asked for it. `request_id` names the request in the
    service's log.
    """

    event_id: str
    outcome: Outcome
    score: float = 0.0
    fired: tuple[FiredRule, ...] = ()
    shadow: tuple[FiredRule, ...] = ()
    features: dict[str, Shown] | None = None
    packs: dict[str, str] = {}
    unavailable: tuple[Unavailable, ...] = ()
    took_us: float = 0.0
    erased: bool = False
    test: bool = False
    duplicate: bool = False
    fallback: bool = False
    cause: str = ""
    field: str = ""
    detail: str = ""
    request_id: str = ""

    @property
    def passes(self) -> bool:
        """Whether what was asked about may go on: `allow` and `warn`.

        >>> Decision(event_id="t-1", outcome=Outcome.HOLD).passes
        False
        """
        return self.outcome in {Outcome.ALLOW, Outcome.WARN}


DECISION = json.Decoder(Decision)
"""Raises msgspec.MsgspecError or UnicodeDecodeError for what is no decision."""
