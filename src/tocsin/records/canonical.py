"""One value, one way of writing it.

Receives structs, texts, whole numbers, truths, lists and mappings of them. Gives the only bytes that such a value has, so
that a hash or a signature over them can be proved anew by anybody. The form is RFC 8785 (JSON Canonicalization Scheme)
without fractions: UTF-8, keys in order, no blanks. Python's own `json` writes it, so does every tool that knows the RFC.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tocsin.model.errors import NotCanonical

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

DEPTH = 16
KEY = re.compile(r"[\x20-\x7e]+")


def canonical_bytes(value: object) -> bytes:
    """The bytes of a value.

    >>> canonical_bytes({"b": [1, None, True], "a": "证据"}).decode()
    '{"a":"证据","b":[1,null,true]}'

    Raises:
        NotCanonical: it holds a fraction, a number beyond 2^53, a key that is not plain ASCII, half a surrogate pair, or
            is nested too deep.
    """
    try:
        plain: Any = msgspec.to_builtins(value)
        _check(plain, DEPTH)
        text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(f"a text holds half a surrogate pair in place {error.start}") from None
    except (TypeError, RecursionError, msgspec.MsgspecError) as error:
        raise NotCanonical(f"a value that has no canonical form: {str(error)[:120]}") from None


def _check(value: object, depth: int) -> None:
    if depth == 0:
        raise NotCanonical(f"nested deeper than {DEPTH}")
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical("a whole number beyond 2^53, which not every reader keeps exactly")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if not isinstance(key, str) or not KEY.fullmatch(key):
                raise NotCanonical("a key that is not plain ASCII")
            _check(part, depth - 1)
    elif isinstance(value, Sequence):
        for part in value:
            _check(part, depth - 1)
    else:
        raise NotCanonical(f"a {type(value).__name__} has no canonical form here; write it as a text")
