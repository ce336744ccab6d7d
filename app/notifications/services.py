"""Telling people by mail, once per event, whatever runs again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.notifications.audiences import Audience
from app.notifications.catalogue import EVENTS, Event, category_of, optional_codes
from app.notifications.hours import next_office_hour
from app.notifications.recipients import find_user_ids, present
from app.notifications.waiting import still_waits
from tenants import audit, outbox, queries
from tenants.core.db import db
from tenants.core.text import Words
from tenants.jobs import enqueue
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.queries import MailRecipient

# Between several source texts in one fact: the lines that one act opens.
SEVERAL = "\n"
Fact = str | int | UUID | datetime | Words | None


@dataclass(frozen=True, slots=True)
class Notice:
    """One event on its way: what a job carries."""

    event: str
    audience: list[dict[str, Any]]
    link: str
    key: str
    facts: Mapping[str, Any]
    actor_id: UUID | None = None
    about: UUID | None = None

    @property
    def kind(self) -> Event:
        return EVENTS[self.event]


Params = Mapping[str, str]


class Write(Protocol):
    def __call__(
        self, notice: Notice, tenant: Tenant, reader: MailRecipient, *, role: str
    ) -> Params:
        """What a mail is made of for one reader; everything but `to`. `role` is what they are in
        this client's company, '' for the provider's people."""
        ...


def tell(
    event: str,
    *,
    audience: Audience,
    link: str,
    key: str,
    actor: Actor,
    about: UUID | None = None,
    **facts: Fact,
) -> None:
    """Promise, in the caller's transaction and scope, that whoever is in `audience` gets one mail.

    `event` is of app/notifications/catalogue.py. `key` names the fact within its event (the id of
    the grant, of the move): the same one twice is told once. `link` is where the mail leads: a path
    with a leading slash, or one inside the client's pages ("requests/12#q-…", "people"). `about` is
    the object that has to wait still when the mail is written, for events that ask for it; objects
    with the same one share a thread. `facts` fill the event's texts; `item`, `line` and `level` are
    English source texts (several of them joined by SEVERAL), `due` and `until` are times. Who acts isn't told, except for security.
    """
    known = EVENTS[event]
    missing = known.places - {name for name, value in facts.items() if value is not None}
    if missing:
        raise ValueError(f"{event} is told without {', '.join(sorted(missing))}")
    if not audience.groups:
        return
    notice = f"{event}:{key}"
    enqueue(
        "notifications.tell",
        queue="interactive",
        key=f"notice:{notice}",
        actor_id=actor.user_id,
        event=event,
        audience=[dict(group) for group in audience.groups],
        link=link,
        notice=notice,
        about=about,
        facts={"who": actor.name, **{name: _plain(value) for name, value in facts.items()}},
    )


def deliver(*, notice: Notice, write: Write, now: datetime) -> int:
    """Promise the mails of one event; answers how many are new. `now` is the machine's time."""
    event = notice.kind
    if event.waits and notice.about and not still_waits(event.code, notice.about, notice.facts):
        return 0
    here = present(now=now)
    user_ids = find_user_ids(notice.audience, among=here)
    if not event.to_actor:
        user_ids = [one for one in user_ids if one != notice.actor_id]
    if not user_ids:
        return 0
    tenant = queries.get_tenant()
    category = category_of(event)
    readers = [
        reader
        for reader in queries.list_mail_recipients(user_ids=user_ids)
        if not (category.optional and category.code in reader.muted)
    ]
    if event.in_hours:
        readers = [one for one in readers if not _put_off(notice, one, tenant, now)]
    roles = {one.user_id: one.role for one in here.members}
    return outbox.send_many(
        kind="mail",
        verb=f"notice.{event.code}",
        queue="interactive",
        effects={
            f"notice:{notice.key}:{reader.user_id}": {
                "to": reader.email,
                **write(notice, tenant, reader, role=roles.get(reader.user_id, "")),
            }
            for reader in readers
        },
    )


def _put_off(notice: Notice, reader: MailRecipient, tenant: Tenant, now: datetime) -> bool:
    """Whether this reader's office is closed: then the notice comes again when it opens."""
    opening = next_office_hour(reader, tenant, now)
    if opening <= now:
        return False
    enqueue(
        "notifications.tell",
        # With its time: at which the office may be closed again, after a standstill of ours.
        key=f"notice:{notice.key}:later:{reader.user_id}:{opening.isoformat()}",
        actor_id=notice.actor_id,
        run_at=opening,
        event=notice.event,
        audience=[{**group, "only": [str(reader.user_id)]} for group in notice.audience],
        link=notice.link,
        notice=notice.key,
        about=notice.about,
        facts=dict(notice.facts),
    )
    return True


def choose(*, user_id: UUID, wanted: Collection[str], actor: Actor, now: datetime) -> None:
    """Of the kinds that can be switched off, these are sent from now on."""
    reader = queries.get_user(user_id=user_id)
    reader.muted_notices = [code for code in optional_codes() if code not in wanted]
    db.session.flush()
    audit.record(
        "account.notices.chosen", actor=actor, now=now,
        object_type="user", object_id=user_id, muted=reader.muted_notices,
    )  # fmt: skip


def _plain(value: Fact) -> str | int | dict[str, str] | None:
    if isinstance(value, Words):
        return dict(value.languages)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
