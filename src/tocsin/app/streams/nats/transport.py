"""NATS JetStream as the consumer wants it.

Receives settings. Gives messages in the order of the stream, each with its subject and stream sequence. A lost connection
is not mended here: whatever comes next raises StreamDown, and `open` makes another.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import ParamSpec, TypeVar

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import APIError, NotFoundError

from tocsin.app.stream_settings import NatsSettings
from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Letter, Message, Place
from tocsin.app.streams.nats.order import Order
from tocsin.app.streams.nats.post import Post
from tocsin.app.streams.nats.pull import ACK, Pull
from tocsin.app.streams.nats.setup import ASK_S, connect, disconnect, find_consumer, locate, make_options
from tocsin.model.errors import StreamDown

KEEP_EVERY_S = 1.0
DONE, AT_WORK = b"+ACK", b"+WPI"

P = ParamSpec("P")
T = TypeVar("T")


class NatsTransport:
    """One durable pull consumer, and the subjects to which letters go. With `create` it makes what is absent."""

    def __init__(self, settings: NatsSettings, *, create: bool = False) -> None:
        """Connects to nothing yet.

        Raises:
            InputError: a file with credentials cannot be read, or their library is not installed.
        """
        make_options(settings)
        self.line = Line("nats")
        self._settings = settings
        self._create = create
        self._client: Client | None = None
        self._js: JetStreamContext
        self._pull: Pull
        self._post: Post
        self._order: Order
        self._subjects: list[str] = []
        self._kept_at = 0.0

    async def open(self) -> None:
        """See Transport."""
        await self.close()
        client = self._client = await connect(self._settings)
        self._js = client.jetstream(timeout=ASK_S)
        await self._ask(self._attach, client)

    async def _attach(self, client: Client) -> None:
        settings = self._settings = await locate(self._js, self._settings)
        info = await find_consumer(self._js, settings, create=self._create)
        config = info.config
        self._subjects = config.filter_subjects or [config.filter_subject or ">"]
        self._order = Order(info)
        next_subject = f"$JS.API.CONSUMER.MSG.NEXT.{settings.stream}.{settings.durable}"
        self._pull = Pull(client, next_subject, settings.batch)
        self._post = Post(client, self.line)
        await self._post.open()
        await self._pull.open()

    async def fetch(self, limit: int, wait_s: float) -> list[Message]:
        """See Transport."""
        if self._order.behind and (found := await self._ask(self._read_behind, limit)):
            return found
        taken = await self._ask(self._pull.take, limit, wait_s)
        found = []
        for index, message in enumerate(taken):
            number = message.metadata.sequence
            if not self._order.follows(number.stream, number.consumer):
                self._pull.put_back(taken[index:])
                break
            found.append(_message(message))
        if not found and self._order.behind:
            return await self._ask(self._read_behind, limit)
        return found

    async def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """See Transport."""
        self._open_client()
        left = await self._ask(self._post.send, letters)
        self._open_client()
        return left

    async def acknowledge(self, messages: Sequence[Message]) -> None:
        """See Transport."""
        for message in messages:
            if isinstance(message.token, str):
                await self._ask(self._open_client().publish, message.token, DONE)

    async def keep(self, messages: Sequence[Message]) -> None:
        """See Transport."""
        now = time.monotonic()
        if now < self._kept_at + KEEP_EVERY_S:
            return
        self._kept_at = now
        held = [message.token for message in messages if isinstance(message.token, str)]
        for reply in (*held, *(message.reply for message in self._pull.waiting)):
            await self._ask(self._open_client().publish, reply, AT_WORK)

    async def lag(self) -> int:
        """See Transport."""
        info = await self._ask(self._js.consumer_info, self._settings.stream, self._settings.durable)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def close(self) -> None:
        """See Transport."""
        client, self._client = self._client, None
        if client is not None:
            await disconnect(client)

    async def _read_behind(self, limit: int) -> list[Message]:
        """From the stream itself, what lies behind. It was delivered to nobody, and can be acknowledged all the same."""
        order, found = self._order, list[Message]()
        while order.behind and len(found) < limit:
            raw = await self._next_after(order.place)
            if raw is None or raw.seq is None or raw.seq > order.behind:
                order.read_to(order.behind)
            else:
                order.read_to(raw.seq)
                headers = tuple((name, str(value)) for name, value in (raw.headers or {}).items())
                place = Place(raw.subject or "", raw.seq)
                found.append(Message(raw.data or b"", headers, place, again=True, token=self._reply_of(raw.seq)))
        return found

    async def _next_after(self, number: int) -> RawStreamMsg | None:
        """The first message of the consumer's subjects after a number."""
        found = []
        for subject in self._subjects:
            with suppress(NotFoundError):
                found.append(await self._js.get_msg(self._settings.stream, number + 1, subject, next=True))
        return min(found, key=lambda raw: raw.seq or 0, default=None)

    def _reply_of(self, number: int) -> str:
        """Where a delivery that went astray is acknowledged (ADR-15 of NATS). Should the server not take it, it comes again."""
        return f"{ACK}{self._settings.stream}.{self._settings.durable}.1.{number}.1.0.0"

    def _open_client(self) -> Client:
        if self._client is None or not self._client.is_connected:
            raise StreamDown("the connection was lost")
        return self._client

    async def _ask(self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls the library.

        Raises:
            StreamDown: it could not do it.
        """
        self._open_client()
        try:
            return await call(*args, **kwargs)
        except (NatsError, OSError, TimeoutError) as error:
            raise StreamDown(_words(error)) from None


def _message(message: Msg) -> Message:
    facts = message.metadata
    headers = tuple((message.headers or {}).items())
    place = Place(message.subject, facts.sequence.stream)
    return Message(message.data, headers, place, again=facts.num_delivered > 1, token=message.reply)


def _words(error: BaseException) -> str:
    described = error.description if isinstance(error, APIError) else None
    return described or str(error) or type(error).__name__
