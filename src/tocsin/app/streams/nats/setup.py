"""How a connection to NATS is made, and whether its stream and consumer lose nothing.

Receives settings. Gives a connection, and the consumer's info. Makes a stream or a consumer only where it was told to.
"""

import asyncio
import importlib.util
import ssl
from collections import deque
from contextlib import suppress
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, StreamConfig
from nats.js.errors import NotFoundError

from tocsin.app.stream_settings import NatsSettings, read_secret
from tocsin.model.errors import InputError, StreamDown, StreamUnfit

CONNECT_S = 5
ASK_S = 5.0
PING_S = 10
SAME_S = 600.0
"""Within which a made stream tells letters with the same id apart from new ones."""

HAS_NKEYS = importlib.util.find_spec("nkeys") is not None
"""Whether the package is there that signs with a .creds file or an NKey; nats-py asks for it when it connects."""


async def connect(settings: NatsSettings) -> Client:
    """A connection; when it is lost it stays closed, and the consumer opens another.

    Raises:
        StreamDown: no server can be reached, or none lets us in.
        InputError: a file with credentials cannot be read.
    """
    reasons: deque[str] = deque(maxlen=1)

    async def on_error(error: Exception) -> None:
        reasons.append(str(error) or type(error).__name__)

    client = Client()
    options = {**make_options(settings), "error_cb": on_error}
    try:
        async with asyncio.timeout(CONNECT_S):
            await client.connect(**options)
    except (NatsError, OSError, TimeoutError, ValueError) as error:
        await disconnect(client)
        raise StreamDown(reasons[0] if reasons else str(error) or type(error).__name__) from None
    return client


async def disconnect(client: Client) -> None:
    """Says what is still to be said and closes; raises nothing."""
    if client.is_connected:
        with suppress(NatsError, OSError, TimeoutError):
            await client.flush(round(ASK_S))
    with suppress(NatsError, OSError, TimeoutError):
        await client.close()
    for name in ("_reading_task", "_flusher_task", "_ping_interval_task"):
        task = getattr(client, name, None)
        if isinstance(task, asyncio.Task):  # the library leaves the error of a lost connection there, for all to see
            task.add_done_callback(_look)


def _look(task: "asyncio.Task[None]") -> None:
    if not task.cancelled():
        task.exception()


def make_options(settings: NatsSettings) -> dict[str, Any]:
    """What the library is told, secrets included: never to be logged.

    Raises:
        InputError: a file with credentials cannot be read, or their library is not installed.
    """
    options: dict[str, Any] = {
        "servers": list(settings.url),
        "name": "tocsin",
        "allow_reconnect": False,
        "max_reconnect_attempts": 1,
        "reconnect_time_wait": 0,
        "connect_timeout": CONNECT_S,
        "ping_interval": PING_S,
        "user": settings.user,
        "password": read_secret(settings.password, settings.password_file),
        "token": read_secret(settings.token, settings.token_file),
    }
    for name, file in (("user_credentials", settings.creds_file), ("nkeys_seed", settings.nkey_file)):
        if file is not None:
            if not HAS_NKEYS:
                raise InputError(f"{file} needs the package nkeys; install it beside Tocsin")
            if not file.is_file():
                raise InputError(f"{file}: no such file")
            options[name] = str(file)
    if settings.tls_ca or settings.tls_cert:
        options["tls"] = _make_tls(settings)
    return {name: value for name, value in options.items() if value is not None}


def _make_tls(settings: NatsSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca)
        if settings.tls_cert is not None:
            context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"TLS: {error}") from None
    return context


async def locate(js: JetStreamContext, settings: NatsSettings) -> NatsSettings:
    """The settings with the name of their stream; where they have none, it is the one that takes their subject.

    Raises:
        StreamUnfit: no stream takes it.
    """
    if settings.stream:
        return settings
    try:
        found = await js.find_stream_name_by_subject(settings.subject)
    except NotFoundError:
        raise StreamUnfit(f"no stream takes {settings.subject}") from None
    return settings.model_copy(update={"stream": found})


async def find_consumer(js: JetStreamContext, settings: NatsSettings, *, create: bool) -> ConsumerInfo:
    """The consumer's info, once everything that is needed is there and fit.

    Raises:
        StreamUnfit: what is absent, or would lose messages, and what to do.
    """
    if create:
        await _create(js, settings)
    try:
        await js.stream_info(settings.stream)
    except NotFoundError:
        raise StreamUnfit(
            f"there is no stream {settings.stream}; make it for the subjects of your events, "
            "or say --create once for a demonstration"
        ) from None
    try:
        info: ConsumerInfo = await js.consumer_info(settings.stream, settings.durable)
    except NotFoundError:
        raise StreamUnfit(
            f"the stream {settings.stream} has no consumer {settings.durable}; make a durable pull consumer with explicit "
            "acknowledgement, or say --create once"
        ) from None
    if fault := _fault(info.config):
        raise StreamUnfit(f"the consumer {settings.durable} would lose messages: {fault}")
    for subject in (settings.decisions, settings.dead_letters):
        await _check_output(js, settings, subject)
    return info


def _fault(config: ConsumerConfig) -> str:
    if config.deliver_subject:
        return "it pushes; make one that is pulled"
    if config.ack_policy != AckPolicy.EXPLICIT:
        return "its acknowledgement must be explicit"
    if config.max_deliver is not None and config.max_deliver > 0:
        return f"it gives up after {config.max_deliver} deliveries; set max_deliver to -1"
    return "it leaves out the bodies; set headers_only to false" if config.headers_only else ""


async def _check_output(js: JetStreamContext, settings: NatsSettings, subject: str) -> None:
    try:
        stream = await js.find_stream_name_by_subject(subject)
    except NotFoundError:
        raise StreamUnfit(f"no stream takes {subject}; make one, or say --create once") from None
    if stream == settings.stream:
        raise StreamUnfit(f"{subject} belongs to the stream {stream} itself; letters need a stream of their own")


async def _create(js: JetStreamContext, settings: NatsSettings) -> None:
    wanted = {
        settings.stream: settings.subject,
        f"{settings.stream}-decisions": settings.decisions,
        f"{settings.stream}-dead-letters": settings.dead_letters,
    }
    for name, subject in wanted.items():
        try:
            await js.find_stream_name_by_subject(subject)
        except NotFoundError:
            await js.add_stream(StreamConfig(name=name, subjects=[subject], duplicate_window=SAME_S))
    try:
        await js.consumer_info(settings.stream, settings.durable)
    except NotFoundError:
        config = ConsumerConfig(
            durable_name=settings.durable,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=settings.ack_wait_s,
            max_deliver=-1,
            max_ack_pending=max(1_000, 2 * settings.batch),
        )
        await js.add_consumer(settings.stream, config)
