"""How a service finds its streams.

Receives the tables `[nats]` and `[kafka]` of the settings' file, `TOCSIN_NATS__*` and `TOCSIN_KAFKA__*`. Gives checked
settings. A secret comes from the environment or from a file of its own, never from the settings' file.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from tocsin.model.errors import InputError

SECRETS = {"nats": ("password", "token"), "kafka": ("password",)}
_SECRET_WORDS = ("password", "secret", "key.pem")


class NatsSettings(BaseModel):
    """A JetStream consumer.

    `subject` is read where the stream is to be made and where dead letters go back, `ack_wait_s` where the consumer is to
    be made.
    """

    model_config = ConfigDict(extra="forbid")

    url: list[str] = Field(["nats://127.0.0.1:4222"], min_length=1)
    stream: str = Field("tocsin-events", min_length=1)
    durable: str = Field("tocsin", min_length=1)
    subject: str = Field("tocsin.events", min_length=1)
    decisions: str = Field("tocsin.decisions", min_length=1)
    dead_letters: str = Field("tocsin.dead-letters", min_length=1)
    batch: int = Field(500, ge=1, le=4_000)
    ack_wait_s: float = Field(30.0, ge=1.0)
    user: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    token: SecretStr | None = None
    token_file: Path | None = None
    creds_file: Path | None = None
    nkey_file: Path | None = None
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @field_validator("url")
    @classmethod
    def _without_secrets(cls, urls: list[str]) -> list[str]:
        if any("@" in urlsplit(url if "://" in url else f"nats://{url}").netloc for url in urls):
            raise ValueError("give the user and the password by themselves, not in the address")
        return urls


class KafkaSettings(BaseModel):
    """A member of a consumer group. `properties` go to librdkafka as they are; those that are secret come from a file."""

    model_config = ConfigDict(extra="forbid")

    brokers: str = Field("127.0.0.1:9092", min_length=1)
    group: str = Field("tocsin", min_length=1)
    topics: list[str] = Field(["tocsin.events"], min_length=1)
    decisions: str = Field("tocsin.decisions", min_length=1)
    dead_letters: str = Field("tocsin.dead-letters", min_length=1)
    batch: int = Field(500, ge=1, le=4_000)
    properties: dict[str, str] = {}
    password: SecretStr | None = None
    secrets_file: Path | None = None


def check_secrets(written: Mapping[str, object]) -> None:
    """Whether what stands in the settings' file may stand there.

    Raises:
        InputError: a secret is among it.
    """
    for table, names in SECRETS.items():
        values = written.get(table)
        if not isinstance(values, dict):
            continue
        found = [name for name in names if name in values]
        properties = values.get("properties")
        if isinstance(properties, dict):
            found += [f"properties.{name}" for name in properties if is_secret(name)]
        if found:
            raise InputError(
                f"{table}.{found[0]} is a secret and may not stand in the settings' file; "
                f"name a file of its own, or set TOCSIN_{table.upper()}__PASSWORD"
            )


def is_secret(name: str) -> bool:
    """Whether a property of librdkafka is a secret.

    >>> is_secret("sasl.password"), is_secret("ssl.ca.location")
    (True, False)
    """
    return any(word in name for word in _SECRET_WORDS)


def read_secret(given: SecretStr | None, file: Path | None) -> str | None:
    """A secret from the environment, else from its file, without the line's end.

    Raises:
        InputError: the file cannot be read.
    """
    if given is not None:
        return given.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise InputError(f"{file}: {reason}") from None
