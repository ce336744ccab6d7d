"""The routes of payment control; the client reads what the operator decides."""

from app.finance.panel import payment_control_panel
from app.finance.services.completeness import figures_of_control
from app.finance.views import decisions, intake, lists, lookups, profiles, report
from app.finance.views.blueprint import bp
from app.service_requests import panels
from app.service_requests.checklists import figures

panels.register("payment_control", payment_control_panel)
figures.register("payment_control", figures_of_control)

__all__ = ["bp", "decisions", "intake", "lists", "lookups", "profiles", "report"]
