"""What people read of invoices that come again."""

from __future__ import annotations

from collections.abc import Mapping

from tenants.core.text import _c, _m

# Text, icon, tone.
STATES: Mapping[str, tuple[str, str, str]] = {
    "active": (_c("invoice", "Active"), "refresh", "good"),
    "paused": (_m("Paused"), "player-pause", "warn"),
    "waits": (_m("Needs you"), "alert-triangle", "bad"),
    "ended": (_c("invoice", "Ended"), "circle-check", ""),
}
PROBLEMS: Mapping[str, str] = {
    "archived": _m(
        "The customer's file is archived: no draft is made. Take the file out of the archive, choose"
        " another customer, or end this."
    ),
    "incomplete": _m("The latest draft can't be validated as it is. What is missing stands on it."),
    "refused": _m(
        "The draft couldn't be made. Look at the invoice and its customer, and keep it again."
    ),
}
