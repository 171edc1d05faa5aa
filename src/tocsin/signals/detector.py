"""What every detector promises, so that rules can name what it gives.

To write one, begin with `links.py`: declare what you need and what you give, and compute from values alone.
"""

from typing import Protocol

from tocsin.model.event_type import Column
from tocsin.model.value import Value, ValueType


class SignalUnavailable(Exception):
    """A detector cannot work now; its text is the cause that the decision records."""


class Detector(Protocol):
    """Reads some attributes of one event and gives signals.

    Why a protocol: text models, picture readers and link readers come from different places, and each may fail
    by itself.
    """

    @property
    def name(self) -> str:
        """What the detector is called."""
        ...

    @property
    def needs(self) -> tuple[tuple[str, ValueType], ...]:
        """Attributes by name and type; the detector runs on event types that have them all."""
        ...

    @property
    def gives(self) -> tuple[Column, ...]:
        """The signals, in the order in which `detect` gives them."""
        ...

    def detect(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The signals, in the order of `gives`, from the values in the order of `needs`.

        Raises:
            SignalUnavailable: with the cause; rules then see null.
        """
        ...
