"""What was promised to whom: the mails in the outbox, opened as the worker would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.notifications.services import tell
from tenants import outbox
from tenants.core.db import db
from tests.factories import Company, Person, Stage, acting
from tests.factories.jobs import run_jobs


@dataclass(frozen=True)
class Promised:
    to: str
    verb: str
    subject: str
    text: str
    html: str
    thread: str = ""
    preferences: str = ""
    reply_to: str = ""
    from_name: str = "Coulisse"
    file_ids: tuple[str, ...] = ()


def promised(stage: Stage, company: Company) -> list[Promised]:
    """Oldest first."""
    with acting(stage, company.scope):
        rows = db.session.execute(
            select(outbox.OutboxEffect)
            .where(
                outbox.OutboxEffect.tenant_id == company.id,
                outbox.OutboxEffect.kind == "mail",
                outbox.OutboxEffect.state == "pending",
            )
            .order_by(outbox.OutboxEffect.id)
        ).scalars()
        return [Promised(verb=row.verb, **outbox.params_of(row)) for row in rows]


def forget(stage: Stage, company: Company) -> None:
    """What is told from here on is what a test looks at."""
    stage.run("DELETE FROM jobs WHERE tenant_id = :t AND name LIKE 'notifications.%'", t=company.id)
    stage.run("DELETE FROM outbox WHERE tenant_id = :t", t=company.id)


def told(stage: Stage, company: Company, event: str | None = None) -> set[str]:
    """The addresses that are promised a mail once the jobs have run."""
    run_jobs(stage, company.id, name="notifications.tell")
    return {
        one.to for one in promised(stage, company) if event is None or one.verb == f"notice.{event}"
    }


def telling(stage: Stage, company: Company, person: Person) -> Callable[..., None]:
    """`tell` in one committed transaction of this person."""

    def say(event: str, **values: Any) -> None:
        actor = person.actor(company)
        with acting(stage, person.scope(company)):
            tell(event, actor=actor, **{"link": "requests/12", "key": "1", **values})

    return say


def addresses(*people: Person) -> set[str]:
    return {one.email for one in people}


def mute(stage: Stage, person: Person, *categories: str) -> None:
    stage.run("UPDATE users SET muted_notices = :m WHERE id = :i", m=list(categories), i=person.id)
