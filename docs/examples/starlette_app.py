"""Starlette asks Tocsin before a transfer. Run it: TOCSIN_KEY=... python docs/examples/starlette_app.py."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route as Endpoint

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


async def transfer(request: Request) -> JSONResponse:
    """Reached only where the outcome is allow or warn."""
    wanted = await request.json()
    decision = request.state.tocsin
    told = {"outcome": decision.outcome, "fallback": decision.fallback}
    return JSONResponse({"sent": wanted["amount"], "to": wanted["payee"], **told})


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Lets go of connections at the end."""
    yield
    await tocsin.close()


app = Starlette(
    routes=[Endpoint("/transfers", transfer, methods=["POST"])],
    middleware=[Middleware(TocsinMiddleware, client=tocsin, routes=ROUTES)],
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
