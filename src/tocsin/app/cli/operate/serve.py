"""`tocsin serve`: the service on one folder, over HTTP."""

import ipaddress
import logging
import signal
import sys
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn

from tocsin.app.http.asgi import make_asgi
from tocsin.app.http.edge import Edge
from tocsin.app.http.protocol import GuardedProtocol
from tocsin.app.logs import set_up_logs
from tocsin.app.service.service import Service
from tocsin.app.settings import Settings
from tocsin.model.errors import InputError

KEEP_ALIVE_S = 75
BACKLOG = 2_048
CONNECTIONS = 4_000
log = structlog.get_logger("tocsin.serve")


def run(settings: Settings, prepare: Callable[[Service], None] = lambda _: None) -> int:
    """Serves until it is told to stop; `prepare` may add to the service before it starts."""
    set_up_logs(sys.stderr)
    service = Service(settings)
    check_binding(settings, has_keys=not service.keys.is_empty)
    prepare(service)
    if service.keys.is_empty:
        log.warning("there is no key yet; make one with `tocsin keys new`, it works at once")
    server = make_server(make_asgi(service), settings)
    log.info("listening", address=f"http://{settings.host}:{settings.port}")
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, _stay)  # the server stops by itself, raises the signal once more, and all is done then
    server.run()
    return 0 if server.started else 1


def _stay(_number: int, _frame: FrameType | None) -> None:
    """A signal after the end changes nothing."""


def make_server(app: Edge, settings: Settings) -> uvicorn.Server:
    """The HTTP server around an application."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=GuardedProtocol,
        loop="uvloop",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level=logging.WARNING,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(settings.stop_timeout_s)),
    )
    return uvicorn.Server(config)


def check_binding(settings: Settings, *, has_keys: bool) -> None:
    """Whether the service may listen where it is told to.

    Raises:
        InputError: the address can be reached from elsewhere and there is no key.
    """
    if is_loopback(settings.host) or has_keys:
        return
    raise InputError(
        f"{settings.host} can be reached from other machines and there is no key in force; "
        "make one first with `tocsin keys new NAME --scope decide`"
    )


def is_loopback(host: str) -> bool:
    """Whether an address is of this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("example.org")
    (True, True, False, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
