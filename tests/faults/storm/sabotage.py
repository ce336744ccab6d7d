"""The engine broken on purpose, one promise at a time, in the tests' own processes: each has to turn
the storm red under the faults that are named beside it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID, uuid4


@dataclass(frozen=True)
class Sabotage:
    """`role` is the process that it happens in. `slow` makes the work last, so that what happens
    meets a run in the middle."""

    what: str
    role: str
    do: Callable[[], None]
    faults: tuple[str, ...]
    slow: bool = False


def apply(name: str, role: str) -> None:
    one = ALL.get(name)
    if one and one.role == role:
        one.do()
    if one and one.slow and role == "worker":
        _work_takes_a_while()


def _replace(place: Any, name: str, change: Callable[[Any], Any]) -> None:
    setattr(place, name, change(getattr(place, name)))


def _work_takes_a_while() -> None:
    from workers.execution import Runner

    def slower(plain: Any) -> Any:
        @contextmanager
        def limited(self: Any, seconds: float, memory_mb: int) -> Iterator[None]:
            with plain(self, seconds, memory_mb):
                yield
                time.sleep(0.6)

        return limited

    _replace(Runner, "_limited", slower)


def _no_attempts() -> None:
    from workers import execution, ledger, statements
    from workers.run import Heartbeat

    _replace(
        execution, "Heartbeat", lambda _: lambda *a, **k: Heartbeat(*a, **(k | {"lost": None}))
    )
    for name in ("_START", "_FINISH"):
        sql, values = getattr(statements, name)
        states = {key: value for key, value in values.items() if value in ("dispatched", "running")}
        state = next(f"jobs.state = %({key})s::VARCHAR" for key in states if key != "state")
        for asked in ("jobs.attempt = %(run)s::INTEGER", state):
            assert asked in sql, (asked, sql)
            sql = sql.replace(asked, "true")
        setattr(statements, name, (sql, values))
    _replace(ledger, "_this_run", lambda plain: lambda task: plain(task)[:2])
    _replace(ledger.Ledger, "_must_write", lambda plain: lambda self, *a, **k: self._write(*a, **k))


def _no_leases() -> None:
    from workers import claims

    _replace(claims, "KILLED", lambda sql: sql.replace("AND lease_until < now()", ""))


def _done_before_sent() -> None:
    from tenants import outbox

    def at_once(plain: Any) -> Any:
        @wraps(plain)
        def start_sending(**given: Any) -> Any:
            effect = plain(**given)
            if effect is not None:
                effect.state = "done"
            return effect

        return start_sending

    _replace(outbox, "start_sending", at_once)


def _apart(name: str) -> None:
    """A write of the ledger in a transaction of its own, before the effect's."""
    from workers.ledger import Ledger

    def first(plain: Any) -> Any:
        def write(self: Any, task: Any, *given: Any, **more: Any) -> None:
            from tenants.core.db import db

            scoped, session = db.session, db.session.session_factory()
            session.info["scope"] = scoped().info["scope"]
            mine = scoped.registry()
            scoped.registry.set(session)
            try:
                plain(self, task, *given, **more)
                session.commit()
            finally:
                session.close()
                scoped.registry.set(mine)

        return write

    _replace(Ledger, name, first)


def _keys_forgotten() -> None:
    """A second order under a key that is known is another job."""

    def twice(plain: Any) -> Any:
        def enqueue(name: str, *, key: str, **given: Any) -> UUID:
            from sqlalchemy import select

            from tenants.core.db import db
            from tenants.jobs import Job

            known = db.session.scalar(select(Job.id).where(Job.idempotency_key == key))
            made: UUID = plain(name, key=None if known else key, **given)
            return made

        return enqueue

    _replace(sys.modules["__main__"], "enqueue", twice)


def _fresh_keys_at_stripe() -> None:
    from billing.gateway import StripeGateway

    def fresh(plain: Any) -> Any:
        def create(self: Any, *given: Any) -> Any:
            return plain(self, *given[:-1], str(uuid4()))

        return create

    _replace(StripeGateway, "create_invoice_item", fresh)


def _fresh_numbers_of_mails() -> None:
    from tenants.core import mail

    def fresh(plain: Any) -> Any:
        def deliver(*, message_id: str, **given: Any) -> Any:
            return plain(message_id=str(uuid4()), **given)

        return deliver

    _replace(mail, "deliver", fresh)


def _nobody_looks_for_lost_ones() -> None:
    from workers.dispatcher import Dispatcher

    _replace(Dispatcher, "_find_lost", lambda plain: lambda self, connection: None)


def _handed_over_before_commit() -> None:
    from workers import dispatcher

    def held_open(plain: Any) -> Any:
        def work(self: Any, connection: Any) -> None:
            with connection.transaction():
                plain(self, connection)
                time.sleep(0.02)

        return work

    _replace(dispatcher.Dispatcher, "_work", held_open)


MANY = ("freeze_worker", "freeze_worker", "kill_worker")
ALL = {
    "attempts": Sabotage(
        "a worker doesn't ask which attempt is the current one", "worker", _no_attempts,
        ("freeze_worker",), slow=True,
    ),
    "leases": Sabotage(
        "a running job counts as lost while its worker lives", "dispatcher", _no_leases, MANY,
        slow=True,
    ),
    "done-before-sent": Sabotage(
        "the outbox notes an effect as done before it is", "worker", _done_before_sent,
        ("mail_away", "stripe_away", "kill_worker"),
    ),
    "position-apart": Sabotage(
        "a chunk's position is saved before its effect", "worker", lambda: _apart("save"),
        ("point:worker.chunk-before-commit",),
    ),
    "finish-apart": Sabotage(
        "a job is finished before its effect is kept", "worker", lambda: _apart("finish"),
        ("point:worker.before-commit",),
    ),
    "keys": Sabotage(
        "an order that comes again under its key is a second job", "entry", _keys_forgotten,
        ("point:web.after-commit",),
    ),
    "stripe-keys": Sabotage(
        "each try at Stripe has a key of its own", "worker", _fresh_keys_at_stripe,
        ("stripe_confused", "point:worker.charged"),
    ),
    "mail-numbers": Sabotage(
        "each try of a mail has a number of its own", "worker", _fresh_numbers_of_mails,
        ("mail_confused", "point:worker.mail-taken"),
    ),
    "lost-hand-overs": Sabotage(
        "nobody looks for hand-overs that were lost", "dispatcher", _nobody_looks_for_lost_ones,
        ("flush_valkey", "kill_valkey"),
    ),
    "before-commit": Sabotage(
        "jobs are handed over before the claim is committed", "dispatcher",
        _handed_over_before_commit, ("point:dispatcher.handed-over", "kill_leader"),
    ),
}  # fmt: skip
