"""Fills an empty database with the demonstration; on a filled one it changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.auth.enrolment import store_second_factor
from app.auth.services import change_language, store_password
from app.demo import accounts, content
from app.demo.accounts import DemoAccount
from app.demo.cast import (
    CLIENTS,
    GRANTS,
    GUEST_LINES,
    GUEST_REASON,
    LINES,
    REASON,
    STAFF,
    STAFF_DOMAIN,
    DemoClient,
    DemoPerson,
)
from app.demo.directory import fill_provider
from app.demo.team import fill_team
from tenants import queries, scoping
from tenants.company import find_tenant
from tenants.core.db import unit_of_work
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor, system_actor
from tenants.scoping import Scope
from tenants.services import companies, grants, guests, members, staff

MEMBER_ROLES = {"client_approver": "client_user"}


@contextmanager
def acting(scope: Scope) -> Iterator[Actor]:
    scoping.enter(scope)
    try:
        with unit_of_work():
            yield system_actor(scope.tenant_id or PROVIDER_TENANT)
    finally:
        scoping.leave()


def seed(*, now: datetime) -> None:
    """`now` is the business clock's; accounts are set up by it too, which harms nothing."""
    known = accounts.read()
    staff = _add_provider(now)
    people = [(account, user_id) for account, user_id in _staff_accounts(staff, known)]
    for client in CLIENTS:
        members = _add_client(client, staff, now)
        people += _client_accounts(client, members, known)
    for account, user_id in people:
        _open_account(account, user_id, redraw=account.email not in known, now=now)
    found = [account for account, _ in people]
    if found != list(known.values()):
        accounts.write(found)
    for client in CLIENTS:
        for fill in content.FILLERS:
            with acting(Scope(tenant_id=client.id, side="provider")):
                fill(client, now)


def _add_provider(now: datetime) -> dict[str, UUID]:
    """User ids by mailbox."""
    with acting(Scope(tenant_id=PROVIDER_TENANT, side="provider")) as actor:
        companies.ensure_provider(now=now)
        known = {person.display_name: person.user_id for person in queries.list_staff()}
        for person in STAFF:
            if person.name not in known:
                added = staff.add_staff(
                    email=f"{person.mailbox}@{STAFF_DOMAIN}", display_name=person.name,
                    role=person.role, language="fr", actor=actor, now=now,
                )  # fmt: skip
                known[person.name] = added.user_id
        found = {person.mailbox: known[person.name] for person in STAFF}
        fill_team(found, actor=actor, now=now)
        fill_provider(actor, now)
    return found


def _add_client(client: DemoClient, staff: dict[str, UUID], now: datetime) -> dict[str, UUID]:
    """User ids by mailbox."""
    with acting(Scope(tenant_id=client.id, side="provider")) as actor:
        if find_tenant() is None:
            companies.create_tenant(
                now=now, name=client.name, slug=client.slug, code=client.code,
                colour=client.colour, country=client.country, language=client.language,
                time_zone=client.time_zone, legal_form=client.legal_form,
                registration_number=client.registration_number, vat_id=client.vat_id, actor=actor,
            )  # fmt: skip
            for person in client.people:
                _add_member(client, person, actor, now)
            _give_grants(client, staff, actor, now)
        members = {
            member.email: member.user_id for member in queries.list_members(with_guests=True)
        }
    return {
        person.mailbox: members[client.email(person)]
        for person in client.people
        if client.email(person) in members
    }


def _add_member(client: DemoClient, person: DemoPerson, actor: Actor, now: datetime) -> None:
    if person.role == "guest":
        _add_guest(client, person, actor, now)
        return
    members.add_member(
        email=client.email(person),
        display_name=person.name,
        role=MEMBER_ROLES.get(person.role, person.role),
        approver=person.role == "client_approver",
        lines=LINES,
        actor=actor,
        now=now,
    )


def _add_guest(client: DemoClient, person: DemoPerson, actor: Actor, now: datetime) -> None:
    guests.add_guest(
        email=client.email(person), display_name=person.name, level="query", lines=GUEST_LINES,
        reason=GUEST_REASON[client.language], until=(now + timedelta(days=200)).date(),
        actor=replace(actor, second_factor_at=now), now=now, real_now=now,
    )  # fmt: skip


def _give_grants(client: DemoClient, staff: dict[str, UUID], actor: Actor, now: datetime) -> None:
    for mailbox, (slugs, level) in GRANTS.items():
        for line in LINES if client.slug in slugs else ():
            grants.give_grant(
                user_id=staff[mailbox], line=line, level=level, reason=REASON[client.language][level],
                expires_at=now + timedelta(days=365), actor=actor, now=now,
            )  # fmt: skip


def _staff_accounts(
    staff: dict[str, UUID], known: dict[str, DemoAccount]
) -> list[tuple[DemoAccount, UUID]]:
    return [
        (_account(person, f"{person.mailbox}@{STAFF_DOMAIN}", None, known), staff[person.mailbox])
        for person in STAFF
    ]


def _client_accounts(
    client: DemoClient, members: dict[str, UUID], known: dict[str, DemoAccount]
) -> list[tuple[DemoAccount, UUID]]:
    """Whoever was removed by hand since then has no account in the list any more."""
    return [
        (_account(person, client.email(person), client.slug, known), members[person.mailbox])
        for person in client.people
        if person.mailbox in members
    ]


def _account(
    person: DemoPerson, email: str, tenant: str | None, known: dict[str, DemoAccount]
) -> DemoAccount:
    return known.get(email) or accounts.draw(
        email, role=person.role, tenant=tenant, with_second_factor=person.needs_second_factor
    )


def _open_account(account: DemoAccount, user_id: UUID, *, redraw: bool, now: datetime) -> None:
    """Nothing happens to an account that can sign in, unless its password was lost."""
    with acting(Scope(tenant_id=PROVIDER_TENANT, user_id=user_id)):
        user = queries.get_user(user_id=user_id)
        if user.password_hash is not None and not redraw:
            return
        if user.password_hash is None:
            language = next(
                (client.language for client in CLIENTS if client.slug == account.tenant), "fr"
            )
            change_language(user_id=user_id, language=language)
        store_password(user_id=user_id, password=account.password)
        if account.totp_secret:
            store_second_factor(user_id=user_id, secret=account.totp_secret, now=now)
