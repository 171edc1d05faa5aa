"""What both kinds of middleware promise: the same events, the same answers, bodies as they came."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.servers.live import free_port
from tests.servers.scripted import Scripted, decides, hangs, problem
from tocsin.client import asgi, wsgi
from tocsin.client.client import AsyncClient, Client
from tocsin.client.decision import Decision
from tocsin.client.mapping import (
    Conduct,
    Reply,
    Route,
    Seen,
    body,
    call,
    client_ip,
    cookie,
    header,
    path,
    query,
)
from tocsin.client.options import Options
from tocsin.model.outcome import Outcome

TRANSFER = Route(
    "POST",
    "/transfers",
    "payment.transfer",
    {
        "sender": header("X-Account", prefix="account:"),
        "payee": body("to.account", prefix="account:"),
        "amount": body("amount"),
        "device": cookie("device", prefix="device:"),
        "ip": client_ip(),
        "channel": query("channel"),
        "payee_age_days": query("age", read=int),
        "purpose": call(lambda seen: seen.headers.get("user-agent")),
        "home.country": header("x-country"),
    },
)
JOIN = Route(
    "POST",
    "/groups/{group}/members/{account}",
    "group.join",
    {"group": path("group", prefix="group:"), "account": path("account", prefix="account:")},
)
OPEN = Route("GET", "/links/{link}", "link.open", {"url": path("link")}, decide=False)
ROUTES = [TRANSFER, JOIN, OPEN]
BODY = {"to": {"account": "2"}, "amount": 12.5}


class App:
    """An application that tells what it was given, wrapped in the middleware."""

    def __init__(self, kind: str, url: str, routes: list[Route], conduct: Conduct, **given: Any) -> None:
        self.kind = kind
        self.bodies: list[bytes] = []
        self.decisions: list[Decision | None] = []
        given = {"timeout_s": 10.0, **given}
        if kind == "wsgi":
            self.client: Any = Client(url, "key", **given)
            self.app: Any = wsgi.TocsinMiddleware(self.wsgi, self.client, routes, conduct)
        else:
            self.runner = asyncio.Runner()
            self.client = AsyncClient(url, "key", **given)
            self.app = asgi.TocsinMiddleware(self.asgi, self.client, routes, conduct)

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.bodies.append(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or -1)))
        self.decisions.append(environ.get("tocsin.decision"))
        start_response("201 Created", [("x-app", "yes"), ("content-type", "text/plain")])
        return [b"done"]

    async def asgi(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        whole = b""
        more = True
        while more:
            message = await receive()
            whole += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(whole)
        self.decisions.append(scope.get("tocsin.decision"))
        if "tocsin.decision" in scope:
            assert scope["state"]["tocsin"] is scope["tocsin.decision"]
        headers = [(b"x-app", b"yes"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"done"})

    def request(self, method: str, target: str, **given: Any) -> httpx.Response:
        peer = given.pop("peer", "198.51.100.7")
        if self.kind == "wsgi":
            if isinstance(given.get("content"), list):
                given["content"] = b"".join(given["content"])
            with httpx.Client(
                transport=httpx.WSGITransport(self.app, remote_addr=peer), base_url="http://shop"
            ) as http:
                return http.request(method, target, **given)

        async def run() -> httpx.Response:
            if isinstance(given.get("content"), list):
                given["content"] = parts(given["content"])
            transport = httpx.ASGITransport(self.app, client=(peer, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
                return await http.request(method, target, **given)

        return self.runner.run(run())

    def close(self) -> None:
        if self.kind == "wsgi":
            self.client.close(5)
            return

        async def run() -> None:
            await self.client.close(5)

        self.runner.run(run())
        self.runner.close()


async def parts(pieces: list[bytes]) -> Any:
    for piece in pieces:
        yield piece


Make = Callable[..., App]


@pytest.fixture(params=["asgi", "wsgi"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[App] = []

    def make_app(url: str, routes: list[Route] = ROUTES, conduct: Conduct = Conduct(), **given: Any) -> App:  # noqa: B008
        made.append(App(request.param, url, routes, conduct, **given))
        return made[-1]

    yield make_app
    for app in made:
        app.close()


def test_a_mapped_request_becomes_its_event_and_goes_on_as_it_came(make: Make) -> None:
    with Scripted() as server:
        app = make(server.url)
        sent = json.dumps(BODY).encode()
        answer = app.request(
            "POST",
            "/transfers?channel=web&age=30",
            content=sent,
            headers={"X-Account": "1", "cookie": "a=b; device=d-1", "user-agent": "tests", "X-Country": "CN"},
        )
        assert (answer.status_code, answer.text, answer.headers["x-app"]) == (201, "done", "yes")
        assert "tocsin-outcome" not in answer.headers
        event = server.events[0]
    assert app.bodies == [sent]
    assert event == {
        "type": "payment.transfer",
        "sender": "account:1",
        "payee": "account:2",
        "amount": 12.5,
        "device": "device:d-1",
        "ip": "ip:198.51.100.7",
        "channel": "web",
        "payee_age_days": 30,
        "purpose": "tests",
        "home": {"country": "CN"},
        "id": event["id"],
        "time": event["time"],
    }
    assert app.decisions[0] is not None
    assert app.decisions[0].event_id == event["id"]


def test_what_is_not_there_is_left_out_and_forms_are_read_too(make: Make) -> None:
    route = Route(
        "POST",
        "/pay",
        "payment.transfer",
        {
            "payee": body("payee", prefix="account:"),
            "amount": body("amount", read=Decimal),
            "x": body("x"),
            "device": cookie("d"),
        },
    )
    with Scripted() as server:
        app = make(server.url, [route])
        app.request("POST", "/pay", data={"payee": "ü 2", "amount": "12345678901.1234", "x": ""})
        assert set(server.events[0]) == {"type", "payee", "amount", "id", "time"}
        assert server.events[0]["payee"] == "account:ü 2"
        assert b'"amount":12345678901.1234' in server.got[0].body


def test_exact_numbers_of_a_json_body_stay_exact(make: Make) -> None:
    with Scripted() as server:
        app = make(server.url)
        app.request("POST", "/transfers", content=b'{"to": {"account": "2"}, "amount": 99999999999999.9999}')
        assert b'"amount":99999999999999.9999' in server.got[0].body


def test_parts_of_a_path_are_fields(make: Make) -> None:
    with Scripted() as server:
        app = make(server.url)
        app.request("POST", "/groups/g%20%E7%BE%A4/members/9")
        assert (server.events[0]["group"], server.events[0]["account"]) == ("group:g 群", "account:9")


@pytest.mark.parametrize("target", ["/transfers", "/transfers/", "/transfers//"])
def test_a_slash_at_the_end_does_not_lead_past(make: Make, target: str) -> None:
    with Scripted(otherwise=decides("block")) as server:
        assert make(server.url).request("POST", target, json=BODY).status_code == 403


def test_a_head_request_is_mapped_as_the_get_that_it_stands_for(make: Make) -> None:
    route = Route("GET", "/vault", "link.open", {"url": query("u")})
    with Scripted(otherwise=decides("block")) as server:
        app = make(server.url, [route])
        assert [app.request(method, "/vault").status_code for method in ("GET", "HEAD", "POST")] == [403, 403, 201]


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/transfers"), ("POST", "/other"), ("POST", "/groups/1/members"), ("PUT", "/transfers")],
)
def test_other_requests_go_straight_through(make: Make, method: str, target: str) -> None:
    app = make(f"http://127.0.0.1:{free_port()}")
    answer = app.request(method, target, content=b"untouched")
    assert (answer.status_code, app.bodies, app.decisions) == (201, [b"untouched"], [None])
    assert app.client.stats.fallbacks == 0


def test_warned_passes_with_the_decision_at_hand(make: Make) -> None:
    with Scripted(otherwise=decides("warn", fired=[{"rule": "r"}])) as server:
        app = make(server.url)
        answer = app.request("POST", "/transfers", json=BODY)
        assert (answer.status_code, answer.headers["tocsin-outcome"], answer.headers["x-app"]) == (201, "warn", "yes")
        assert app.decisions[0] is not None
        assert (app.decisions[0].outcome, app.decisions[0].fired[0].rule) == ("warn", "r")


@pytest.mark.parametrize("outcome", ["challenge", "hold", "block"])
def test_stopped_is_answered_with_a_problem_that_gives_nothing_away(make: Make, outcome: str) -> None:
    with Scripted(otherwise=decides(outcome, fired=[{"rule": "secret-rule", "values": {}}])) as server:
        app = make(server.url)
        answer = app.request("POST", "/transfers", json=BODY)
        chinese = app.request("POST", "/transfers", json=BODY, headers={"accept-language": "zh-CN,en"})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.headers["tocsin-outcome"] == outcome
    problem = answer.json()
    assert (problem["code"], problem["status"], problem["event_id"]) == (outcome, 403, server.events[0]["id"])
    assert "secret-rule" not in answer.text
    assert chinese.json()["title"] != problem["title"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese.json()["title"])
    assert app.bodies == []


def test_answers_and_what_passes_can_be_chosen(make: Make) -> None:
    def ask_again(decision: Decision, seen: Seen) -> Reply:
        return Reply(
            428, f"{decision.outcome} {seen.path}".encode(), (("content-type", "text/plain"), ("x-step", "up"))
        )

    conduct = Conduct(
        answers={Outcome.CHALLENGE: ask_again}, pass_on=frozenset({Outcome.ALLOW, Outcome.HOLD}), outcome_header=""
    )
    with Scripted(decides("challenge"), decides("hold"), decides("warn")) as server:
        app = make(server.url, conduct=conduct)
        challenged, held, warned = (app.request("POST", "/transfers", json=BODY) for _ in range(3))
    assert (challenged.status_code, challenged.text, challenged.headers["x-step"]) == (
        428,
        "challenge /transfers",
        "up",
    )
    assert held.status_code == 201
    assert warned.status_code == 403
    assert "tocsin-outcome" not in challenged.headers
    assert app.decisions[0] is not None
    assert app.decisions[0].outcome == "hold"


def broken(*_: object) -> Any:
    raise KeyError("a fault of the integrator's")


@pytest.mark.parametrize(
    "answer",
    [
        broken,
        lambda d, s: None,
        lambda d, s: Reply(403, "text"),
        lambda d, s: Reply(99, b""),
        lambda d, s: Reply(403, b"", (("x", "a\r\nb: c"),)),
        lambda d, s: Reply(403, b"", (("x", "群"),)),
    ],
    ids=range(6),
)
def test_an_answer_that_fails_still_stops_the_request(make: Make, answer: Any) -> None:
    with Scripted(otherwise=decides("block")) as server:
        app = make(server.url, conduct=Conduct(answers={Outcome.BLOCK: answer}))
        assert app.request("POST", "/transfers", json=BODY).json()["code"] == "block"


def with_source(source: Any) -> list[Route]:
    return [Route("POST", "/x", "message.send", {"text": source})]


def test_a_source_that_fails_never_breaks_the_host(make: Make) -> None:
    with Scripted() as server:
        for source in (
            call(broken),
            query("n", read=int),
            call(lambda seen: object()),
            query("n", prefix="a:", read=float),
        ):
            app = make(server.url, with_source(source), options=Options(on_rejected="hold"))
            answer = app.request("POST", "/x?n=nonsense")
            assert (answer.status_code, answer.headers["tocsin-outcome"]) == (403, "hold")
            assert app.client.stats.rejected == 1
            lenient = make(server.url, with_source(source))
            assert lenient.request("POST", "/x?n=nonsense").status_code == 201
        assert server.got == []


def test_a_name_that_is_given_twice_is_not_guessed(make: Make) -> None:
    form = [Route("POST", "/x", "message.send", {"text": body("t")})]
    with Scripted() as server:
        options = Options(on_rejected="block")
        assert (
            make(server.url, with_source(query("q")), options=options).request("POST", "/x?q=a&q=b").status_code == 403
        )
        assert (
            make(server.url, with_source(query("q")), options=options).request("POST", "/x?q=a&q=a").status_code == 201
        )
        assert (
            make(server.url, form, options=options)
            .request(
                "POST", "/x", content=b"t=good&t=bad", headers={"content-type": "application/x-www-form-urlencoded"}
            )
            .status_code
            == 403
        )
        assert (
            make(server.url, with_source(cookie("c")), options=options)
            .request("POST", "/x", headers={"cookie": "c=1; c=2"})
            .status_code
            == 403
        )


UNREAD: list[tuple[bytes, Mapping[str, str]]] = [
    (b"{" + b" " * 70_000 + b"}", {}),
    (b"{not json", {}),
    (b"\xff\xfe{\x00}\x00", {}),
    (b"[" * 5_000, {}),
    (b'{"text": NaN}', {}),
    (b"packed", {"content-encoding": "gzip"}),
    (
        b"--b\r\ncontent-disposition: form-data; name=text\r\n\r\nx\r\n--b--\r\n",
        {"content-type": "multipart/form-data; boundary=b"},
    ),
    (b"&".join(b"a%d=1" % n for n in range(2_000)), {"content-type": "application/x-www-form-urlencoded"}),
]


@pytest.mark.parametrize(("sent", "headers"), UNREAD, ids=range(len(UNREAD)))
def test_a_body_that_is_not_read_goes_on_untouched_or_is_stopped_as_chosen(
    make: Make, sent: bytes, headers: Mapping[str, str]
) -> None:
    routes = [Route("POST", "/x", "message.send", {"text": body("text")})]
    with Scripted() as server:
        app = make(server.url, routes)
        assert app.request("POST", "/x", content=sent, headers=headers).status_code == 201
        assert app.bodies == [sent]
        assert app.decisions[0] is not None
        assert (app.decisions[0].fallback, app.decisions[0].cause[:5]) == (True, "body_")
        strict = make(server.url, routes, options=Options(on_rejected={"message.send": "block"}))
        assert strict.request("POST", "/x", content=sent, headers=headers).status_code == 403
        assert strict.bodies == []
        assert server.got == []


def test_json_is_read_whatever_it_is_called_as_applications_do(make: Make) -> None:
    routes = [Route("POST", "/x", "message.send", {"text": body("text")})]
    with Scripted() as server:
        app = make(server.url, routes)
        for kind in ("application/json; charset=utf-8", "application/vnd.api+json", "text/plain", "", "nonsense"):
            app.request("POST", "/x", content=b'{"text": "t"}', headers={"content-type": kind})
        assert [each["text"] for each in server.events] == ["t"] * 5


@pytest.mark.parametrize("sent", [b"", b"[]", b"5", b'"text"', b"null", b'{"text": null}', b'{"text": ""}'])
def test_a_body_without_the_field_leaves_it_out(make: Make, sent: bytes) -> None:
    routes = [Route("POST", "/x", "message.send", {"text": body("text.deep"), "more": body("text")})]
    with Scripted() as server:
        make(server.url, routes).request("POST", "/x", content=sent)
        assert set(server.events[0]) == {"type", "id", "time"}


def test_behind_trusted_proxies_the_device_counts_and_nothing_that_it_says_itself(make: Make) -> None:
    routes = with_source(client_ip(prefix=""))
    proxies = ("10.0.0.0/8", "2001:db8::/32")
    cases = [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9:4711, [2001:db8::7]:443", "203.0.113.9"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "unknown, 10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
    ]
    with Scripted() as server:
        app = make(server.url, routes, conduct=Conduct(trusted_proxies=proxies))
        for peer, forwarded, _ in cases:
            app.request("POST", "/x", peer=peer, headers={"x-forwarded-for": forwarded} if forwarded else {})
        assert [each["text"] for each in server.events] == [expected for _, _, expected in cases]


def test_events_that_need_no_answer_are_sent_and_hold_nothing_up(make: Make) -> None:
    with Scripted(otherwise=decides("block")) as server:
        app = make(server.url)
        assert app.request("GET", "/links/abc").status_code == 201
        if app.kind == "wsgi":
            assert app.client.flush()
        else:
            app.runner.run(flushed(app.client))
        assert [(each["type"], each["url"]) for each in server.events] == [("link.open", "abc")]
    broken_route = [Route("GET", "/links/{link}", "link.open", {"url": call(broken)}, decide=False)]
    for options in (Options(), Options(on_rejected="raise")):
        failing = make(f"http://127.0.0.1:{free_port()}", broken_route, options=options)
        assert failing.request("GET", "/links/abc").status_code == 201
        assert failing.client.stats.rejected == 1


async def flushed(client: AsyncClient) -> None:
    assert await client.flush()


@pytest.mark.parametrize(
    "act", [hangs, problem(503, "not_ready"), problem(429, "rate", retry_after="5")], ids=["hangs", "503", "429"]
)
def test_when_tocsin_does_not_answer_the_chosen_outcome_holds(make: Make, act: Any) -> None:
    policy = {"payment.transfer": "challenge", "group.join": "raise"}
    with Scripted(otherwise=act) as server:
        app = make(server.url, timeout_s=0.15, on_failure=policy)
        answer = app.request("POST", "/transfers", json=BODY)
        assert (answer.status_code, answer.json()["code"]) == (403, "challenge")
        undecided = app.request("POST", "/groups/1/members/2")
        assert (undecided.status_code, undecided.json()["code"], undecided.headers["retry-after"]) == (
            503,
            "undecided",
            "1",
        )
        lenient = make(server.url, timeout_s=0.15)
        assert lenient.request("POST", "/transfers", json=BODY).status_code == 201
        assert lenient.decisions[0] is not None
        assert lenient.decisions[0].fallback


@pytest.mark.parametrize("kind", [asgi, wsgi])
def test_wrong_set_up_is_told_at_once(kind: Any) -> None:
    right, wrong = (AsyncClient, Client) if kind is asgi else (Client, AsyncClient)
    client = right("http://127.0.0.1:1", "key")
    with pytest.raises(TypeError, match="Client"):
        kind.TocsinMiddleware(None, wrong("http://127.0.0.1:1", "key"), ROUTES)
    for routes in ([TRANSFER, TRANSFER], [Route("POST", "/a/{b c}", "t", {})], [Route("POST", "/a/{b", "t", {})]):
        with pytest.raises(ValueError, match="/"):
            kind.TocsinMiddleware(None, client, routes)
    with pytest.raises(ValueError, match="nonsense"):
        kind.TocsinMiddleware(None, client, ROUTES, Conduct(trusted_proxies=("nonsense",)))


@pytest.mark.parametrize("fields", [{"id": header("idempotency-key")}, {"time": body("time")}, {"type": query("t")}])
def test_callers_can_choose_neither_an_events_id_nor_its_time_nor_its_type(fields: Any) -> None:
    with pytest.raises(ValueError, match="comes from"):
        Route("POST", "/x", "t", fields)
    assert Route("POST", "/x", "t", {"id": call(lambda seen: "mine")}).fields


@pytest.mark.parametrize(("method", "path_"), [("post", "/x"), ("POST", "x")])
def test_a_route_is_a_method_and_a_path(method: str, path_: str) -> None:
    with pytest.raises(ValueError, match="route"):
        Route(method, path_, "t", {})
