"""How a consumer and a producer of Kafka are set up, and whether their topics are there.

Receives settings. Gives the configurations of librdkafka. Makes a topic only where it was told to.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tocsin.app.stream_settings import KafkaSettings, is_secret, read_secret
from tocsin.model.errors import InputError, StreamDown, StreamUnfit

ASK_S = 5.0
SEND_MS = "5000"
ROOM = 900_000
"""Bytes of one message: brokers take a mebibyte unless they are told otherwise."""

OUTAGE = {KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE}
"""What the library says, again and again, while no broker can be reached."""

OnError = Callable[[KafkaError], None]

_OURS = {
    "bootstrap.servers",
    "group.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "acks",
}
_CONSUMER_ONLY = ("session.", "heartbeat.", "max.poll.", "auto.offset.", "partition.", "group.", "fetch.", "queued.")


def consumer_config(settings: KafkaSettings, on_error: OnError) -> dict[str, Any]:
    """What the consumer is told, secrets included: never to be logged.

    Raises:
        InputError: a file of secrets cannot be read.
    """
    return {
        "auto.offset.reset": "earliest",
        **_shared(settings),
        **{name: value for name, value in settings.properties.items() if name.startswith(_CONSUMER_ONLY)},
        "group.id": settings.group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "error_cb": on_error,
    }


def producer_config(settings: KafkaSettings, on_error: OnError) -> dict[str, Any]:
    """What the producer is told, secrets included: never to be logged.

    Raises:
        InputError: as `consumer_config`.
    """
    return {
        "linger.ms": 2,
        "message.timeout.ms": SEND_MS,
        **_shared(settings),
        "enable.idempotence": True,
        "acks": "all",
        "error_cb": on_error,
    }


def check_properties(settings: KafkaSettings) -> None:
    """Whether the properties may be what they are.

    Raises:
        InputError: a property that Tocsin sets itself, a secret among them, or a file of secrets that cannot be read.
    """
    taken = _OURS & settings.properties.keys()
    if taken:
        raise InputError(f"kafka: {min(taken)} is set by Tocsin itself; take it out of the properties")
    for name in settings.properties:
        if is_secret(name):
            raise InputError(f"kafka: {name} is a secret; write it into a file of its own and name it as secrets_file")
    _shared(settings)


def _shared(settings: KafkaSettings) -> dict[str, Any]:
    shared = {name: value for name, value in settings.properties.items() if not name.startswith(_CONSUMER_ONLY)}
    secrets = _read_secrets(settings.secrets_file) if settings.secrets_file is not None else {}
    password = read_secret(settings.password, None)
    if password is not None:
        secrets["sasl.password"] = password
    return {"log_level": 2, **shared, **secrets, "bootstrap.servers": settings.brokers}


def _read_secrets(file: Path) -> dict[str, str]:
    """Lines of `property=value`; empty lines and those that begin with # are left out."""
    found = {}
    for number, line in enumerate((read_secret(None, file) or "").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            name, sign, value = line.partition("=")
            if not sign:
                raise InputError(f"{file}:{number}: expected property=value")
            found[name.strip()] = value.strip()
    return found


def check_topics(settings: KafkaSettings, *, create: bool) -> None:
    """Whether every topic is there.

    Raises:
        StreamDown: the brokers cannot be reached.
        StreamUnfit: a topic is absent, or letters would come back as events.
        KafkaException: the library does not take a property.
    """
    outputs = (settings.decisions, settings.dead_letters)
    for topic in outputs:
        if topic in settings.topics:
            raise StreamUnfit(f"{topic} is consumed; letters need topics of their own")
    admin = AdminClient(_shared(settings))
    try:
        known = admin.list_topics(timeout=ASK_S).topics
        missing = [topic for topic in (*settings.topics, *outputs) if topic not in known]
        if missing and not create:
            raise StreamUnfit(f"there is no topic {missing[0]}; make it, or say --create once for a demonstration")
        if missing:
            made = admin.create_topics([NewTopic(topic, num_partitions=1) for topic in missing])
            for future in made.values():
                future.result(ASK_S)
    except (KafkaException, TimeoutError) as error:
        raise StreamDown(words(error)) from None


def words(error: BaseException) -> str:
    """What a library's error says."""
    inner = error.args[0] if error.args else error
    return inner.str() if isinstance(inner, KafkaError) else str(inner) or type(error).__name__
