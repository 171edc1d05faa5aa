"""Flask asks Tocsin before a transfer. Run it: TOCSIN_KEY=... python docs/examples/flask_app.py."""

import os

from flask import Flask, request

from tocsin.client.client import Client
from tocsin.client.mapping import Route, body, client_ip, header
from tocsin.client.wsgi import TocsinMiddleware

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

app = Flask(__name__)


@app.post("/transfers")
def transfer() -> dict[str, object]:
    """Reached only where the outcome is allow or warn."""
    wanted = request.get_json()
    decision = request.environ["tocsin.decision"]
    told = {"outcome": decision.outcome, "fallback": decision.fallback}
    return {"sent": wanted["amount"], "to": wanted["payee"], **told}


app.wsgi_app = TocsinMiddleware(app.wsgi_app, tocsin, ROUTES)

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
