"""`tocsin consume`: the service on one folder, over HTTP and from a stream."""

from collections.abc import Callable

from tocsin.app.cli.operate import serve
from tocsin.app.settings import Settings
from tocsin.app.stream_settings import KafkaSettings, NatsSettings
from tocsin.app.streams.companion import StreamCompanion
from tocsin.app.streams.consumer import Wanted
from tocsin.app.streams.transport import Transport
from tocsin.model.errors import InputError


def run_nats(settings: Settings, until_idle_s: float | None, *, create: bool) -> int:
    """Serves and consumes from NATS JetStream.

    Raises:
        TocsinError: the service cannot start, or the stream is unfit.
    """
    try:
        from tocsin.app.streams.nats.transport import NatsTransport
    except ModuleNotFoundError as error:
        raise _missing(error, "nats") from None
    return _run(settings, settings.nats, lambda: NatsTransport(settings.nats, create=create), until_idle_s)


def run_kafka(settings: Settings, until_idle_s: float | None, *, create: bool) -> int:
    """Serves and consumes from Kafka.

    Raises:
        TocsinError: the service cannot start, or a topic is unfit.
    """
    try:
        from tocsin.app.streams.kafka.transport import KafkaTransport
    except ModuleNotFoundError as error:
        raise _missing(error, "kafka") from None
    return _run(settings, settings.kafka, lambda: KafkaTransport(settings.kafka, create=create), until_idle_s)


def _run(
    settings: Settings,
    stream: NatsSettings | KafkaSettings,
    make: Callable[[], Transport],
    until_idle_s: float | None,
) -> int:
    wanted = Wanted(stream.decisions, stream.dead_letters, stream.batch, until_idle_s)
    companion = StreamCompanion(make(), wanted)
    code = serve.run(settings, companion=companion)
    if companion.fault is not None:
        raise companion.fault
    return code


def _missing(error: ModuleNotFoundError, extra: str) -> InputError:
    return InputError(f"the package {error.name} is not installed; install tocsin[{extra}]")
