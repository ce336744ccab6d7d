"""Pages of sales invoices."""

from app.finance.sales_invoices.views import (
    acts,
    batches,
    editing,
    listing,
    page,
    requests,
    scheduling,
    setting,
)
from app.finance.sales_invoices.views.blueprint import bp

__all__ = [
    "acts",
    "batches",
    "bp",
    "editing",
    "listing",
    "page",
    "requests",
    "scheduling",
    "setting",
]
