"""What states of documents look like: words, icon, tone."""

from collections.abc import Mapping

from tenants.core.text import _m

OUTCOMES: Mapping[str, tuple[str, str, str]] = {
    "valid": (_m("Valid"), "shield-check", "good"),
    "invalid": (_m("Not valid"), "alert-circle", "bad"),
    "not_validated": (_m("Not validated"), "alert-triangle", "warn"),
}
SUPERSEDED = (_m("Superseded"), "history", "")
HELD = (_m("Legal hold"), "gavel", "warn")
DISPOSALS: Mapping[str, tuple[str, str, str]] = {
    "listed": (_m("Period has ended"), "hourglass", ""),
    "proposed": (_m("Proposed for deletion"), "user-check", "warn"),
    "waiting": (_m("Not deleted yet"), "lock", "warn"),
    "released": (_m("Deleted tonight"), "trash", "bad"),
    "deleted": (_m("Deleted"), "trash", ""),
    "kept": (_m("Stays"), "lock", "good"),
}
