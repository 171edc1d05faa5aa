"""Django over WSGI asks Tocsin before a transfer. Run it: TOCSIN_KEY=... python docs/examples/django_wsgi.py."""

import json
import os
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tocsin.client.client import Client
from tocsin.client.mapping import Route, body, client_ip, header
from tocsin.client.wsgi import TocsinMiddleware

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"])
tocsin = Client(os.environ.get("TOCSIN_URL", "http://127.0.0.1:8790"), os.environ["TOCSIN_KEY"])
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
def transfer(request: HttpRequest) -> JsonResponse:
    """Reached only where the outcome is allow or warn."""
    wanted = json.loads(request.body)
    decision = request.META["tocsin.decision"]
    told = {"outcome": decision.outcome, "fallback": decision.fallback}
    return JsonResponse({"sent": wanted["amount"], "to": wanted["payee"], **told})


urlpatterns = [path("transfers", transfer)]
application = TocsinMiddleware(get_wsgi_application(), tocsin, ROUTES)

if __name__ == "__main__":
    make_server("127.0.0.1", int(os.environ.get("PORT", "8000")), application).serve_forever()
