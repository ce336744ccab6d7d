"""The world outside, which counts: a mail server, Stripe's simulator and a receiver of webhooks.
Each may be away or lose its answer after it did what was asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from werkzeug.wrappers import Response

from app.webhooks import sending
from app.webhooks.services import endpoints
from billing.gateway import StripeGateway
from billing.sim.http import Simulator
from billing.sim.state import Store
from tenants import keys
from tenants.permissions import Actor
from tests.billing.conftest import KEY, SECRET, Served
from tests.factories.people import now
from tests.factories.webhooks import Receiver
from tests.faults.storm.sink import Sink

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from tests.workers.house import House

ADMIN = Actor(
    user_id=None, name="Ada", side="client", role="client_admin", lines={"finance": ""}
)  # fmt: skip
KIND = "request.delivered"


class Moody:
    """Stripe, on its bad days."""

    def __init__(self, app: Simulator) -> None:
        self._app, self._lock = app, Lock()
        self.away, self.confused = False, 0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not self.away:
            answer = Response.from_app(self._app, environ)
            if not self._loses(environ):
                return answer(environ, start)
        error = {"error": {"type": "api_error", "message": "Try again."}}
        lost = Response(json.dumps(error), 503, mimetype="application/json")
        lost.headers["Stripe-Should-Retry"] = "false"
        return lost(environ, start)

    def _loses(self, environ: WSGIEnvironment) -> bool:
        with self._lock:
            if not self.confused or environ["PATH_INFO"] != "/v1/invoiceitems":
                return False
            self.confused -= 1
            return True


class Outside:
    def __init__(self) -> None:
        self._sender = sending.sender()
        sending.use(local=True)
        self.sink = Sink()
        self._store = Store()
        self.stripe = Moody(Simulator(self._store, KEY))
        self._served = Served(self.stripe)
        self._store.base_url = self._served.base
        self.receiver = Receiver().__enter__()
        self.sink.up()

    @property
    def settings(self) -> dict[str, str]:
        """Of processes that find it."""
        return {
            "SMTP_URL": f"smtp://127.0.0.1:{self.sink.port}",
            "STRIPE_API_BASE": self._served.base,
            "STRIPE_SECRET_KEY": KEY,
            "COULISSE_BASE_URL": "http://127.0.0.1:5000",
        }

    def know(self, house: House, tenant: UUID) -> None:
        """A company with a customer at Stripe and a receiver of its own."""
        keys.use(house.environment()["COULISSE_MASTER_KEY"])
        gateway = StripeGateway(KEY, self._served.base, [SECRET])
        customer = gateway.create_customer(
            str(tenant), "Storm", "storm@client.example", "FR", "fr", f"storm:{tenant}"
        )["id"]
        house.rows(
            "UPDATE tenants SET wrapped_key = %(k)s WHERE id = %(t)s",
            k=keys.wrap_new(tenant), t=tenant,
        )  # fmt: skip
        house.rows(
            "INSERT INTO billing_accounts (tenant_id, stripe_customer_id, plan_key, currency,"
            " country, billing_name, billing_email, requested_at) VALUES (%(t)s, %(c)s, 'plan',"
            " 'eur', 'FR', 'Storm', 'storm@client.example', now())", t=tenant, c=customer,
        )  # fmt: skip
        url = f"http://127.0.0.1:{self.receiver.port}/{tenant}"
        with house.acting(tenant):
            endpoints.create_endpoint(
                actor=ADMIN, now=now(), url=url, kinds=[KIND], lines=["finance"]
            )

    def calm(self) -> None:
        self.sink.confused = self.stripe.confused = 0
        self.stripe.away = False

    def close(self) -> None:
        self.sink.stop()
        self._served.close()
        self.receiver.__exit__()
        sending._sender = self._sender

    def charged(self) -> list[tuple[str, str]]:
        """Company and order of each item that waits for an invoice; its amount names the order."""
        with self._store.lock:
            items: Iterable[Any] = list(self._store.table("invoiceitems").values())
        return [(one["metadata"]["tenant_id"], f"order-{one['amount'] - 1}") for one in items]

    def told(self) -> list[tuple[str, str, str]]:
        """Whose receiver, which order and under which number, of each message that came."""
        return [
            (one.path.strip("/"), json.loads(one.body)["data"]["tag"], one.headers["webhook-id"])
            for one in self.receiver.got
        ]
