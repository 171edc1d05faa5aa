"""Secrets out of sight.

Receives a setting's value. Gives it as it may be shown: passwords, tokens and keys replaced. Never shows one for being
unsure.
"""

import re
from collections.abc import Mapping

from pydantic import SecretBytes, SecretStr

HIDDEN = "***"
_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>.*)@", re.IGNORECASE | re.DOTALL)
_NEXT_URL = re.compile(r",(?=\s*[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
_PARAMETER = re.compile(
    r"((?:^|[?&;\s])\w*(?:password|passwd|pwd|secret|token|key)\s*=)\s*(?:'[^']*'|[^&;\s]*)", re.IGNORECASE
)
_NAME = re.compile(r"password|passwd|secret|token|credential|(^|_)(api|private|access)_key|key\.pem", re.IGNORECASE)


def mask(name: str, value: object) -> object:
    """A value as it may be shown; `name` is the setting's, and tells on its own that a text is a secret.

    >>> mask("database", "postgresql+psycopg://tocsin:pa/ss@db/tocsin?sslpassword=x")
    'postgresql+psycopg://tocsin:***@db/tocsin?sslpassword=***'
    >>> mask("nats.servers", ["nats://token@host:4222"]), mask("kafka.password", "x"), mask("port", 8790)
    (['nats://***@host:4222'], '***', 8790)
    """
    if isinstance(value, SecretStr | SecretBytes):
        return HIDDEN if value.get_secret_value() else ""
    if isinstance(value, str):
        if value and _NAME.search(name) and not name.endswith("_file"):
            return HIDDEN
        return ",".join(map(_mask_url, _NEXT_URL.split(value)))
    if isinstance(value, Mapping):
        return {key: mask(f"{name}.{key}", each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(name, each) for each in value]
    return value


def _mask_url(url: str) -> str:
    return _PARAMETER.sub(rf"\1{HIDDEN}", _USER.sub(_mask_user, url))


def _mask_user(found: re.Match[str]) -> str:
    """A name alone may be a token, except where it is known to be a name."""
    user, colon, _ = found["user"].partition(":")
    shown = f"{user}:{HIDDEN}" if colon else user if found["scheme"].startswith("postgres") else HIDDEN
    return f"{found['scheme']}://{shown}@"
