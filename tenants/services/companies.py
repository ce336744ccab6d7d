"""The provider's own tenant, and the client companies."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from tenants import audit, keys, queries
from tenants.company import find_tenant
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.models import LANGUAGES, PROVIDER_TENANT, Tenant
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id
from tenants.services.checks import in_provider_scope, one_of

# What may change while a company is a client: its code, its address and its country stay.
CHANGEABLE = (
    "name", "legal_form", "registration_number", "vat_id", "language", "document_languages",
    "time_zone", "colour",
)  # fmt: skip
TAKEN: Mapping[str, tuple[str, str]] = {
    "uq_tenants_slug": ("slug", _m("Another company has this short name. Choose a different one.")),
    "uq_tenants_code": ("code", _m("Another company has these letters. Choose different ones.")),
}


def ensure_provider(*, now: datetime) -> Tenant:
    """The provider's own tenant row; the scope is the provider's."""
    in_provider_scope()
    tenant = find_tenant()
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


def begin_provider(
    *, name: str, country: str, language: str, time_zone: str, actor: Actor, now: datetime
) -> Tenant:
    """The same under its real name, where it is, in its people's language."""
    actor.require("provider.administer")
    one_of("language", language, LANGUAGES)
    tenant = ensure_provider(now=now)
    tenant.name, tenant.country, tenant.time_zone = name, country, time_zone
    tenant.language, tenant.document_languages = language, [language]
    db.session.flush()
    audit.record(
        "tenants.provider.begun", actor=actor, now=now, object_type="tenant", object_id=tenant.id
    )
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
    document_languages: Sequence[str] = (),
    legal_form: str = "",
    registration_number: str = "",
    vat_id: str = "",
) -> Tenant:
    """The scope's tenant id, drawn by the caller, becomes this tenant's. A short name or code that
    is taken is a Conflict at its field, and leaves the caller's transaction usable."""
    actor.require("provider.administer")
    tenant_id = scoped_tenant_id()
    tenant = Tenant(
        id=tenant_id,
        slug=slug,
        code=code,
        country=country,
        wrapped_key=keys.wrap_new(tenant_id),
        created_at=now,
        **_checked(
            name=name, legal_form=legal_form, registration_number=registration_number,
            vat_id=vat_id, language=language, time_zone=time_zone, colour=colour,
            document_languages=document_languages or [language],
        ),
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(tenant)
            db.session.flush()
    except IntegrityError as error:
        raise _taken(error) from error
    audit.record(
        "tenants.tenant.created", actor=actor, now=now, object_type="tenant", object_id=tenant_id
    )
    return tenant


def change_tenant(*, actor: Actor, now: datetime, **facts: Any) -> bool:
    """Change facts of the company in scope (CHANGEABLE, all of them or some); says whether anything
    is different now. The audit keeps what stood before and after."""
    actor.require("provider.administer")
    tenant = queries.get_tenant()
    before = {name: getattr(tenant, name) for name in facts}
    after = _checked(**facts)
    changed = {
        name: [before[name], value] for name, value in after.items() if before[name] != value
    }
    if not changed:
        return False
    for name, (_, value) in changed.items():
        setattr(tenant, name, value)
    db.session.flush()
    audit.record(
        "tenants.tenant.changed", actor=actor, now=now, object_type="tenant",
        object_id=tenant.id, changed=changed,
    )  # fmt: skip
    return True


def _checked(**facts: Any) -> dict[str, Any]:
    unknown = set(facts) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"no facts of a company: {', '.join(sorted(unknown))}")
    found = dict(facts)
    if "language" in found:
        one_of("language", found["language"], LANGUAGES)
    if "document_languages" in found:
        found["document_languages"] = list(dict.fromkeys(found["document_languages"]))
        if not found["document_languages"]:
            raise Invalid(
                field_errors={"document_languages": [_m("Choose at least one language.")]}
            )
        for one in found["document_languages"]:
            one_of("document_languages", one, LANGUAGES)
    if "colour" in found:
        found["colour"] = found["colour"].lower()
    return found


def _taken(error: IntegrityError) -> Conflict:
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
    field, sentence = TAKEN.get(constraint, ("", ""))
    if not field:
        return Conflict()
    return Conflict(sentence, code="taken", field_errors={field: [sentence]})
