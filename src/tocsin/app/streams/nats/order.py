"""The order of a stream, whatever a crash does to its deliveries.

Receives the numbers of each delivery. Gives what must be read before it may be handed on. A message that was delivered
to nobody, because the consumer or the server was killed, comes again only when the server has waited for it, and by then
later ones have passed it. So a delivery that does not follow the one before makes the consumer read what lies between
from the stream itself. Never reads anything by itself.
"""

from nats.js.api import ConsumerInfo


class Order:
    """How far the stream was handed on, and what lies behind: everything up to `behind` that is after `place`."""

    def __init__(self, info: ConsumerInfo) -> None:
        delivered, acknowledged = info.delivered, info.ack_floor
        assert delivered is not None
        assert acknowledged is not None
        has_left = bool(info.num_ack_pending)
        self.place = acknowledged.stream_seq if has_left else delivered.stream_seq
        self.behind = delivered.stream_seq if has_left else 0
        self._delivery = delivered.consumer_seq

    def follows(self, number: int, delivery: int) -> bool:
        """Whether a message may be handed on now; where not, `behind` says what comes before it, and it is asked again."""
        if number > self.place + 1 and delivery != self._delivery + 1:
            self.behind = number - 1
            self._delivery = delivery - 1
            return False
        self._delivery = delivery
        self.place = max(self.place, number)
        return True

    def read_to(self, number: int) -> None:
        """Everything up to a number has been read from the stream."""
        self.place = max(self.place, number)
        if self.place >= self.behind:
            self.behind = 0
