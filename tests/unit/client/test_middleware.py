"""What each kind of middleware owes to its protocol."""

import asyncio
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.live import free_port
from tests.servers.scripted import Scripted, decides
from tocsin.client import asgi, wsgi
from tocsin.client.client import AsyncClient, Client
from tocsin.client.mapping import Conduct, Route, body
from tocsin.client.wsgi import _Rejoined

ROUTES = [Route("POST", "/x", "message.send", {"text": body("text")})]
JSON = b'{"text": "t"}'


def call_asgi(url: str, messages: list[dict[str, Any]], **scope: Any) -> tuple[list[Any], list[Any]]:
    """What the application received, and what was sent."""
    received: list[Any] = []
    sent: list[Any] = []
    left = list(messages)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while len(received) < len(messages):
            received.append(await receive())
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        async with AsyncClient(url, "key", timeout_s=5) as client:
            wrapped = asgi.TocsinMiddleware(app, client, ROUTES)
            whole = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b"", **scope}
            await wrapped(whole, receive, send)

    asyncio.run(run())
    return received, sent


def part(raw: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": raw, "more_body": more}


def test_a_streamed_body_is_handed_on_message_by_message() -> None:
    messages = [part(JSON[:4], True), part(b"", True), part(JSON[4:], False), {"type": "http.disconnect"}]
    with Scripted(otherwise=decides("warn")) as server:
        received, sent = call_asgi(server.url, messages)
        assert received == messages
        assert server.events[0]["text"] == "t"
    assert sent[0]["headers"] == [(b"tocsin-outcome", b"warn")]


def test_a_body_beyond_the_limit_is_not_waited_for() -> None:
    messages = [part(b"x" * 40_000, True), part(b"x" * 40_000, True), part(b"rest", False)]
    with Scripted() as server:
        received, _ = call_asgi(server.url, messages)
        assert received == messages
        received, _ = call_asgi(server.url, messages, headers=[(b"content-length", b"80004")])
        assert received == messages
        assert server.got == []


@pytest.mark.parametrize("told", [b"\xb2", b"-5", b"9" * 5_000, b"nonsense", b""])
def test_a_strange_content_length_breaks_nothing(told: bytes) -> None:
    with Scripted() as server:
        received, sent = call_asgi(server.url, [part(JSON, False)], headers=[(b"content-length", told)])
    assert received == [part(JSON, False)]
    assert sent[0]["status"] == 200


def test_a_caller_who_hangs_up_is_not_decided_on() -> None:
    messages = [part(b"{", True), {"type": "http.disconnect"}]
    with Scripted() as server:
        received, _ = call_asgi(server.url, messages)
        assert received == messages
        assert server.got == []


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_goes_straight_through(kind: str) -> None:
    messages = [{"type": f"{kind}.startup"}]
    received, _ = call_asgi(f"http://127.0.0.1:{free_port()}", messages, type=kind, method=None)
    assert received == messages


@pytest.mark.parametrize(
    ("root", "path", "mapped"),
    [
        ("/shop", "/shop/x", True),
        ("/shop/", "/shop/x", True),
        ("/shop", "/x", True),
        ("", "/shop/x", False),
        ("/sh", "/shop/x", False),
    ],
)
def test_a_route_is_within_the_application(root: str, path: str, mapped: bool) -> None:
    with Scripted() as server:
        call_asgi(server.url, [part(JSON, False)], root_path=root, path=path)
        assert bool(server.got) is mapped


def call_wsgi(url: str, stream: Any, **environ: Any) -> tuple[Any, list[str]]:
    told: list[str] = []
    found: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.append(environ["wsgi.input"])
        start_response("200 OK", [])
        return []

    with Client(url, "key", timeout_s=5) as client:
        wrapped = wsgi.TocsinMiddleware(app, client, ROUTES, Conduct(body_limit=100))
        whole = {"REQUEST_METHOD": "POST", "PATH_INFO": "/x", "wsgi.input": stream, **environ}
        wrapped(whole, lambda status, headers, *rest: told.append(status))
    return found[0], told


def test_a_chunked_body_within_the_limit_is_read_and_put_back() -> None:
    with Scripted() as server:
        stream, _ = call_wsgi(server.url, io.BytesIO(JSON), **{"wsgi.input_terminated": True})
        assert stream.read() == JSON
        assert server.events[0]["text"] == "t"


def test_a_chunked_body_beyond_the_limit_is_put_back_whole() -> None:
    with Scripted() as server:
        long = bytes(range(256)) * 10
        stream, told = call_wsgi(server.url, io.BytesIO(long), **{"wsgi.input_terminated": True})
        assert (stream.read(7), stream.read()) == (long[:7], long[7:])
        assert told == ["200 OK"]
        untouched = io.BytesIO(long)
        assert call_wsgi(server.url, untouched, CONTENT_LENGTH=str(len(long)))[0] is untouched
        assert server.got == []


@pytest.mark.parametrize("told", ["", "nonsense", "-1", "\u00b2", "9" * 5_000])
def test_a_strange_length_breaks_nothing(told: str) -> None:
    with Scripted() as server:
        assert call_wsgi(server.url, io.BytesIO(JSON), CONTENT_LENGTH=told)[1] == ["200 OK"]


class Broken(io.BytesIO):
    """A connection that breaks after its beginning."""

    def __init__(self) -> None:
        super().__init__(b"{begin")
        self.reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        if self.reads > 1:
            raise ConnectionResetError
        return super().read(size)


def test_a_connection_that_breaks_is_the_applications_to_find() -> None:
    with Scripted() as server:
        stream, told = call_wsgi(server.url, Broken(), CONTENT_LENGTH="50")
        assert told == ["200 OK"]
        assert stream.read(6) == b"{begin"
        with pytest.raises(ConnectionResetError):
            stream.read(1)


@settings(deadline=None)
@given(
    beginning=st.binary(max_size=40),
    rest=st.binary(max_size=40),
    reads=st.lists(st.tuples(st.sampled_from(["read", "readline"]), st.integers(-1, 30) | st.none()), max_size=12),
)
def test_a_body_in_two_pieces_reads_as_one(beginning: bytes, rest: bytes, reads: list[tuple[str, int | None]]) -> None:
    whole, pieces = io.BytesIO(beginning + rest), _Rejoined(beginning, io.BytesIO(rest))
    for name, size in reads:
        assert getattr(pieces, name)(size) == getattr(whole, name)(size)
    assert list(pieces) == list(whole)
    assert pieces.readlines() == []
