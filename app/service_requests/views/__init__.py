"""The routes of a client's requests; what may be done on a page depends on who looks at it."""

from app.service_requests.views import (
    checklists,
    client,
    clock,
    delegates,
    desk_acts,
    documents,
    drafts,
    evidence,
    files,
    lifecycle,
    listing,
    offers,
    page,
    provider,
    reply_drafts,
    tasks,
    timekeeping,
)
from app.service_requests.views.blueprint import bp

__all__ = [
    "bp",
    "checklists",
    "client",
    "clock",
    "delegates",
    "desk_acts",
    "documents",
    "drafts",
    "evidence",
    "files",
    "lifecycle",
    "listing",
    "offers",
    "page",
    "provider",
    "reply_drafts",
    "tasks",
    "timekeeping",
]
