"""What an administrator does with the company's endpoints."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.webhooks import queries, sending, signing
from app.webhooks.addresses import AddressRefused, read_url
from app.webhooks.catalogue import KINDS
from app.webhooks.models import WebhookEndpoint
from app.webhooks.retrying import OLD_SECRET_SIGNS
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.keys import data_key
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

MOST = 10


class TooManyWebhooks(Conflict):
    code = "too_many_webhooks"
    message = _m("A company has at most %(most)s webhooks. Delete one that nobody uses any more.")


class WebhookDeleted(Conflict):
    code = "webhook_deleted"
    message = _m("This webhook was deleted. Make a new one.")


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """`secret` is shown once."""

    row: WebhookEndpoint
    secret: str


def create_endpoint(
    *,
    actor: Actor,
    now: datetime,
    url: str,
    kinds: Collection[str],
    lines: Collection[str],
    description: str = "",
    secret: str | None = None,
) -> NewEndpoint:
    """Without a `secret` of the caller's own, a new one is made."""
    actor.require("webhook.manage")
    _check(url, kinds)
    chosen = _lines(lines, actor, held=())
    if queries.count_endpoints() >= MOST:
        raise TooManyWebhooks(most=MOST)
    row = WebhookEndpoint(
        id=uuid7(), url=url, description=description, kinds=_ordered(kinds), lines=chosen,
        created_at=now, created_by=actor.user_id, created_by_name=actor.name, off_reason="",
        sealed_secret="", failures=0,
    )  # fmt: skip
    plain = _chosen_secret(secret)
    row.sealed_secret = data_key().seal(plain, _place(row.id))
    db.session.add(row)
    _record("created", row, actor, now, host=row.host, kinds=row.kinds, lines=row.lines)
    db.session.flush()
    return NewEndpoint(row, plain)


def change_endpoint(
    *,
    endpoint: WebhookEndpoint,
    actor: Actor,
    now: datetime,
    url: str,
    kinds: Collection[str],
    lines: Collection[str],
    description: str = "",
) -> None:
    """What is on its way goes to the new address."""
    actor.require("webhook.manage")
    row = _locked(endpoint)
    _check(url, kinds)
    row.lines = _lines(lines, actor, held=row.lines)
    row.url, row.kinds, row.description = url, _ordered(kinds), description
    _record("changed", row, actor, now, host=row.host, kinds=row.kinds, lines=row.lines)
    db.session.flush()


def rotate_secret(
    *, endpoint: WebhookEndpoint, actor: Actor, now: datetime, secret: str | None = None
) -> str:
    """For a day the secret before signs beside the new one."""
    actor.require("webhook.manage")
    row = _locked(endpoint)
    plain = _chosen_secret(secret)
    row.sealed_old_secret = row.sealed_secret
    row.old_secret_until = now + OLD_SECRET_SIGNS
    row.sealed_secret = data_key().seal(plain, _place(row.id))
    _record("rotated", row, actor, now)
    db.session.flush()
    return plain


def switch_endpoint(*, endpoint: WebhookEndpoint, on: bool, actor: Actor, now: datetime) -> None:
    """Switched on again its health begins anew; what happened meanwhile is not made up for."""
    actor.require("webhook.manage")
    row = _locked(endpoint)
    if row.enabled == on:
        return
    row.off_reason = "" if on else "person"
    if on:
        row.failures, row.failing_since = 0, None
    _record("switched_on" if on else "switched_off", row, actor, now)
    db.session.flush()


def delete_endpoint(*, endpoint: WebhookEndpoint, actor: Actor, now: datetime) -> None:
    """Its secrets go at once, what was sent after the time that messages are kept."""
    actor.require("webhook.manage")
    row = queries.get_endpoint(endpoint_id=endpoint.id, lock=True)
    if row.deleted_at is not None:
        return
    row.deleted_at = now
    row.sealed_secret = row.sealed_old_secret = ""
    row.old_secret_until = None
    _record("deleted", row, actor, now)
    db.session.flush()


def secrets_of(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """Those that sign now, the current one first."""
    sealed = [endpoint.sealed_secret]
    if endpoint.sealed_old_secret and (endpoint.old_secret_until or now) > now:
        sealed.append(endpoint.sealed_old_secret)
    key = data_key()
    return [key.open(one, _place(endpoint.id)) for one in sealed]


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    row = queries.get_endpoint(endpoint_id=endpoint.id, lock=True)
    if row.deleted_at is not None:
        raise WebhookDeleted
    return row


def _check(url: str, kinds: Collection[str]) -> None:
    try:
        read_url(url, local=sending.sender().local)
    except AddressRefused as error:
        raise Invalid(field_errors={"url": [str(error)]}) from error
    if not kinds or not set(kinds) <= set(KINDS):
        raise Invalid(field_errors={"kinds": [_m("Choose at least one thing to be told of.")]})


def _lines(chosen: Collection[str], actor: Actor, *, held: Collection[str]) -> list[str]:
    """Among the actor's own; lines of others, which stand there already, stay."""
    foreign = {one for one in held if one not in actor.lines}
    if not set(chosen) - foreign <= set(actor.lines):
        raise Invalid(field_errors={"lines": [_m("Choose among the service lines that you see.")]})
    found = sorted(set(chosen) | foreign)
    if not found:
        raise Invalid(field_errors={"lines": [_m("Choose at least one service line.")]})
    return found


def _ordered(kinds: Collection[str]) -> list[str]:
    return [one for one in KINDS if one in kinds]


def _chosen_secret(secret: str | None) -> str:
    if secret is None:
        return signing.new_secret()
    if not signing.is_secret(secret):
        raise Invalid(field_errors={"secret": [signing.NOT_A_SECRET]})
    return secret


def _place(endpoint_id: UUID) -> str:
    return f"{scoped_tenant_id()}|webhook_endpoints.sealed_secret|{endpoint_id}"


def _record(verb: str, row: WebhookEndpoint, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"webhooks.endpoint.{verb}", actor=actor, now=now, object_type="webhook",
        object_id=row.id, **facts,
    )  # fmt: skip
