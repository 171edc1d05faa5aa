"""How a service finds its streams.

Receives the tables `[nats]` and `[kafka]` of the settings' file, `TOCSIN_NATS__*` and `TOCSIN_KAFKA__*`. Gives checked
settings. A secret comes from the environment or from a file of its own, never from the settings' file.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from tocsin.app.wording import say
from tocsin.model.errors import InputError

SECRETS = {"nats": ("password", "token"), "kafka": ("password",)}
_SECRET_WORDS = ("password", "secret", "key.pem")


class NatsSettings(BaseModel):
    """A JetStream consumer."""

    model_config = ConfigDict(extra="forbid")

    url: list[str] = Field(
        ["nats://127.0.0.1:4222"],
        min_length=1,
        title=say("NATS servers"),
        description=say("Addresses such as nats://HOST:4222 or tls://HOST:4222, without user and password."),
    )
    stream: str = Field(
        "tocsin-events",
        min_length=1,
        title=say("Stream"),
        description=say("The JetStream stream with the events."),
    )
    durable: str = Field(
        "tocsin",
        min_length=1,
        title=say("Consumer"),
        description=say("The durable pull consumer of that stream; one process has it for itself."),
    )
    subject: str = Field(
        "tocsin.events",
        min_length=1,
        title=say("Subject of events"),
        description=say(
            "For a stream that --create makes, and for dead letters that go back; * and > may stand in it."
        ),
    )
    decisions: str = Field(
        "tocsin.decisions", min_length=1, title=say("Decisions"), description=say("Where decisions are published.")
    )
    dead_letters: str = Field(
        "tocsin.dead-letters",
        min_length=1,
        title=say("Dead letters"),
        description=say("Where messages that are no event are published, with their error."),
    )
    batch: int = Field(
        500,
        ge=1,
        le=4_000,
        title=say("Batch, messages"),
        description=say("How many messages at most are decided, committed and published together."),
    )
    ack_wait_s: float = Field(
        30.0,
        ge=1.0,
        le=3_600,
        title=say("Wait for acknowledgement, seconds"),
        description=say("For a consumer that --create makes: after so long a message is delivered again."),
    )
    user: str | None = Field(None, title=say("User"), description=say("Who connects, where the servers ask for it."))
    password: SecretStr | None = Field(None, title=say("Password"), description=say("The password of the user."))
    password_file: Path | None = Field(
        None, title=say("Password's file"), description=say("A file that holds the password and nothing else.")
    )
    token: SecretStr | None = Field(
        None, title=say("Token"), description=say("A token instead of user and password, where the servers ask for it.")
    )
    token_file: Path | None = Field(
        None, title=say("Token's file"), description=say("A file that holds the token and nothing else.")
    )
    creds_file: Path | None = Field(
        None, title=say("NATS credentials"), description=say("A .creds file; needs the package nkeys.")
    )
    nkey_file: Path | None = Field(
        None, title=say("NKey seed"), description=say("A file with an NKey's seed; needs the package nkeys.")
    )
    tls_ca: Path | None = Field(
        None,
        title=say("Authorities"),
        description=say("Certificates of the authorities to trust; without it those of the system."),
    )
    tls_cert: Path | None = Field(
        None, title=say("Certificate"), description=say("Our certificate, where the servers ask for one.")
    )
    tls_key: Path | None = Field(
        None, title=say("Certificate's key"), description=say("The private key of our certificate.")
    )

    @field_validator("url")
    @classmethod
    def _without_secrets(cls, urls: list[str]) -> list[str]:
        if any("@" in urlsplit(url if "://" in url else f"nats://{url}").netloc for url in urls):
            raise ValueError("give the user and the password by themselves, not in the address")
        return urls


class KafkaSettings(BaseModel):
    """A member of a consumer group."""

    model_config = ConfigDict(extra="forbid")

    brokers: str = Field(
        "127.0.0.1:9092",
        min_length=1,
        title=say("Kafka brokers"),
        description=say("Addresses such as HOST:9092, with commas between them."),
    )
    group: str = Field(
        "tocsin", min_length=1, title=say("Consumer group"), description=say("Whose offsets are committed.")
    )
    topics: list[str] = Field(
        ["tocsin.events"], min_length=1, title=say("Topics"), description=say("The topics with the events.")
    )
    decisions: str = Field(
        "tocsin.decisions", min_length=1, title=say("Decisions"), description=say("Where decisions are published.")
    )
    dead_letters: str = Field(
        "tocsin.dead-letters",
        min_length=1,
        title=say("Dead letters"),
        description=say("Where messages that are no event are published, with their error."),
    )
    batch: int = Field(
        500,
        ge=1,
        le=4_000,
        title=say("Batch, messages"),
        description=say("How many messages at most are decided, committed and published together."),
    )
    properties: dict[str, str] = Field(
        {},
        title=say("Properties of librdkafka"),
        description=say("Passed on as they are; secrets among them are refused, they have a file of their own."),
    )
    password: SecretStr | None = Field(None, title=say("Password"), description=say("The property sasl.password."))
    secrets_file: Path | None = Field(
        None,
        title=say("Secrets' file"),
        description=say("A file with lines such as sasl.password=VALUE, passed on to librdkafka."),
    )


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
