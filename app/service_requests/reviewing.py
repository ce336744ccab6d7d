"""Whether a second person checks a result before it goes out."""

from app.service_requests.catalogue import get_item
from app.service_requests.models import ServiceRequest


def review_asked(request: ServiceRequest) -> bool:
    """A sample is every request, as long as no rates are agreed."""
    return get_item(request.item).review != "never"
