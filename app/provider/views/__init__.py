"""The provider's administration: companies, who may see them, staff."""

from app.provider.views import (  # noqa: F401 - they add routes
    access,
    billing,
    billing_contests,
    billing_credits,
    billing_ending,
    billing_findings,
    billing_invoicing,
    billing_letters,
    billing_margin,
    billing_rates,
    billing_revenue,
    catalogue,
    catalogue_editing,
    companies,
    company,
    contract,
    deadlines,
    limits,
    people,
    prices,
    rules,
    staff,
)
from app.provider.views.blueprint import bp

__all__ = ["bp"]
