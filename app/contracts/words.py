"""Words about contracts and priorities that the pages share."""

from collections.abc import Mapping

from app.contracts.cut_offs import AFTER, BUSINESS_DAY, MONTH_DAY, CutOff
from app.contracts.offered import OfferedItem
from app.contracts.terms import DETAIL, INCLUDED, NOTHING, OFFER, QUOTA, TOTALS
from app.web.i18n import text
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
CUT_OFF_KINDS: Mapping[str, str] = {
    MONTH_DAY: _m("Day of month"), BUSINESS_DAY: _m("Business day of month"),
    AFTER: _m("Business days after"),
}  # fmt: skip
# Of items about a period the month is the one after it.
CUT_OFFS: Mapping[tuple[str, bool], str] = {
    (MONTH_DAY, False): _m("by day %(number)s of the month"),
    (BUSINESS_DAY, False): _m("by business day %(number)s of the month"),
    (MONTH_DAY, True): _m("by day %(number)s of the month after the period"),
    (BUSINESS_DAY, True): _m("by business day %(number)s of the month after the period"),
    (AFTER, False): _m("by business day %(number)s after the request"),
    (AFTER, True): _m("by business day %(number)s after the request"),
}
STEP_NAMES: Mapping[int, str] = {
    1: _m("To the minute"), 6: _m("To 6 minutes"), 15: _m("To 15 minutes"), 30: _m("To 30 minutes"),
}  # fmt: skip
SHOWN_NAMES: Mapping[str, str] = {
    NOTHING: _m("Nothing"),
    TOTALS: _m("Totals"),
    DETAIL: _m("Every entry"),
}


def cut_off_words(cut_off: CutOff, item: OfferedItem) -> str:
    return text(CUT_OFFS[cut_off.kind, item.has_period], {"number": cut_off.number})
