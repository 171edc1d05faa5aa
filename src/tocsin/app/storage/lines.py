"""The open connections to a server.

Receives an engine. Gives the power to cut them all: a thread that waits in one for an answer goes on with an error. Asks
those that lay idle whether they still stand, before they are used again. Never opens any.
"""

import contextlib
import math
import os
import socket
import time
import weakref
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

IDLE_S = 1.0
SINCE = "idle_since"


class Lines:
    """Every connection that an engine has open."""

    def __init__(self, engine: Engine) -> None:
        self._open: weakref.WeakSet[Any] = weakref.WeakSet()
        self._errors = (OSError, engine.dialect.loaded_dbapi.Error)
        event.listen(engine, "connect", self._opened)

    def cut(self) -> None:
        """Ends them at the socket, which may be done while another thread waits in one."""
        for line in list(self._open):
            with contextlib.suppress(*self._errors), socket.socket(fileno=os.dup(line.fileno())) as own:
                own.shutdown(socket.SHUT_RDWR)

    def _opened(self, line: Any, _: object) -> None:
        self._open.add(line)


def ping_idle(engine: Engine) -> None:
    """Connections of the pool are asked before they are given out, but only those that nobody has used for a while: a busy
    one has just been answered, and a question more at each use is dear.
    """
    dialect = engine.dialect

    def given_back(_: object, record: Any) -> None:
        record.info[SINCE] = time.monotonic()

    def given_out(line: Any, record: Any, _: object) -> None:
        if time.monotonic() - record.info.get(SINCE, math.inf) < IDLE_S:
            return
        try:
            dialect.do_ping(line)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError(str(error)) from error

    event.listen(engine, "checkin", given_back)
    event.listen(engine, "checkout", given_out)
