"""Whether a second person always checks a result of this kind before it goes out."""

from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest


def review_asked(request: ServiceRequest) -> bool:
    """Of the other kinds a sample is drawn when the result is handed over."""
    return item_of(request).review == "always"
