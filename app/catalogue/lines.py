"""Service lines and the levels of a grant, by their names."""

from collections.abc import Mapping

from tenants.core.text import _m

LEVELS: Mapping[str, str] = {"read": _m("Read"), "work": _m("Work"), "review": _m("Review")}
LEVEL_ICONS: Mapping[str, str] = {"read": "eye", "work": "tool", "review": "checks"}
LINES: Mapping[str, str] = {
    "administration": _m("Administration and front office"),
    "finance": _m("Finance"),
    "hr": _m("HR"),
    "sales": _m("Sales assistance"),
    "logistics": _m("Logistics"),
    "legal": _m("Legal"),
    "quality": _m("Quality"),
    "it": _m("IT"),
    "production": _m("Production"),
    "projects": _m("Projects"),
    "marketing": _m("Marketing support"),
}
