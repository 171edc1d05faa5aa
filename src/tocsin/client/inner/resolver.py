"""Names of machines to addresses, without keeping anybody waiting.

Receives a name. Gives its addresses, those known before where they are at hand. The system's own lookup knows no time
limit, so it runs on a thread of its own; never more than one at a time.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable

FRESH_S = 30.0
LookUp = Callable[[str, int], list[str]]


class NameUnknown(Exception):
    """The name has no address, or none was found in time (`late`)."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("no address in time" if late else "no address")
        self.late = late


def look_up(name: str, port: int) -> list[str]:
    """What the system knows of a name.

    Raises:
        OSError: nothing.
    """
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Resolver:
    """The addresses of one service's name."""

    def __init__(self, clock: Callable[[], float], look: LookUp = look_up) -> None:
        self._clock = clock
        self._look = look
        self._lock = threading.RLock()
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._running: threading.Event | None = None

    def find(self, name: str, port: int, within_s: float) -> list[str]:
        """The addresses of a name, old ones rather than none.

        Raises:
            NameUnknown: there is none, or the time was too short.
        """
        if _is_address(name):
            return [name]
        at, known = self._known.get((name, port), (float("-inf"), []))
        if known and self._clock() - at < FRESH_S:
            return known
        done = self._start(name, port)
        if known:
            return known
        late = not done.wait(within_s)
        found = self._known.get((name, port))
        if found is None:
            raise NameUnknown(late=late)
        return found[1]

    def _start(self, name: str, port: int) -> threading.Event:
        with self._lock:
            if self._running is not None:
                return self._running
            done = self._running = threading.Event()
        try:
            threading.Thread(target=self._run, args=(name, port, done), name="tocsin-names", daemon=True).start()
        except RuntimeError:  # the process may start no thread any more
            self._run(name, port, done)
        return done

    def _run(self, name: str, port: int, done: threading.Event) -> None:
        try:
            self._known[name, port] = (self._clock(), self._look(name, port))
        except (OSError, UnicodeError):
            pass
        finally:
            with self._lock:
                self._running = None
            done.set()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
