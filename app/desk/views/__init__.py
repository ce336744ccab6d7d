"""The operators' desk: the queue, and the tools beside it."""

from app.desk.views import palette, queue, saved
from app.desk.views.blueprint import bp

__all__ = ["bp", "palette", "queue", "saved"]
