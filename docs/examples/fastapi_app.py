"""FastAPI asks Tocsin before a transfer. Run it: TOCSIN_KEY=... python docs/examples/fastapi_app.py."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

from tocsin.client.asgi import TocsinMiddleware
from tocsin.client.client import AsyncClient
from tocsin.client.mapping import Route, body, client_ip, header

tocsin = AsyncClient(os.environ.get("TOCSIN_URL", "http://127.0.0.1:8790"), os.environ["TOCSIN_KEY"])
ROUTES = [
    Route(
        "POST",
        "/transfers",
        "payment.transfer",
        {
            "sender": header("x-account", prefix="account:"),  # your own proxy sets it
            "payee": body("payee", prefix="account:"),
            "amount": body("amount"),
            "ip": client_ip(),
        },
    )
]


class Transfer(BaseModel):
    """What a client sends."""

    payee: str
    amount: float


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Lets go of connections at the end."""
    yield
    await tocsin.close()


app = FastAPI(lifespan=lifespan)
app.add_middleware(TocsinMiddleware, client=tocsin, routes=ROUTES)


@app.post("/transfers")
async def transfer(request: Request, wanted: Transfer) -> dict[str, object]:
    """Reached only where the outcome is allow or warn."""
    decision = request.state.tocsin
    return {"sent": wanted.amount, "to": wanted.payee, "outcome": decision.outcome, "fallback": decision.fallback}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
