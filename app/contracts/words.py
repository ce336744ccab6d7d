"""Words about contracts and priorities that the pages share."""

from collections.abc import Mapping

from app.contracts.terms import INCLUDED, OFFER, QUOTA
from tenants.core.text import _m

WEEKDAYS = (
    _m("Monday"), _m("Tuesday"), _m("Wednesday"), _m("Thursday"), _m("Friday"), _m("Saturday"),
    _m("Sunday"),
)  # fmt: skip
PRIORITY_NAMES: Mapping[str, str] = {
    "urgent": _m("Urgent"), "high": _m("High"), "normal": _m("Normal"), "low": _m("Low"),
}  # fmt: skip
SCOPE_LABELS: Mapping[str, str] = {
    INCLUDED: _m("Included"), QUOTA: _m("Quota a month"), OFFER: _m("Needs an offer"),
}  # fmt: skip
