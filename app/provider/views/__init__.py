"""The provider's administration: companies, who may see them, staff."""

from app.provider.views import access, companies, company, staff  # noqa: F401 - they add routes
from app.provider.views.blueprint import bp

__all__ = ["bp"]
