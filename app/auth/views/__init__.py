"""Signing in, links by mail, and one's own account."""

from app.auth.views import links, second_factor, sessions, settings, signing_in
from app.auth.views.blueprint import bp

__all__ = ["bp", "links", "second_factor", "sessions", "settings", "signing_in"]
