"""How urgently a person is warned.

Receives how likely the harm is and how near. Gives one of three grades, and the channels of each. Never reads a clock.
"""

from enum import StrEnum

from tocsin.model.errors import WarningWrong


class Stage(StrEnum):
    """How far a fraud has come, from drawing in (S1) to the offer to get the money back (S9)."""

    DRAWING_IN = "S1"
    TRUST_OR_FEAR = "S2"
    OFF_PLATFORM = "S3"
    TOOL = "S4"
    SMALL_WIN = "S5"
    LARGE_PAYMENT = "S6"
    OBSTRUCTION = "S7"
    CASHING_OUT = "S8"
    AGAIN = "S9"


class Grade(StrEnum):
    """`hint < alert < alarm`, as weather services and the Chinese police grade theirs."""

    HINT = "hint"
    ALERT = "alert"
    ALARM = "alarm"


class Channel(StrEnum):
    """How a warning reaches a person."""

    PROMPT = "prompt"
    MESSAGE = "message"
    CALL = "call"


CHANNELS: dict[Grade, tuple[Channel, ...]] = {
    Grade.HINT: (Channel.PROMPT,),
    Grade.ALERT: (Channel.PROMPT, Channel.MESSAGE),
    Grade.ALARM: (Channel.PROMPT, Channel.MESSAGE, Channel.CALL),
}
"""A prompt inside the product; a message besides; a call by a human besides."""

URGENCY: dict[Stage, float] = {
    Stage.DRAWING_IN: 0.3,
    Stage.TRUST_OR_FEAR: 0.4,
    Stage.OFF_PLATFORM: 0.6,
    Stage.TOOL: 0.8,
    Stage.SMALL_WIN: 0.6,
    Stage.LARGE_PAYMENT: 1.0,
    Stage.OBSTRUCTION: 1.0,
    Stage.CASHING_OUT: 0.7,
    Stage.AGAIN: 0.8,
}
"""How near the loss is at each stage, where nobody knows better: 1 is now."""

ALERT_FROM = 0.15
ALARM_FROM = 0.5


def grade_of(likelihood: float, urgency: float) -> Grade:
    """The grade by likelihood x urgency, each from 0 to 1.

    >>> grade_of(0.6, URGENCY[Stage.LARGE_PAYMENT]), grade_of(0.6, URGENCY[Stage.DRAWING_IN])
    (<Grade.ALARM: 'alarm'>, <Grade.ALERT: 'alert'>)

    Raises:
        WarningWrong: one of them is not from 0 to 1.
    """
    if not (0 <= likelihood <= 1 and 0 <= urgency <= 1):
        raise WarningWrong("likelihood and urgency are numbers from 0 to 1")
    product = likelihood * urgency
    return Grade.ALARM if product >= ALARM_FROM else Grade.ALERT if product >= ALERT_FROM else Grade.HINT
