"""The measures that a rule may propose.

Receives what an author wrote. Gives whether it is a measure, or what to write instead. Never carries one out.
"""

from tocsin.model.window import parse_span
from tocsin.rules.author import near

FUNCTIONS = frozenset(
    {
        *("add_friend", "join_group", "create_group", "message", "post", "livestream", "advertise", "list_goods"),
        *("collect_payment", "receive_payment", "pay", "call", "sms"),
    }
)
"""Functions that can be limited."""

PLAIN = frozenset({"warn", "reverify", "take_down", "delist", "suspend", "close", "bar"})
WITH_ARGUMENT = frozenset({"label", "limit", "hold", "cool_off", "block"})


def fault_of(measure: str) -> str | None:
    """What is wrong with a measure as written; None where nothing is.

    >>> fault_of("limit:receive_payment") is None
    True
    >>> fault_of("limit:recieve_payment")
    'unknown function `recieve_payment`: did you mean `receive_payment`?'
    """
    name, _, argument = measure.partition(":")
    if name not in PLAIN | WITH_ARGUMENT:
        return f"unknown measure `{name[:40]}`: {near(name, PLAIN | WITH_ARGUMENT)}"
    if name in PLAIN:
        return f"`{name}` takes no argument" if argument else None
    if not argument:
        return f"`{name}` needs an argument, such as `{name}:…`"
    if name == "limit" and argument not in FUNCTIONS:
        return f"unknown function `{argument[:40]}`: {near(argument, FUNCTIONS)}"
    if name == "cool_off" and parse_span(argument) is None:
        return f"`cool_off` takes a span such as 12h, not `{argument[:40]}`"
    return None
