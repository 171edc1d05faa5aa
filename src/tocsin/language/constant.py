"""Arguments that must be written as literals: patterns, networks, offsets, units.

Receives the literal's value. Gives the constant that the writers put in, or a ConstantFault that says what is wrong.
Never guesses.
"""

import ipaddress
import re

import re2

from tocsin.model.value import STRING_LIMIT, Value
from tocsin.model.window import UNITS

PATTERN_LIMIT = 1_000
_OFFSET = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")
_BACKTRACKING = re.compile(r"\\[1-9]|\(\?(?:=|!|<=|<!|P=|>|#|\()")


class ConstantFault(Exception):
    """What is wrong with a literal argument."""


def start(value: Value) -> Value:
    """A place in a text, from 1."""
    if not isinstance(value, int) or not 1 <= value <= STRING_LIMIT:
        raise ConstantFault(f"substr counts from 1 to {STRING_LIMIT}")
    return value


def count(value: Value) -> Value:
    """A number of characters; all where it is left out."""
    if value is None:
        return STRING_LIMIT
    if not isinstance(value, int) or not 0 <= value <= STRING_LIMIT:
        raise ConstantFault(f"a length is from 0 to {STRING_LIMIT}")
    return value


def pattern(value: Value) -> Value:
    """A pattern that RE2 takes, and so runs in linear time."""
    if not isinstance(value, str):
        raise ConstantFault("a pattern is a text in single quotes")
    if len(value) > PATTERN_LIMIT:
        raise ConstantFault(f"a pattern has at most {PATTERN_LIMIT} characters, this one {len(value)}")
    if _BACKTRACKING.search(value):
        raise ConstantFault("back-references and look-around cannot run in linear time; write the cases out with `or`")
    try:
        re2.compile(value, pattern_options())
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error.args[0])
        raise ConstantFault(f"not a pattern: {reason[:120]}") from None
    return value


def pattern_options() -> re2.Options:
    """Bounded memory and no log lines."""
    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    return options


def network(value: Value) -> Value:
    """An IPv4 or IPv6 network."""
    try:
        return str(ipaddress.ip_network(str(value), strict=True))
    except ValueError:
        raise ConstantFault(f"`{str(value)[:50]}` is no network; write 10.0.0.0/8 or 2001:db8::/32") from None


def offset(value: Value) -> Value:
    """An offset from UTC in microseconds; none where it is left out."""
    if value is None:
        return 0
    match = _OFFSET.fullmatch(str(value))
    if not match:
        raise ConstantFault(f"`{str(value)[:50]}` is no offset; write '+08:00'")
    size = int(match[2]) * UNITS["h"] + int(match[3]) * UNITS["m"]
    return -size if match[1] == "-" else size


def unit(value: Value) -> Value:
    """A unit of time in microseconds."""
    units = {"second": UNITS["s"], "minute": UNITS["m"], "hour": UNITS["h"], "day": UNITS["d"]}
    if value not in units:
        raise ConstantFault(f"`{str(value)[:50]}` is no unit; write 'second', 'minute', 'hour' or 'day'")
    return units[str(value)]
