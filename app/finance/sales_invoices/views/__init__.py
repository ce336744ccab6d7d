"""Pages of sales invoices."""

from app.finance.sales_invoices.views import acts, editing, listing, page, scheduling, setting
from app.finance.sales_invoices.views.blueprint import bp

__all__ = ["acts", "bp", "editing", "listing", "page", "scheduling", "setting"]
