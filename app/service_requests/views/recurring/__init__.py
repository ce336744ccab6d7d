"""Work that comes again: what the client reads of it, what operators write and decide."""

from app.service_requests.views.recurring import acts, backfill, editing, listing
from app.service_requests.views.recurring.blueprint import bp

__all__ = ["acts", "backfill", "bp", "editing", "listing"]
