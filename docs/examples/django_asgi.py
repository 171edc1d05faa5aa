"""Django over ASGI asks Tocsin before a transfer. Run it: TOCSIN_KEY=... python docs/examples/django_asgi.py."""

import json
import os

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tocsin.client.asgi import TocsinMiddleware
from tocsin.client.client import AsyncClient
from tocsin.client.mapping import Route, body, client_ip, header

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"])
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


@csrf_exempt
async def transfer(request: ASGIRequest) -> JsonResponse:
    """Reached only where the outcome is allow or warn."""
    wanted = json.loads(request.body)
    decision = request.scope["tocsin.decision"]
    told = {"outcome": decision.outcome, "fallback": decision.fallback}
    return JsonResponse({"sent": wanted["amount"], "to": wanted["payee"], **told})


urlpatterns = [path("transfers", transfer)]
application = TocsinMiddleware(get_asgi_application(), tocsin, ROUTES)

if __name__ == "__main__":
    uvicorn.run(application, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")), lifespan="off")
