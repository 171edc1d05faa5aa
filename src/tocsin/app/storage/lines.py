"""The open connections to a server.

Receives an engine. Gives the power to cut them all: a thread that waits in one for an answer goes on with an error. Never
opens any.
"""

import contextlib
import os
import socket
import weakref
from typing import Any

from sqlalchemy import Engine, event


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
