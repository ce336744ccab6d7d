"""The operators' desk: the queue, and the tools beside it."""

from app.desk.views import (
    bulk,
    mail,
    palette,
    quality,
    queue,
    rates,
    recurring,
    saved,
    supervision,
    texts,
)
from app.desk.views.blueprint import bp

__all__ = [
    "bp",
    "bulk",
    "mail",
    "palette",
    "quality",
    "queue",
    "rates",
    "recurring",
    "saved",
    "supervision",
    "texts",
]
