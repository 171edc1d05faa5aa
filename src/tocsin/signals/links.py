"""Links written plainly in a text.

Receives a text. Gives the links (`urls`) and their hosts (`domains`), each once, in order. Never opens one.
"""

import re

from tocsin.model.event_type import Column
from tocsin.model.value import STRINGS_LIMIT, Value, ValueType

_LINK = re.compile(r"(?:https?://|www\.)[!-~]{1,2048}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}>\"'"


class LinkDetector:
    """Finds `http://`, `https://` and `www.` links; a Chinese character or a space ends one.

    >>> LinkDetector().detect(("看 https://A.example.top/x?y=1，快",))
    (('https://A.example.top/x?y=1',), ('a.example.top',))
    """

    name = "links"
    needs = (("text", ValueType.STRING),)
    gives = (Column("urls", ValueType.STRINGS, True), Column("domains", ValueType.STRINGS, True))

    def detect(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The links and their hosts; both null where there is no text."""
        (text,) = values
        if not isinstance(text, str):
            return (None, None)
        if "/" not in text and "." not in text:
            return ((), ())
        found = dict.fromkeys(link.rstrip(_TRAILING) for link in _LINK.findall(text))
        urls = tuple(found)[:STRINGS_LIMIT]
        return (urls, tuple(dict.fromkeys(filter(None, map(host_of, urls)))))


def host_of(url: str) -> str:
    """The host of a link in lower case, without port and user; empty where there is none.

    >>> host_of("http://user@Shop.example:8080/x"), host_of("http://[2001:DB8::1]:80/")
    ('shop.example', '2001:db8::1')
    """
    rest = url.partition("://")[2] or url
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].strip(".").lower()
