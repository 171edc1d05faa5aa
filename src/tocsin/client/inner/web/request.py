"""The parts of a web request that hold fields.

Receives bytes and texts as a caller sent them. Gives values by name. A name that is there twice with different values is
refused: applications differ in which one they take, and Tocsin must not judge another than the application uses.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from urllib.parse import parse_qsl

import msgspec

from tocsin.client.errors import Fault, RequestUnreadable

MOST_FIELDS = 1_000
FORM = "application/x-www-form-urlencoded"
_JSON = msgspec.json.Decoder(float_hook=Decimal)


class Named(Mapping[str, str]):
    """Values by name, as they came.

    Raises:
        RequestUnreadable: from `get` and `[]`, where a name is there twice with different values.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, set[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, set()).add(value)

    def __getitem__(self, name: str) -> str:
        found = self._values[name]
        if len(found) > 1:
            raise RequestUnreadable(Fault("given_twice", "given twice with different values", field=name[:80]))
        return next(iter(found))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def pairs_of(text: str) -> Named:
    """The fields of a query or a form.

    >>> pairs_of("a=1&b=x%20y")["b"]
    'x y'
    """
    return Named(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))


def cookies_of(text: str) -> Named:
    """The cookies of a request.

    >>> cookies_of('a=1; session="x"')["session"]
    'x'
    """
    pairs = (each.partition("=") for each in text.split(";"))
    return Named((name.strip(), value.strip().strip('"')) for name, _, value in pairs)


def read_body(raw: bytes | None, headers: Mapping[str, str], limit: int) -> object:
    """A body as fields: a form, or else JSON, whatever it is called, as many applications read it.

    `raw` is None where it has more than `limit` bytes.

    Raises:
        RequestUnreadable: it is too large, packed, of several parts, or neither.
    """
    if raw is None:
        raise RequestUnreadable(Fault("body_too_large", f"a body of more than {limit} bytes is not read"))
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise _unreadable("a packed body is not read")
    if kind.startswith("multipart/"):
        raise _unreadable("a body of several parts is not read")
    if not raw:
        return None
    try:
        return pairs_of(raw.decode()) if kind == FORM else _JSON.decode(raw)
    except (ValueError, RecursionError, ArithmeticError, msgspec.MsgspecError):
        raise _unreadable("the body is neither JSON nor a form") from None


def dig(body: object, name: str) -> object:
    """A field of a body; dots lead into objects.

    >>> dig({"to": {"account": "9"}}, "to.account"), dig([], "to")
    ('9', None)
    """
    place = body
    for step in name.split("."):
        if not isinstance(place, Mapping):
            return None
        place = place.get(step)
    return place


def _unreadable(reason: str) -> RequestUnreadable:
    return RequestUnreadable(Fault("body_unreadable", reason))
