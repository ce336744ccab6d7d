"""A client company begins, and its facts change."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.provider.identifiers import checked_numbers
from app.provider.proposals import propose_code, propose_slug
from billing.services import request_subscription
from tenants.core.errors import Conflict, NotFound
from tenants.models import SERVICE_LINES, Tenant
from tenants.permissions import Actor, system_actor
from tenants.queries import get_member, get_tenant_for_change
from tenants.services import companies, invitations, members
from tenants.services.access import set_access_state
from tenants.services.invitations import WriteMail

TRIES = 20


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    name: str
    email: str
    language: str


def open_company(
    *,
    facts: Mapping[str, Any],
    country: str,
    code: str,
    slug: str,
    administrator: FirstAdministrator,
    write: WriteMail,
    base_url: str,
    actor: Actor,
    now: datetime,
    by_agreement: bool = True,
) -> Tenant:
    """All of it or nothing: the company with its keys, its first administrator with an invitation,
    the subscription, unless the company is to choose its plan itself. An empty code or short name is
    proposed. The scope's id becomes its id.
    """
    actor.require("provider.administer")
    checked = _with_checked_numbers(facts, country)
    tenant = _create(code, slug, country=country, actor=actor, now=now, **checked)
    first = members.add_member(
        email=administrator.email, display_name=administrator.name, role="client_admin",
        lines=SERVICE_LINES, language=administrator.language, actor=actor, now=now,
    )  # fmt: skip
    invitations.invite(
        email=administrator.email, display_name=administrator.name,
        language=administrator.language, write=write, base_url=base_url, actor=actor, now=now,
        user_id=first.user_id,
    )  # fmt: skip
    if by_agreement:
        request_subscription(actor=actor, now=now, billing_email=administrator.email)
    else:
        set_access_state(state="pending", actor=system_actor(tenant.id), now=now)
    return tenant


def change_company(*, facts: Mapping[str, Any], seen: str, actor: Actor, now: datetime) -> bool:
    """Says whether anything is different now. `seen` is the state of the facts that the writer saw:
    Conflict when it is not so any more."""
    actor.require("provider.administer")
    tenant = get_tenant_for_change()
    if seen != state_of_facts(tenant):
        raise Conflict
    checked = _with_checked_numbers(facts, tenant.country)
    return companies.change_tenant(actor=actor, now=now, **checked)


def state_of_facts(tenant: Tenant) -> str:
    facts = {name: getattr(tenant, name) for name in companies.CHANGEABLE}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def invite_again(
    *, member_id: UUID, language: str, write: WriteMail, base_url: str, actor: Actor, now: datetime
) -> str:
    """A new link to an administrator of the client in scope; answers the address."""
    actor.require("provider.administer")
    member = get_member(member_id=member_id)
    if member.role != "client_admin":
        raise NotFound
    invitations.invite(
        email=member.email, display_name=member.display_name, language=language,
        write=write, base_url=base_url, actor=actor, now=now, user_id=member.user_id,
    )  # fmt: skip
    return member.email


def _with_checked_numbers(facts: Mapping[str, Any], country: str) -> dict[str, Any]:
    registration_number, vat_id = checked_numbers(
        country=country, registration_number=facts["registration_number"], vat_id=facts["vat_id"]
    )
    return {**facts, "registration_number": registration_number, "vat_id": vat_id}


def _create(code: str, slug: str, *, name: str, **rest: Any) -> Tenant:
    """What was typed counts as it is; what we propose makes way for what is taken."""
    codes: set[str] = set()
    slugs: set[str] = set()
    for _ in range(TRIES):
        try:
            return companies.create_tenant(
                name=name,
                code=code or propose_code(name, taken=codes),
                slug=slug or propose_slug(name, taken=slugs),
                **rest,
            )
        except Conflict as error:
            if "code" in error.field_errors and not code:
                codes.add(propose_code(name, taken=codes))
            elif "slug" in error.field_errors and not slug:
                slugs.add(propose_slug(name, taken=slugs))
            else:
                raise
    raise Conflict(code="taken", field_errors={"code": [companies.TAKEN["uq_tenants_code"][1]]})
