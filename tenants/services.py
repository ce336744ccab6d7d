"""Clients, their people, the provider's people and the grants between them."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from tenants import audit, keys, outbox, queries
from tenants.core.crypto import token_hash
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import (
    GRANT_LEVELS,
    LANGUAGES,
    MEMBER_ROLES,
    PROVIDER_TENANT,
    SERVICE_LINES,
    STAFF_ROLES,
    Grant,
    Member,
    StaffMember,
    Tenant,
)
from tenants.permissions import Actor
from tenants.scoping import ScopeError

INVITATION_LIFETIME = timedelta(days=7)
LONGEST_GRANT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a mail is written from: whom it greets, in which language, where it leads."""

    name: str
    language: str
    link: str


WriteMail = Callable[[Recipient], Mail]


def ensure_provider(*, now: datetime) -> Tenant:
    """The provider's own tenant row; the scope is the provider's."""
    _in_provider_scope()
    tenant = queries.find_tenant()
    if tenant is None:
        tenant = Tenant(
            id=PROVIDER_TENANT,
            kind="provider",
            slug="provider",
            name="Coulisse",
            code="PRV",
            colour="#44546a",
            country="FR",
            language="fr",
            time_zone="Europe/Paris",
            wrapped_key=keys.wrap_new(PROVIDER_TENANT),
            created_at=now,
        )
        db.session.add(tenant)
        db.session.flush()
    return tenant


def create_tenant(
    *,
    now: datetime,
    name: str,
    slug: str,
    code: str,
    colour: str,
    country: str,
    language: str,
    time_zone: str,
    actor: Actor,
) -> Tenant:
    """The scope's tenant id, drawn by the caller, becomes this tenant's."""
    actor.require("provider.administer")
    tenant_id = queries.scoped_tenant_id()
    _one_of("language", language, LANGUAGES)
    tenant = Tenant(
        id=tenant_id,
        name=name,
        slug=slug,
        code=code,
        colour=colour.lower(),
        country=country,
        language=language,
        time_zone=time_zone,
        wrapped_key=keys.wrap_new(tenant_id),
        created_at=now,
    )
    db.session.add(tenant)
    db.session.flush()
    audit.record(
        "tenants.tenant.created", actor=actor, now=now, object_type="tenant", object_id=tenant_id
    )
    return tenant


def add_member(
    *,
    email: str,
    display_name: str,
    role: str,
    lines: Sequence[str],
    actor: Actor,
    now: datetime,
    approver: bool = False,
    language: str | None = None,
) -> Member:
    """A person who was removed comes back with the new role; one who is here is a Conflict."""
    _require_people(actor)
    _check_member(role, lines)
    tenant = queries.get_tenant()
    user_id = _ensure_user(email, display_name, language or tenant.language)
    member = queries.find_member_of_user(user_id=user_id)
    if member is not None and member.removed_at is None:
        raise Conflict(_m("This person is already here."), code="already_member")
    if member is None:
        member = Member(id=uuid7(), user_id=user_id)
        db.session.add(member)
    member.display_name = display_name
    member.email = email
    member.role = role
    member.approver = approver
    member.lines = sorted(set(lines))
    member.removed_at = None
    db.session.flush()
    _audit_member("added", member, actor, now)
    return member


def change_member(
    *,
    member_id: UUID,
    role: str,
    approver: bool,
    lines: Sequence[str],
    actor: Actor,
    now: datetime,
) -> Member:
    _require_people(actor)
    _check_member(role, lines)
    member = queries.get_member(member_id=member_id)
    if member.role == "client_admin" and role != "client_admin":
        _keep_an_administrator(member_id)
    member.role = role
    member.approver = approver
    member.lines = sorted(set(lines))
    db.session.flush()
    _audit_member("changed", member, actor, now)
    return member


def remove_member(*, member_id: UUID, actor: Actor, now: datetime) -> None:
    _require_people(actor)
    member = queries.get_member(member_id=member_id)
    if member.role == "client_admin":
        _keep_an_administrator(member_id)
    member.removed_at = now
    db.session.flush()
    _audit_member("removed", member, actor, now)


def add_staff(
    *, email: str, display_name: str, role: str, language: str, actor: Actor, now: datetime
) -> StaffMember:
    """The scope is the provider's. A person who is known already gets this role."""
    actor.require("provider.administer")
    _in_provider_scope()
    _one_of("role", role, STAFF_ROLES)
    user_id = _ensure_user(email, display_name, language)
    person = queries.find_staff(user_id=user_id)
    if person is None:
        person = StaffMember(user_id=user_id)
        db.session.add(person)
    person.display_name = display_name
    person.role = role
    person.active = True
    db.session.flush()
    audit.record(
        "tenants.staff.added", actor=actor, now=now,
        object_type="user", object_id=user_id, role=role,
    )  # fmt: skip
    return person


def end_staff(*, user_id: UUID, actor: Actor, now: datetime) -> None:
    """Their grants stop opening any client with this."""
    actor.require("provider.administer")
    _in_provider_scope()
    person = queries.find_staff(user_id=user_id)
    if person is None or not person.active:
        return
    if user_id == actor.user_id:
        raise Conflict(_m("You can't end your own access."), code="own_access")
    person.active = False
    db.session.flush()
    audit.record("tenants.staff.ended", actor=actor, now=now, object_type="user", object_id=user_id)


def give_grant(
    *,
    user_id: UUID,
    line: str,
    level: str,
    reason: str,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> Grant:
    """Opens the client in scope to one of the provider's people; `actor` is who granted it.

    A live grant of the same person and line is ended: the new one stands in its place.
    """
    actor.require("provider.administer")
    _one_of("line", line, SERVICE_LINES)
    _one_of("level", level, GRANT_LEVELS)
    if not reason.strip():
        raise Invalid(field_errors={"reason": [_m("Say why this access is needed.")]})
    if not now < expires_at <= now + LONGEST_GRANT:
        raise Invalid(field_errors={"expires_at": [_m("Choose a day within the next year.")]})
    if user_id == actor.user_id:
        raise Conflict(_m("Nobody grants an access to themselves."), code="own_grant")
    person = queries.find_staff(user_id=user_id)
    if person is None or not person.active:
        raise Conflict(_m("This person does not work for the provider."), code="not_staff")
    for earlier in queries.list_grants(live_at=now):
        if earlier.user_id == user_id and earlier.line == line:
            _end(earlier, actor, now)
    grant = Grant(
        id=uuid7(),
        user_id=user_id,
        display_name=person.display_name,
        line=line,
        level=level,
        reason=reason.strip(),
        expires_at=expires_at,
        granted_by=actor.user_id,
        created_at=now,
    )
    db.session.add(grant)
    db.session.flush()
    audit.record(
        "tenants.grant.given", actor=actor, now=now, object_type="grant", object_id=grant.id,
        holder=user_id, line=line, level=level, expires_at=expires_at.isoformat(),
    )  # fmt: skip
    return grant


def end_grant(*, grant_id: UUID, actor: Actor, now: datetime) -> None:
    """The provider's administrator and the client's may both end it; twice is once."""
    _require_people(actor)
    grant = queries.get_grant(grant_id=grant_id)
    if grant.ended_at is None:
        _end(grant, actor, now)


def invite(
    *, email: str, display_name: str, language: str, write: WriteMail, base_url: str,
    actor: Actor, now: datetime,
) -> str | None:  # fmt: skip
    """Send the link that sets a first password; answers it for a terminal.

    Someone who can sign in already gets no link: the mail leads to the sign-in page, None.
    """
    _require_people(actor)
    link = None
    if not queries.has_password(email=email):
        link = send_link(
            email=email, purpose="invitation", lifetime=INVITATION_LIFETIME,
            write=write, base_url=base_url,
        )  # fmt: skip
    else:
        mail = write(Recipient(display_name, language, f"{base_url}/sign-in"))
        _send(email, mail, verb="account.invitation", key=f"invitation:{uuid7()}")
    audit.record("tenants.invitation.sent", actor=actor, now=now, object_type="user")
    return link


def send_link(
    *, email: str, purpose: str, lifetime: timedelta, write: WriteMail, base_url: str
) -> str | None:
    """A single-use link to the account of this address, by mail. None when there is none."""
    reader = start_link(email=email, purpose=purpose, lifetime=lifetime, base_url=base_url)
    if reader is None:
        return None
    key = f"{purpose}:{token_hash(reader.link)}"
    _send(email, write(reader), verb=f"account.{purpose}", key=key)
    return reader.link


def start_link(*, email: str, purpose: str, lifetime: timedelta, base_url: str) -> Recipient | None:
    """The same without the mail, for a terminal. Only the token's hash is kept."""
    token = secrets.token_urlsafe(32)
    row = db.session.execute(
        text("SELECT * FROM start_user_token(:email, :purpose, :hash, :lifetime)"),
        {"email": email, "purpose": purpose, "hash": token_hash(token), "lifetime": lifetime},
    ).one_or_none()
    return Recipient(row.display_name, row.language, f"{base_url}/link/{token}") if row else None


def _send(to: str, mail: Mail, *, verb: str, key: str) -> None:
    params = {"to": to, "subject": mail.subject, "text": mail.text, "html": mail.html}
    outbox.send(kind="mail", verb=verb, dedupe_key=key, params=params, queue="interactive")


def _ensure_user(email: str, display_name: str, language: str) -> UUID:
    user_id: UUID = db.session.execute(
        text("SELECT ensure_user(:id, :email, :name, :language)"),
        {"id": uuid7(), "email": email.strip(), "name": display_name, "language": language},
    ).scalar_one()
    return user_id


def _require_people(actor: Actor) -> None:
    if not (actor.can("people.manage") or actor.can("provider.administer")):
        raise Forbidden


def _in_provider_scope() -> None:
    if not queries.is_provider_scope():
        raise ScopeError("this belongs to the provider")


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise Invalid(field_errors={name: [_m("Choose one of the values offered.")]})


def _check_member(role: str, lines: Sequence[str]) -> None:
    _one_of("role", role, MEMBER_ROLES)
    for line in lines:
        _one_of("lines", line, SERVICE_LINES)


def _keep_an_administrator(member_id: UUID) -> None:
    if not queries.count_other_administrators(member_id=member_id):
        raise Conflict(
            _m("This is the last administrator. Name another one first."), code="last_administrator"
        )


def _audit_member(verb: str, member: Member, actor: Actor, now: datetime) -> None:
    audit.record(
        f"tenants.member.{verb}", actor=actor, now=now, object_type="member", object_id=member.id,
        role=member.role, approver=member.approver, lines=member.lines,
    )  # fmt: skip


def _end(grant: Grant, actor: Actor, now: datetime) -> None:
    grant.ended_at = now
    db.session.flush()
    audit.record(
        "tenants.grant.ended", actor=actor, now=now,
        object_type="grant", object_id=grant.id, holder=grant.user_id, line=grant.line,
    )  # fmt: skip
