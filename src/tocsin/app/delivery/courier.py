"""Carries messages out.

Receives what is due. Gives each to its endpoint, signed as Standard Webhooks says, and writes down what came of it. One
courier in a process; several processes on one database do not get into each other's way.
"""

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec
import structlog
from standardwebhooks import Webhook

from tocsin import __version__
from tocsin.app.delivery.endpoint import Seal
from tocsin.app.delivery.guard import find_target
from tocsin.app.delivery.outbox import AT_ONCE, Outcome, Parcel, fan_out, record_outcome, take_due
from tocsin.app.delivery.schedule import read_retry_after
from tocsin.app.storage.records import Records
from tocsin.model.errors import TocsinError
from tocsin.model.window import SECOND_US
from tocsin.records.errors import AddressWrong

TICK_S = 0.5
TIMEOUT_S = 15.0
ANSWER_LIMIT = 65_536
SIDE_BY_SIDE = 16

log = structlog.get_logger("tocsin.courier")


class Courier:
    """Runs until it is cancelled. `unseal` opens an endpoint's secrets."""

    def __init__(self, records: Records, unseal: Seal, clock: Callable[[], int]) -> None:
        self._records = records
        self._unseal = unseal
        self._clock = clock
        self._draw = random.Random()  # noqa: S311 - jitter is no secret

    async def run(self) -> None:
        """Delivers what is due, again and again."""
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT_S) as client:
            while True:
                try:
                    busy = await self.turn(client)
                except TocsinError as error:
                    log.warning("nothing can be delivered now", error=str(error))
                    busy = False
                if not busy:
                    await asyncio.sleep(TICK_S)

    async def turn(self, client: httpx.AsyncClient) -> bool:
        """One turn: new messages are given out, and what is due is sent. True where there may be more at once."""
        looked = await asyncio.to_thread(self._fan_out)
        parcels = await asyncio.to_thread(self._take)
        outcomes = await asyncio.gather(*(self._send(client, parcel) for parcel in parcels))
        if parcels:
            await asyncio.to_thread(self._record, parcels, outcomes)
        return bool(parcels) or looked >= AT_ONCE

    async def _send(self, client: httpx.AsyncClient, parcel: Parcel) -> Outcome:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                outcome = await self._post(client, parcel)
        except (TimeoutError, httpx.TimeoutException):
            outcome = Outcome(status=0, error=f"no answer within {TIMEOUT_S:g} s")
        except (httpx.HTTPError, OSError, AddressWrong) as error:
            outcome = Outcome(status=0, error=str(error) or type(error).__name__)
        return msgspec.structs.replace(outcome, took_ms=round(1_000 * (time.perf_counter() - began)))

    async def _post(self, client: httpx.AsyncClient, parcel: Parcel) -> Outcome:
        target = await find_target(parcel.url, internal=parcel.internal)
        now = self._clock()
        body = _body(parcel)
        at = datetime.fromtimestamp(now // SECOND_US, UTC)
        secrets = msgspec.json.decode(self._unseal(parcel.secrets, f"endpoint:{parcel.endpoint}"), type=list[str])
        headers = {
            "host": target.authority,
            "content-type": "application/json",
            "user-agent": f"tocsin/{__version__}",
            "webhook-id": parcel.message_id,
            "webhook-timestamp": str(now // SECOND_US),
            "webhook-signature": " ".join(Webhook(each).sign(parcel.message_id, at, body) for each in secrets),
        }
        request = client.build_request(
            "POST", target.url, content=body, headers=headers, extensions={"sni_hostname": target.host}
        )
        answer = await client.send(request, stream=True)
        try:
            seen = 0
            async for piece in answer.aiter_raw():
                seen += len(piece)
                if seen > ANSWER_LIMIT:
                    break
        finally:
            await answer.aclose()
        asked = read_retry_after(answer.headers.get("retry-after", ""), now)
        error = "" if 200 <= answer.status_code < 300 else f"answered {answer.status_code}"
        return Outcome(status=answer.status_code, error=error, retry_after_s=asked)

    def _fan_out(self) -> int:
        with self._records.change() as session:
            return fan_out(session, self._clock())

    def _take(self) -> list[Parcel]:
        with self._records.change() as session:
            return take_due(session, self._clock(), SIDE_BY_SIDE)

    def _record(self, parcels: list[Parcel], outcomes: list[Outcome]) -> None:
        with self._records.change() as session:
            for parcel, outcome in zip(parcels, outcomes, strict=True):
                record_outcome(session, parcel, outcome, self._clock(), self._draw)


def _body(parcel: Parcel) -> str:
    data = msgspec.Raw(parcel.body.encode() or b"{}")
    at = datetime.fromtimestamp(parcel.at / SECOND_US, UTC).isoformat()
    return msgspec.json.encode({"type": parcel.type, "timestamp": at, "data": data}).decode()
