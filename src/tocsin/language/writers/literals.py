"""A text that must stand in whatever a pattern matches.

Receives an RE2 pattern. Gives the longest run of plain characters that every match contains, or nothing when in doubt.
Searching that text first spares most texts the pattern itself.
"""

import re

_PLAIN = re.compile(r"[\w \-/:@#%&=,;'\"<>~!]", re.UNICODE)
_QUANTIFIERS = "?*+"


def required_text(pattern: str) -> str:
    """The longest plain text at the top level of a pattern without alternatives there; empty when in doubt.

    >>> required_text("(verify|code|account).*http")
    'http'
    >>> required_text("a|b"), required_text("(?i)secret"), required_text("colou?r")
    ('', '', 'colo')
    """
    if any(sign in pattern for sign in ("(?", "\\", "[", "{")):
        return ""
    runs, run, depth = [], "", 0
    for place, char in enumerate(pattern):
        if char == "|" and depth == 0:
            return ""
        following = pattern[place + 1 : place + 2]
        if char in "()":
            depth += 1 if char == "(" else -1
            runs.append(run)
            run = ""
        elif depth == 0 and _PLAIN.match(char) and (not following or following not in _QUANTIFIERS):
            run += char
        else:
            runs.append(run)
            run = ""
    return max([*runs, run], key=len)
