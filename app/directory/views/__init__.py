"""Customers and suppliers of a client company, for its people, its operators and its guests."""

from app.directory.views import accounts, imports, lists, merging, parties, parts
from app.directory.views.blueprint import bp

__all__ = ["accounts", "bp", "imports", "lists", "merging", "parties", "parts"]
