"""Credits in words: label, icon, tone."""

from tenants.core.text import _c, _m

KINDS = {
    "sla": _m("Service level missed"),
    "goodwill": _m("Goodwill"),
    "correction": _m("Correction"),
}
STATES = {
    "draft": (_m("Waits for approval"), "clock", "wait"),
    "approved": (_m("Approved"), "circle-check", "info"),
    "issuing": (_m("On its way to Stripe"), "send", "info"),
    "issued": (_c("credit", "Issued"), "circle-check", "good"),
    "void": (_m("Dropped"), "circle-x", ""),
    "refused": (_m("Refused"), "circle-x", "bad"),
}
METHODS = {
    "credit_note": _m("Credit note on an invoice"),
    "credit_grant": _m("Credit for usage"),
}
