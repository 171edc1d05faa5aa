"""What a field may hold.

Receives nothing. Gives the value types of the condition language and how each is held in Python. Never converts.
"""

from enum import StrEnum

INT_LIMIT = 10**18
"""Whole numbers lie strictly between -INT_LIMIT and INT_LIMIT."""

STRING_LIMIT = 32_768
"""Characters that one string may have."""

STRINGS_LIMIT = 1_000
"""Members that one list of strings may have."""


class ValueType(StrEnum):
    """The types of the condition language.

    Held as: bool; int; decimal = int in units of 1/10000; string = str; timestamp = int microseconds since 1970 UTC;
    duration = int microseconds; strings = tuple of str. A missing value is None.
    """

    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    STRING = "string"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    STRINGS = "strings"


Value = bool | int | str | tuple[str, ...] | None
