"""The operators' desk: the queue, and the tools beside it."""

from app.desk.views import (
    bulk,
    handovers,
    mail,
    next_one,
    palette,
    quality,
    queue,
    rates,
    recurring,
    saved,
    supervision,
    team,
    texts,
)
from app.desk.views.blueprint import bp

__all__ = [
    "bp",
    "bulk",
    "handovers",
    "mail",
    "next_one",
    "palette",
    "quality",
    "queue",
    "rates",
    "recurring",
    "saved",
    "supervision",
    "team",
    "texts",
]
