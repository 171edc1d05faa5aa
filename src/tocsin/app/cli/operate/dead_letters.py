"""`tocsin dead-letters`: sends them back to where they came from."""

import asyncio
import sys
from collections.abc import Callable

from tocsin.app.logs import set_up_logs
from tocsin.app.settings import Settings
from tocsin.app.streams.again import Returned, is_under, send_back
from tocsin.app.streams.transport import Transport
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError


def run_nats(settings: Settings, until_idle_s: float, lang: str, *, create: bool) -> int:
    """Sends back what came from the subject of the settings.

    Raises:
        TocsinError: the dead letters cannot be had, or the broker cannot be reached.
    """
    try:
        from tocsin.app.streams.nats.transport import NatsTransport
    except ModuleNotFoundError as error:
        raise InputError(f"the package {error.name} is not installed; install tocsin[nats]") from None
    nats = settings.nats
    back = {
        "stream": "",
        "durable": f"{nats.durable}-back",
        "subject": nats.dead_letters,
        "decisions": nats.subject,
        "dead_letters": nats.subject,
    }
    transport = NatsTransport(nats.model_copy(update=back), create=create)
    return _run(transport, lambda source: is_under(source, nats.subject), until_idle_s, lang)


def run_kafka(settings: Settings, until_idle_s: float, lang: str, *, create: bool) -> int:
    """Sends back what came from the topics of the settings.

    Raises:
        TocsinError: as `run_nats`.
    """
    try:
        from tocsin.app.streams.kafka.transport import KafkaTransport
    except ModuleNotFoundError as error:
        raise InputError(f"the package {error.name} is not installed; install tocsin[kafka]") from None
    kafka = settings.kafka
    back = {
        "topics": [kafka.dead_letters],
        "group": f"{kafka.group}-back",
        "decisions": kafka.topics[0],
        "dead_letters": kafka.topics[0],
    }
    transport = KafkaTransport(kafka.model_copy(update=back), create=create)
    return _run(transport, lambda source: source in kafka.topics, until_idle_s, lang)


def _run(transport: Transport, may: Callable[[str], bool], until_idle_s: float, lang: str) -> int:
    say = Wording(lang).say
    set_up_logs(sys.stderr)

    async def work() -> Returned:
        try:
            return await send_back(transport, may, until_idle_s)
        finally:
            await transport.close()

    done = asyncio.run(work())
    print(say("{sent} dead letters sent back, {kept} kept", sent=done.sent, kept=done.kept))
    return 0
