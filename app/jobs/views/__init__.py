from app.jobs.views import batches, one, overview, several  # noqa: F401
from app.jobs.views.blueprint import bp

__all__ = ["bp"]
