"""What a company has agreed, used and pays, for its own administrators."""

from app.subscription.views import (  # noqa: F401 - they add routes
    changing,
    choosing,
    contests,
    credits,
    details,
    invoices,
    leaving,
    measuring,
    overview,
)
from app.subscription.views.blueprint import bp

__all__ = ["bp"]
