"""The operators' desk: the queue, and the tools beside it."""

from app.desk.views import bulk, mail, palette, queue, recurring, saved, supervision, texts
from app.desk.views.blueprint import bp

__all__ = ["bp", "bulk", "mail", "palette", "queue", "recurring", "saved", "supervision", "texts"]
