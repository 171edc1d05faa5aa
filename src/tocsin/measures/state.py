"""The states of a measure and the steps between them.

Receives a state and a step. Gives the state after it, or says that there is no such step. This table is the only place
that knows.
"""

from enum import StrEnum

from tocsin.records.errors import MeasureWrong


class MeasureState(StrEnum):
    """Where a measure stands.

    `failed` says that the platform could not carry it out and why; it stays owed. `lifting` is a lift that the platform
    has not confirmed.
    """

    PROPOSED = "proposed"
    DECLINED = "declined"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    LIFTING = "lifting"
    LIFTED = "lifted"


class Step(StrEnum):
    """What may happen to a measure."""

    ENDORSE = "endorse"
    ORDER = "order"
    DECLINE = "decline"
    DELIVER = "deliver"
    CONFIRM = "confirm"
    FAIL = "fail"
    LIFT = "lift"
    CLEAR = "clear"


_S = MeasureState
STEPS: dict[tuple[MeasureState, Step], MeasureState] = {
    (_S.PROPOSED, Step.ENDORSE): _S.PROPOSED,
    (_S.PROPOSED, Step.ORDER): _S.ORDERED,
    (_S.PROPOSED, Step.DECLINE): _S.DECLINED,
    (_S.ORDERED, Step.DELIVER): _S.DELIVERED,
    (_S.ORDERED, Step.CONFIRM): _S.CONFIRMED,
    (_S.DELIVERED, Step.CONFIRM): _S.CONFIRMED,
    (_S.ORDERED, Step.FAIL): _S.FAILED,
    (_S.DELIVERED, Step.FAIL): _S.FAILED,
    (_S.FAILED, Step.ORDER): _S.ORDERED,
    (_S.FAILED, Step.CONFIRM): _S.CONFIRMED,
    (_S.ORDERED, Step.LIFT): _S.LIFTING,
    (_S.DELIVERED, Step.LIFT): _S.LIFTING,
    (_S.CONFIRMED, Step.LIFT): _S.LIFTING,
    (_S.FAILED, Step.LIFT): _S.LIFTING,
    (_S.LIFTING, Step.CLEAR): _S.LIFTED,
}

OPEN = frozenset({_S.PROPOSED, _S.ORDERED, _S.DELIVERED, _S.FAILED, _S.LIFTING})
"""States in which somebody owes something."""

IN_FORCE = frozenset({_S.ORDERED, _S.DELIVERED, _S.CONFIRMED, _S.FAILED})
"""States in which the subject is, or is about to be, under the measure."""


def after(state: MeasureState, step: Step) -> MeasureState:
    """The state after a step.

    >>> after(MeasureState.PROPOSED, Step.ORDER)
    <MeasureState.ORDERED: 'ordered'>

    Raises:
        MeasureWrong: there is no such step from here.
    """
    found = STEPS.get((state, step))
    if found is None:
        raise MeasureWrong(f"a measure that is {state} cannot be taken through `{step}`")
    return found
