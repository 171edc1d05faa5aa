"""A consumer beside a service.

Receives a transport and a service. Gives a consumer that begins when the service is ready, ends before the service does,
and begins anew after whatever goes wrong with the broker. What is wrong with the stream from the first is a fault that
ends the service; later it is only logged and tried again, because the service also answers over HTTP.
"""

import asyncio
from collections.abc import Callable

import structlog

from tocsin.app.service.service import Service
from tocsin.app.streams.consumer import Consumer, Wanted, pause, watch_lag
from tocsin.app.streams.line import Delay
from tocsin.app.streams.tally import StreamTally
from tocsin.app.streams.transport import Transport
from tocsin.model.errors import InputError, StreamDown, StreamError, StreamUnfit

READY_S = 0.02
LAG_EVERY_S = 2.0
WELL_S = 10.0
"""A consumer that ran for so long had begun well; the next wait is short again."""

log = structlog.get_logger("tocsin.streams")


class StreamCompanion:
    """`fault` is set where the stream was unfit from the first; `on_end` is called when the consumer has ended."""

    def __init__(self, transport: Transport, wanted: Wanted) -> None:
        self._transport = transport
        self._wanted = wanted
        self.tally = StreamTally(transport.line)
        self._consumer: Consumer | None = None
        self._task: asyncio.Task[None] | None = None
        self.fault: StreamUnfit | None = None
        self.on_end: Callable[[], None] = _nothing

    def start(self, service: Service) -> None:
        """Begins beside a service that has started."""
        service.tally.further.append(self.tally)
        consumer = self._consumer = Consumer(self._transport, service.engine, self._wanted, self.tally)
        self._task = asyncio.get_running_loop().create_task(self._run(service, consumer))

    async def stop(self, within_s: float) -> None:
        """Lets it finish what is in hand, at most `within_s` seconds; what is not finished comes again."""
        if self._task is None or self._consumer is None:
            return
        self._consumer.stopping.set()
        await asyncio.wait({self._task}, timeout=within_s)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, service: Service, consumer: Consumer) -> None:
        def report(lag: int) -> None:
            service.consumer_lag = lag

        watch: asyncio.Task[None] | None = None
        try:
            while not service.engine.ready:
                await asyncio.sleep(READY_S)
            await self._open(consumer.stopping, first=True)
            watch = asyncio.get_running_loop().create_task(watch_lag(self._transport, report, LAG_EVERY_S))
            await self._consume(consumer)
        except StreamUnfit as error:
            self.fault = error
        finally:
            if watch is not None:
                watch.cancel()
            try:
                await self._transport.close()
            finally:
                self.on_end()

    async def _consume(self, consumer: Consumer) -> None:
        delay, now = Delay(), asyncio.get_running_loop().time
        while not consumer.stopping.is_set():
            began = now()
            try:
                await consumer.run()
            except StreamError as error:
                self._transport.line.lost(str(error))
            except Exception:  # the outermost edge: a fault of ours must not end decisions over HTTP
                log.exception("the consumer failed and begins anew")
            else:
                return
            if now() - began > WELL_S:
                delay.reset()
            await pause(consumer.stopping, delay.next_s())
            await self._open(consumer.stopping)

    async def _open(self, stopping: asyncio.Event, *, first: bool = False) -> None:
        """Opens the transport, however often it takes; until a stop.

        Raises:
            StreamUnfit: at the first time only.
        """
        delay = Delay()
        while not stopping.is_set():
            try:
                await self._transport.open()
            except StreamUnfit as error:
                if first:
                    raise
                self._transport.line.lost(str(error))
            except (StreamDown, InputError) as error:
                self._transport.line.lost(str(error))
            except Exception:  # the same edge
                log.exception("the stream could not be opened and is tried again")
            else:
                self._transport.line.found()
                return
            await pause(stopping, delay.next_s())


def _nothing() -> None:
    """What is done at the end where nobody asked for anything."""
