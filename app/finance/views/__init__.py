"""The routes of payment control; the client reads what the operator decides."""

from app.finance.panel import payment_control_panel
from app.finance.views import decisions, intake, lists, lookups, profiles, report
from app.finance.views.blueprint import bp
from app.service_requests import panels

panels.register("payment_control", payment_control_panel)

__all__ = ["bp", "decisions", "intake", "lists", "lookups", "profiles", "report"]
