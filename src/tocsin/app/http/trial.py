"""Test values: what a key for tests is answered.

Receives events of callers with a test key, checked as live ones are. Gives the outcome that the event's own entities ask
for, so that an integrator can try each of them. Never writes, counts or remembers anything: the same event always gets
the same bytes.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from tocsin.app.http.problem import Refusal
from tocsin.app.service.engine import Engine, Ticket
from tocsin.history.journal import Request
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import Decision, FiredRule, RuleId
from tocsin.model.entity import parse_entity
from tocsin.model.errors import NotReady
from tocsin.model.event import Event
from tocsin.model.event_type import COMMON
from tocsin.model.outcome import OUTCOMES, Outcome
from tocsin.rules.catalogue import Catalogue

RULE = RuleId("test-value")
SLOW_S = 2.0
UNREADY, OVERLOADED, SLOW = "test-unready", "test-overloaded", "test-slow"
ASKED = {f"test-{outcome}": outcome for outcome in OUTCOMES} | {SLOW: Outcome.ALLOW}


class TrialDecision(Decision, frozen=True, kw_only=True, gc=False):
    """A decision behind which no rule stands."""

    test: bool


class TrialTicket(Ticket, frozen=True):
    """A decision that is answered late where `slow` is set."""

    slow: bool


class Trial:
    """Stands where the engine stands, for keys of the scope `test`."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._reader = EventReader(catalogue.types)
        self._packs = catalogue.hashes
        self._encode = msgspec.json.Encoder(decimal_format="number").encode
        self._entities = {
            name: tuple(len(COMMON) + place for place, field in enumerate(kind.fields) if field.entity)
            for name, kind in catalogue.types.items()
        }

    def now_us(self) -> int:
        """The service's clock."""
        return self._engine.now_us()

    def check_open(self) -> None:
        """Whether the service takes anything in now; tests are told the same as others.

        Raises:
            HistoryError: as the engine says.
        """
        self._engine.check_open()

    def check_request(self, request: Request) -> None:
        """Nothing is remembered, so that no Idempotency-Key was ever used before."""

    def submit(self, raw: bytes, request: Request | None = None) -> Ticket:  # noqa: ARG002 - as the engine is asked
        """The decision that the event asks for.

        Raises:
            EventError: the event could not be taken in, were it live.
            NotReady: it asks for `test-unready`.
            Refusal: it asks for `test-overloaded`.
        """
        self._reader.now_us = self.now_us()
        event = self._reader.read_json(raw)
        entity, asked = self._asked_by(event)
        if asked == UNREADY:
            raise NotReady("the event asks for this with a test value")
        if asked == OVERLOADED:
            raise Refusal(429, "rate", "the event asks for this with a test value", retry_after_s=1)
        outcome = ASKED.get(asked, Outcome.ALLOW)
        decision = TrialDecision(
            event_id=event.id,
            outcome=outcome,
            score=25.0 * outcome.rank,
            fired=(FiredRule(RULE, {"entity": entity}),) if asked else (),
            shadow=(),
            packs=self._packs,
            took_us=0.0,
            test=True,
        )
        return TrialTicket(self._encode(decision), 0, None, False, asked == SLOW)

    async def wait(self, tickets: Sequence[Ticket]) -> None:
        """Nothing has to reach a disk; only `test-slow` takes its time."""
        if any(isinstance(ticket, TrialTicket) and ticket.slow for ticket in tickets):
            await asyncio.sleep(SLOW_S)

    def _asked_by(self, event: Event) -> tuple[str, str]:
        """The first entity, in the order of the type's fields, that is a test value, and what it asks for."""
        for place in self._entities[event.type]:
            text = event.row[place]
            entity = parse_entity(text) if isinstance(text, str) else None
            if entity is not None and (entity.value in ASKED or entity.value in {UNREADY, OVERLOADED}):
                return entity.ref, entity.value
        return "", ""
