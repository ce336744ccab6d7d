"""What is known of a company's VAT before anybody was asked."""

from typing import Any

from billing.taxes.numbers import checked
from tenants.models import Tenant


def known_of(tenant: Tenant) -> dict[str, Any]:
    """For a new account: the VAT number that the provider has recorded, to be told to Stripe."""
    try:
        found = checked(tenant.country, tenant.vat_id)
    except ValueError:
        return {}
    if found is None:
        return {}
    return {"vat_id": found.value, "vat_status": "pending", "details_revision": 1}
