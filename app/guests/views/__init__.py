"""The pages of external accountants and auditors: a client's lines, to read."""

from app.guests.views import asking, documents, home, months, reading
from app.guests.views.blueprint import bp

__all__ = ["asking", "bp", "documents", "home", "months", "reading"]
