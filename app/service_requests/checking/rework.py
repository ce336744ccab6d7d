"""What kind of work time is by default, from where the request stands."""

from app.service_requests.models import ServiceRequest


def category_now(request: ServiceRequest, *, findings_open: bool) -> str:
    """From a return until the work is handed over again it is rework."""
    if request.state == "in_review":
        return "review"
    return "rework" if findings_open else "work"


def is_billed(category: str) -> bool:
    """By default nobody pays for our own mistakes."""
    return category != "rework"
