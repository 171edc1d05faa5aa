"""Everything that the client raises on purpose, as one tree.

TocsinClientError
├── Unanswered               no answer could be had in time; the same event may be asked again
│   ├── Unreachable              no connection, or it broke
│   ├── TimedOut                 the time budget was spent
│   ├── Unready                  the service says that it cannot now, or fails (5xx)
│   ├── Overloaded               more was asked than this key may (429)
│   ├── NotUnderstood            an answer that is none of Tocsin's
│   └── CircuitOpen              not asked at all: it failed too often just before
└── Refused                  the same again will be refused again
    ├── EventNotWritable         the event cannot be written as JSON
    ├── EventRejected            the service names what is wrong with the event
    ├── RequestUnreadable        the middleware could not make an event of the web request
    └── KeyRefused               no key in force, or one that may not do this
"""

from msgspec import Struct


class Fault(Struct, frozen=True):
    """What went wrong. `code` is stable and for programs; `field` names the field of the event that is at fault.

    `status` is the HTTP status where there was an answer, `request_id` names the request in the service's log.
    """

    code: str
    detail: str
    field: str = ""
    status: int = 0
    request_id: str = ""
    retry_after_s: float = 0.0


class TocsinClientError(Exception):
    """The root: whatever the client raises on purpose is one of these."""

    def __init__(self, fault: Fault) -> None:
        place = f"{fault.field}: " if fault.field else ""
        trail = f" [{fault.code}{', request ' + fault.request_id if fault.request_id else ''}]"
        super().__init__(place + fault.detail + trail)
        self.fault = fault

    @property
    def code(self) -> str:
        """The stable name of what went wrong."""
        return self.fault.code

    @property
    def field(self) -> str:
        """The field of the event that is at fault; empty where it is the whole."""
        return self.fault.field

    @property
    def detail(self) -> str:
        """What went wrong, for people who develop."""
        return self.fault.detail

    @property
    def request_id(self) -> str:
        """The request's name in the service's log; empty where there was no answer."""
        return self.fault.request_id

    @property
    def retry_after_s(self) -> float:
        """Seconds after which the service wants to be asked again; 0 where it does not say."""
        return self.fault.retry_after_s


class Unanswered(TocsinClientError):
    """No answer could be had in time. The same event may be asked again: its id makes sure that it counts once."""


class Unreachable(Unanswered):
    """No connection, or it broke."""


class TimedOut(Unanswered):
    """The time budget was spent."""


class Unready(Unanswered):
    """The service says that it cannot now, or fails."""


class Overloaded(Unanswered):
    """More was asked than this key may."""


class NotUnderstood(Unanswered):
    """An answer that is none of Tocsin's: a proxy's page, or another service behind this address."""


class CircuitOpen(Unanswered):
    """Not asked at all, because it failed too often just before."""


class Refused(TocsinClientError):
    """The same again will be refused again; somebody must mend the program."""


class EventNotWritable(Refused):
    """The event cannot be written as JSON."""


class EventRejected(Refused):
    """The service names what is wrong with the event."""


class RequestUnreadable(Refused):
    """The middleware could not make an event of the web request."""


class KeyRefused(Refused):
    """No key in force, or one that may not do this."""
