"""What kind of work a time entry stands for."""

from collections.abc import Mapping

from tenants.core.text import _c, _m

CATEGORIES: Mapping[str, str] = {
    "work": _c("time", "Work"),
    "review": _m("Quality check"),
    "talk": _m("Talk with the client"),
    "organisation": _m("Organisation"),
    "rework": _m("Rework"),
}
