"""The provider's administration: companies, who may see them, staff."""

from app.provider.views import (  # noqa: F401 - they add routes
    access,
    catalogue,
    catalogue_editing,
    companies,
    company,
    contract,
    deadlines,
    people,
    prices,
    staff,
)
from app.provider.views.blueprint import bp

__all__ = ["bp"]
