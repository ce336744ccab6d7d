"""Named points at which a process of the tests dies by `kill -9`. Only `tests.faults.process` and the
tests' own web server know them: the product has no such switch.

A file of a point's name in the folder FAULT_POINTS is one death; the first process that comes by
takes it along.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

WORKER = (
    "worker.started",
    "worker.before-commit",
    "worker.after-commit",
    "worker.chunk-before-commit",
    "worker.any-commit",
    "worker.before-failure",
    "worker.mail-taken",
    "worker.charged",
    "worker.webhook-taken",
)
DISPATCHER = (
    "dispatcher.claimed",
    "dispatcher.handed-over",
    "dispatcher.took-back",
    "dispatcher.ended-killed",
    "scheduler.before-commit",
    "scheduler.after-commit",
    "scheduler.told",
)
WEB = ("web.before-commit", "web.after-commit")
ALL = (*WORKER, *DISPATCHER, *WEB)


def arm(folder: Path, name: str) -> Path:
    assert name in ALL
    file = folder / name
    file.touch()
    return file


def pass_by(name: str) -> None:
    folder = os.environ.get("FAULT_POINTS")
    if not folder:
        return
    try:
        os.unlink(f"{folder}/{name}")
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def install(role: str) -> None:
    {"worker": _worker, "dispatcher": _dispatcher, "web": _web}[role]()


def _worker() -> None:
    from app.webhooks.sending import Sender
    from billing.gateway import StripeGateway
    from tenants.core import mail
    from workers.execution import Runner
    from workers.ledger import Ledger

    _after(Ledger, "start", "worker.started")
    _after(Ledger, "finish", "worker.before-commit")
    _after(Ledger, "save", "worker.chunk-before-commit")
    _after(Runner, "_perform", "worker.after-commit")
    _before(Ledger, "fail", "worker.before-failure")
    _after(mail, "deliver", "worker.mail-taken")
    _after(StripeGateway, "create_invoice_item", "worker.charged")
    _after(Sender, "post", "worker.webhook-taken")
    plain = Ledger.transaction

    @contextmanager
    def transaction(self: Any, tenant_id: Any) -> Iterator[None]:
        with plain(self, tenant_id):
            yield
        pass_by("worker.any-commit")

    Ledger.transaction = transaction  # type: ignore[method-assign]


def _dispatcher() -> None:
    import psycopg

    from workers import claims, queues, scheduler

    _after(claims, "claim", "dispatcher.claimed", if_any=True)
    _after(queues, "push", "dispatcher.handed-over")
    _after(claims, "take_back", "dispatcher.took-back")
    _after(claims, "end_killed", "dispatcher.ended-killed", if_any=True)
    _after(scheduler, "_add", "scheduler.after-commit", if_any=True)
    _after(scheduler, "tell", "scheduler.told", if_any=True)
    plain = psycopg.Connection.execute

    def execute(self: Any, query: Any, *rest: Any, **more: Any) -> Any:
        answer = plain(self, query, *rest, **more)
        if query is scheduler.MOVE_ON:
            pass_by("scheduler.before-commit")
        return answer

    psycopg.Connection.execute = execute  # type: ignore[method-assign]


def _web() -> None:
    from tenants.core.db import Session

    _before(Session, "commit", "web.before-commit")
    _after(Session, "commit", "web.after-commit")


def _after(place: Any, attribute: str, name: str, *, if_any: bool = False) -> None:
    plain: Callable[..., Any] = getattr(place, attribute)

    @wraps(plain)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        answer = plain(*args, **kwargs)
        if answer or not if_any:
            pass_by(name)
        return answer

    setattr(place, attribute, wrapped)


def _before(place: Any, attribute: str, name: str) -> None:
    plain: Callable[..., Any] = getattr(place, attribute)

    @wraps(plain)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        pass_by(name)
        return plain(*args, **kwargs)

    setattr(place, attribute, wrapped)
