"""A worker is killed after a receiver took a message and before anybody noted it."""

import os
import signal
from pathlib import Path
from typing import Any

from app.webhooks.catalogue import Event
from app.webhooks.sending import Sender
from app.webhooks.services import endpoints
from app.webhooks.services.publishing import publish
from tenants import keys
from tenants.permissions import Actor
from tests.factories.people import now
from tests.factories.webhooks import Receiver, status
from tests.workers.process import MASTER_KEY

ADMIN = Actor(
    user_id=None, name="Ada", side="client", role="client_admin", lines={"finance": ""}
)  # fmt: skip


def test_a_kill_between_effect_and_note_repeats_the_same_message(
    house: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    settings = {
        "SMTP_URL": "smtp://127.0.0.1:1",
        "FILES_URL": f"file://{tmp_path}",
        "COULISSE_MASTER_KEY": MASTER_KEY,
        "COULISSE_BASE_URL": "http://127.0.0.1:5000",
        "COULISSE_LOCAL_WEBHOOKS": "1",
        "STRIPE_API_BASE": "http://127.0.0.1:1",
        "STRIPE_SECRET_KEY": "sk_test_none",
        "STRIPE_WEBHOOK_SECRET": "whsec_none",
    }
    monkeypatch.setattr(keys, "_ring", None)
    keys.use(MASTER_KEY)
    monkeypatch.setattr("app.webhooks.sending._sender", Sender(local=True))
    killed: list[int] = []

    def kill_then_answer(handler: Any) -> None:
        if not killed:
            killed.extend(children(processes[1].pid))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        status(204)(handler)

    processes = [
        house.spawn("dispatcher", module="workers", **settings),
        house.spawn("worker", "--processes", "1", module="workers", **settings),
    ]
    tenant = house.tenant()
    house.rows("UPDATE tenants SET wrapped_key = %(k)s WHERE id = %(t)s",
               k=keys.wrap_new(tenant), t=tenant)  # fmt: skip
    with Receiver(answer=kill_then_answer) as receiver:
        with house.acting(tenant):
            endpoints.create_endpoint(
                actor=ADMIN, now=now(), url=receiver.url,
                kinds=["request.delivered"], lines=["finance"],
            )  # fmt: skip
            publish([Event("request.delivered", "fact", {"request": 7}, "finance")], at=now())
        house.until(lambda: len(receiver.got) == 2, 90)
        house.all_succeeded(tenant)
    for process in processes:
        house.stop(process)

    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    [row] = house.rows(
        "SELECT state, tries FROM webhook_messages WHERE tenant_id = %(t)s", t=tenant
    )
    assert tuple(row) == ("delivered", 1)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
