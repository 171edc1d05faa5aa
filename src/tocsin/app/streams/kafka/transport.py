"""Kafka as the consumer wants it.

Receives settings. Gives messages in the order of each partition. Everything that the library does blocks, so that it is
done on one thread of its own; a rebalance is noticed there, between two batches: what was handed on before is committed,
what was not is left to whoever gets the partition.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from confluent_kafka import KafkaException

from tocsin.app.stream_settings import KafkaSettings
from tocsin.app.streams.kafka.group import Member
from tocsin.app.streams.kafka.post import Post
from tocsin.app.streams.kafka.setup import check_properties, check_topics, words
from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Letter, Message
from tocsin.model.errors import StreamDown, StreamUnfit

CLOSED = "the connection is not open"

P = ParamSpec("P")
T = TypeVar("T")


class KafkaTransport:
    """One member of a consumer group, and the topics to which letters go. With `create` it makes what is absent."""

    def __init__(self, settings: KafkaSettings, *, create: bool = False) -> None:
        """Connects to nothing yet.

        Raises:
            InputError: a property that Tocsin sets itself, or a secret where none may stand.
        """
        check_properties(settings)
        self.line = Line("kafka")
        self._settings = settings
        self._create = create
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka")
        self._member: Member | None = None
        self._post: Post | None = None
        self._closed = False

    async def open(self) -> None:
        """See Transport."""
        await self._call(self._open)

    async def fetch(self, limit: int, wait_s: float) -> list[Message]:
        """See Transport."""
        return await self._call(self._joined().fetch, limit, wait_s)

    async def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """See Transport."""
        if self._post is None:
            raise StreamDown(CLOSED)
        return await self._call(self._post.send, letters)

    async def acknowledge(self, messages: Sequence[Message]) -> None:
        """See Transport."""
        await self._call(self._joined().commit, messages)

    async def keep(self, messages: Sequence[Message]) -> None:  # noqa: ARG002 - a member keeps all that it was given
        """See Transport."""
        await self._call(self._joined().keep)

    async def lag(self) -> int:
        """See Transport."""
        return await self._call(self._joined().lag)

    async def close(self) -> None:
        """See Transport."""
        if not self._closed:
            self._closed = True
            await self._call(self._close)
            self._thread.shutdown(wait=False)

    def _open(self) -> None:
        self._close()
        try:
            check_topics(self._settings, create=self._create)
            self._post = Post(self._settings, self.line)
            self._member = Member(self._settings, self.line)
        except KafkaException as error:
            raise StreamUnfit(f"kafka: {words(error)}") from None

    def _close(self) -> None:
        member, self._member = self._member, None
        if member is not None:
            member.leave()
        post, self._post = self._post, None
        if post is not None:
            post.close()

    def _joined(self) -> Member:
        if self._member is None:
            raise StreamDown(CLOSED)
        return self._member

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))
