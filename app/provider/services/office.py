"""The provider's own office: whose public holidays its people have."""

from datetime import datetime

from app.calendars.holidays import regions
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.queries import get_tenant_for_change


def choose_region(*, region: str, actor: Actor, now: datetime) -> Tenant:
    """In the provider's own scope. Empty: the days of the whole country."""
    actor.require("provider.administer")
    office = get_tenant_for_change()
    if region and region not in regions(office.country):
        raise Invalid(
            field_errors={
                "region": [
                    _m(
                        "There is no such department or Land. Write it like 67 or BY, or leave it empty."
                    )
                ]
            }
        )
    if region != office.region:
        audit.record(
            "provider.office.changed", actor=actor, now=now, object_type="tenant",
            object_id=office.id, before=office.region, after=region,
        )  # fmt: skip
        office.region = region
    db.session.flush()
    return office
