"""What both clients share: their settings, and everything that does not wait.

Receives an address, a key and settings. Gives them checked, and the parts that are made of them.
"""

from collections.abc import Mapping

import httpx

from tocsin.client.decision import Decision
from tocsin.client.errors import Refused, TocsinClientError
from tocsin.client.inner.event import id_of, type_of, write_event
from tocsin.client.inner.house import Houses
from tocsin.client.options import DECIDE, OnFailure, Options, Policy, Setup, check_key, check_options, check_url
from tocsin.client.stats import Stats

DEFAULTS = Options()


class Caller:
    """A client that cannot ask yet."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_s: float = 0.25,
        on_failure: OnFailure = "allow",
        options: Options = DEFAULTS,
    ) -> None:
        """Checks the settings; nothing is sent yet.

        `timeout_s` is what one call of `decide` may take, with everything that it tries. `on_failure` is the outcome that
        is given when there is no answer in that time, or `raise`; one for all event types, or one by type.

        Raises:
            ValueError: a setting is not what it can be.
        """
        check_options(options, timeout_s)
        urls = check_url(url)
        context = options.ssl_context
        if context is None and urls[DECIDE].scheme == "https":
            context = httpx.create_ssl_context()
        on_rejected = on_failure if options.on_rejected is None else options.on_rejected
        headers = [
            (b"host", urls[DECIDE].netloc),
            (b"authorization", b"Bearer " + check_key(key).encode()),
            (b"content-type", b"application/json"),
            (b"accept-encoding", b"identity"),
            (b"user-agent", b"tocsin-client"),
        ]
        self._setup = Setup(
            urls=urls,
            headers=headers,
            timeout_s=timeout_s,
            on_failure=Policy(on_failure),
            on_rejected=Policy(on_rejected),
            options=options,
            ssl_context=context,
        )
        self._houses = Houses(self._setup)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._setup.urls[DECIDE].host!r})"

    @property
    def stats(self) -> Stats:
        """What this client has done so far, in this process."""
        return self._houses.here().stats()

    def send(self, event: Mapping[str, object]) -> bool:
        """Puts an event into the outbox: no answer is wanted and nobody waits. Whether it was taken in.

        Raises:
            TocsinClientError: it cannot be written as JSON, and its type is set to `raise`.
        """
        house = self._houses.here()
        event_id = id_of(event)
        try:
            written = write_event(event, event_id, self._setup.options.timing.wall())
        except Refused as error:
            house.talker.miss(error)
            if self._setup.on_rejected.outcome(type_of(event)) is None:
                raise
            return False
        house.outbox.put(written.raw)
        return True

    def fall_back(self, error: TocsinClientError, event: Mapping[str, object]) -> Decision:
        """The decision that was chosen for when there is none; for middleware that could not even ask.

        Raises:
            TocsinClientError: the event's type is set to `raise`.
        """
        return self._houses.here().talker.fall_back(error, type_of(event), id_of(event))

    def miss(self, error: TocsinClientError) -> None:
        """Counts and logs an event that could not be made; for middleware that wants no answer."""
        self._houses.here().talker.miss(error)

    def _check(self, timeout_s: float) -> None:
        self._houses.here().post(b"[]", False, timeout_s)
