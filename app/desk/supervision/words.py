"""What the marks of a request and the ages of an approval are called."""

from collections.abc import Mapping

from tenants.core.text import _m

# Word, icon, tone of a mark; from the worst on.
MARKS: Mapping[str, tuple[str, str, str]] = {
    "late": (_m("late"), "flame", "bad"),
    "risk": (_m("at risk"), "alert-triangle", "warn"),
    "due": (_m("due"), "clock", "info"),
    "open": (_m("open"), "inbox", ""),
}
# As figures.AGES has them.
AGE_NAMES = (_m("0 to 2 days"), _m("3 to 5 days"), _m("6 to 10 days"), _m("11 days and more"))
