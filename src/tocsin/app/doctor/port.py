"""The port: free, ours, or somebody else's."""

import http.client
import json
import socket
from collections.abc import Iterator

from tocsin.app.doctor.finding import Finding, Subject, fault, ok
from tocsin.history.ownership import is_owned, read_owner

LIMIT_S = 3.0


def check_port(subject: Subject) -> Iterator[Finding]:
    """Whether the service can listen, or does already."""
    say = subject.wording.say
    host, port, folder = subject.settings.host, subject.settings.port, subject.settings.data
    running = is_owned(folder)
    if running:
        yield ok(say("The service runs on this folder (process {number})", number=read_owner(folder) or "?"))
    if port == 0 or is_free(host, port):
        if not running:
            yield ok(say("Port {port} on {host} is free", port=port, host=host))
        elif port != 0:
            text = say("The service runs, and does not listen on port {port} of {host}", port=port, host=host)
            yield ok(text)
        return
    if running and is_tocsin(host, port):
        yield ok(say("Port {port} on {host} is the service's", port=port, host=host))
        return
    yield fault(
        say(
            "Port {port} on {host} is taken by another program, or is no address of this machine", port=port, host=host
        ),
        say("End that program, or choose another in `port` and `host`."),
    )


def is_free(host: str, port: int) -> bool:
    """Whether one could listen there now."""
    try:
        family, kind, number, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
    except (OSError, UnicodeError):
        return False
    return True


def is_tocsin(host: str, port: int) -> bool:
    """Whether what listens there answers as Tocsin does."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - to ask, not to listen
    connection = http.client.HTTPConnection(reached, port, timeout=LIMIT_S)
    try:
        connection.request("GET", "/health/live")
        answer = json.loads(connection.getresponse().read(1_000))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(answer, dict) and answer.get("alive") is True
