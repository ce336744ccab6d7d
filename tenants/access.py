"""What a company's subscription lets it do: billing sets the state, the rest asks for it."""

from collections.abc import Mapping

from tenants.core.text import _m

ACCESS_STATES = (
    "pending", "trialing", "active", "grace", "suspended", "paused", "cancelled", "closed",
)  # fmt: skip
ACCESS_NAMES: Mapping[str, str] = {
    "pending": _m("not begun yet"),
    "trialing": _m("on trial"),
    "active": _m("active"),
    "grace": _m("a payment is late"),
    "suspended": _m("suspended"),
    "paused": _m("paused"),
    "cancelled": _m("cancelled"),
    "closed": _m("closed"),
}
# The company works with us, and we for it.
WORKING = ("active", "trialing", "grace")
