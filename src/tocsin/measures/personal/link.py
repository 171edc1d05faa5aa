"""Links that lead to one person.

Receives a link. Gives whether a part of it names a user. Never opens one.
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_SEGMENTS = frozenset(
    {
        *("u", "user", "users", "uid", "member", "members", "profile", "profiles", "people", "person", "account"),
        *(
            "accounts",
            "seller",
            "sellers",
            "channel",
            "channels",
            "author",
            "authors",
            "contact",
            "home",
            "space",
            "in",
        ),
    }
)
_KEYS = re.compile(
    r"(?:^|_)(?:u?id|user|account|member|phone|tel|mobile|e?mail|token|session|openid|name|code)", re.IGNORECASE
)
_LONG_NUMBER = re.compile(r"\d{5,}")


def has_user_part(link: str) -> bool:
    """Whether a link names a user: before an `@`, by a path such as `/user/zhang`, or by a parameter such as `uid=7`.

    >>> has_user_part("https://eur-lex.europa.eu/eli/reg/2022/2065/oj")
    False
    >>> has_user_part("https://shop.example/u/zhang"), has_user_part("https://shop.example/x?uid=7")
    (True, True)
    """
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
    except ValueError:
        return True
    if "@" in parts.netloc or "@" in unquote(parts.path) or "~" in parts.path:
        return True
    segments = [segment for segment in unquote(parts.path).lower().split("/") if segment]
    if any(segment in _SEGMENTS for segment in segments[:-1]):
        return True
    if any(_LONG_NUMBER.search(segment) for segment in segments):
        return True
    values = [*parse_qsl(parts.query, keep_blank_values=True), *parse_qsl(parts.fragment)]
    return any(_KEYS.search(key) or _LONG_NUMBER.search(value) for key, value in values)
