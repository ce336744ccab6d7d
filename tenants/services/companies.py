"""The provider's own tenant, and the client companies."""

from datetime import datetime

from tenants import audit, keys, queries
from tenants.core.db import db
from tenants.models import LANGUAGES, PROVIDER_TENANT, Tenant
from tenants.permissions import Actor
from tenants.services.checks import in_provider_scope, one_of


def ensure_provider(*, now: datetime) -> Tenant:
    """The provider's own tenant row; the scope is the provider's."""
    in_provider_scope()
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
    one_of("language", language, LANGUAGES)
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
