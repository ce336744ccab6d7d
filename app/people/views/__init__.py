"""People of a company, and the provider's people who can see it."""

from app.people.views import changing, grants, guests, inviting, listing
from app.people.views.blueprint import bp

__all__ = ["bp", "changing", "grants", "guests", "inviting", "listing"]
