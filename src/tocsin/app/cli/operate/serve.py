"""`tocsin serve`: the service on one folder, over HTTP."""

import errno
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn, Protocol

import structlog
import uvicorn

from tocsin.app.cli.operate.banner import make_banner
from tocsin.app.http.asgi import make_asgi
from tocsin.app.http.edge import Edge
from tocsin.app.http.protocol import GuardedProtocol
from tocsin.app.logs import set_up_logs
from tocsin.app.service.service import Companion, Service
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError

KEEP_ALIVE_S = 75
BACKLOG = 2_048
CONNECTIONS = 4_000
log = structlog.get_logger("tocsin.serve")


class Guest(Companion, Protocol):
    """A companion that may end by itself, and the service with it."""

    on_end: Callable[[], None]


def run(settings: Settings, companion: Guest | None = None, *, lang: str = "en") -> int:
    """Serves until it is told to stop, or until its companion has ended.

    Raises:
        TocsinError: the folder is taken, full or damaged, the packs are wrong, or the address cannot be listened on.
    """
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, _leave)
    is_terminal = sys.stderr.isatty()
    set_up_logs(sys.stderr, for_people=is_terminal)
    service = Service(settings)
    has_keys = not service.keys.is_empty
    check_binding(settings, has_keys=has_keys)
    listener = listen(settings.host, settings.port)
    address = address_of(listener)
    if is_terminal:
        print(make_banner(settings, address, Wording(lang), has_keys=has_keys), file=sys.stderr)
    else:
        log.info("listening", address=address, data=str(settings.data.absolute()))
        if not has_keys:
            log.warning("there is no key yet; make one with `tocsin keys new`, it works at once")
    server = make_server(make_asgi(service), settings)
    if companion is not None:
        service.companion = companion
        companion.on_end = lambda: setattr(server, "should_exit", True)
    server.run([listener])
    return 0 if server.started else 1


def _leave(_: int, __: FrameType | None) -> NoReturn:
    """Ends a service that has not begun to serve, and one that has stopped: both are clean ends."""
    sys.exit(0)


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


def listen(host: str, port: int) -> socket.socket:
    """A socket on which nobody is answered yet.

    Raises:
        InputError: the port is taken, or the address is not of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise InputError(f"{host[:80]} is no address of this machine; `host` names one, such as 127.0.0.1") from None
    family, _, _, _, place = found[0]
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(place)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise InputError(_why_not(error, host, port)) from None
    return made


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken by another program; end it, or choose another with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; `host` names one, such as 127.0.0.1"
    if error.errno == errno.EACCES:
        return f"port {port} may not be opened by this user; choose one from 1024 up, and put a proxy in front"
    return f"{host} port {port}: {error.strerror}"


def address_of(listener: socket.socket) -> str:
    """Where the service is reached, with the port that was chosen where any would do."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
