"""Litestar asks Tocsin before a transfer. Run it: TOCSIN_KEY=... python docs/examples/litestar_app.py."""

import os
from typing import Annotated

import uvicorn
from litestar import Litestar, Request, post
from litestar.middleware import DefineMiddleware
from litestar.params import Body
from msgspec import Struct

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


class Transfer(Struct):
    """What a client sends."""

    payee: str
    amount: float


@post("/transfers", status_code=200)
async def transfer(request: Request, data: Annotated[Transfer, Body()]) -> dict[str, object]:
    """Reached only where the outcome is allow or warn."""
    decision = request.state.tocsin
    return {"sent": data.amount, "to": data.payee, "outcome": decision.outcome, "fallback": decision.fallback}


async def close() -> None:
    """Lets go of connections at the end."""
    await tocsin.close()


app = Litestar(
    route_handlers=[transfer],
    middleware=[DefineMiddleware(TocsinMiddleware, client=tocsin, routes=ROUTES)],
    on_shutdown=[close],
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
