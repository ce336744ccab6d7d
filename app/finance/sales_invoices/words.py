"""What people read of invoices."""

from __future__ import annotations

from collections.abc import Mapping

from tenants.core.text import _c, _m

TYPES: Mapping[str, str] = {
    "380": _m("Invoice"),
    "381": _m("Credit note"),
    "384": _m("Corrective invoice"),
    "386": _m("Deposit invoice"),
}
VIEWS: Mapping[str, str] = {
    "all": _m("All"),
    "draft": _m("Drafts"),
    "validated": _m("To send"),
    "open": _m("Not yet received"),
    "sent": _c("invoice", "Sent"),
    "partly_paid": _c("invoice", "Partly paid"),
    "overdue": _m("Overdue"),
    "disputed": _m("Disputed"),
    "paid": _c("invoice", "Paid"),
    "credited": _m("Credited in full"),
    "files": _m("File needs you"),
    "undelivered": _m("Not delivered"),
}
FILES: Mapping[str, str] = {
    "": "",
    "making": _m("The file is being written"),
    "valid": _m("All rules passed"),
    "invalid": _m("Rules are broken"),
    "not_validated": _m("Not validated"),
    "failed": _m("The file couldn't be written"),
}
NATURES: Mapping[str, str] = {
    "services": _m("Services"),
    "goods": _m("Goods"),
    "mixed": _m("Goods and services"),
}
EVENTS: Mapping[str, str] = {
    "validated": _m("Validated"),
    "filed": _m("File written and checked"),
    "not_filed": _m("The file couldn't be written"),
    "passed": _m("Checked again: all rules passed"),
    "broken": _m("Checked again: it isn't sent before its file passes the rules"),
    "leaving": _m("Leaves for %(to)s in a few seconds"),
    "taken_back": _m("Taken back before it left"),
    "not_sent": _m("It didn't leave: its file or its state changed, or it was too late"),
    "sent": _m("Sent to %(to)s"),
    "not_delivered": _m(
        "Not delivered to %(to)s: the mail server refused it, or couldn't be reached"
    ),
    "delivered": _m("Delivered to %(to)s after all"),
    "handed_over": _m("Handed over outside of Coulisse"),
    "paid": _m("Paid so far: %(amount)s"),
    "credited": _m("Credit note over %(amount)s"),
    "replaced": _m("Replaced by a corrective invoice"),
    "disputed": _m("Disputed"),
    "resolved": _m("Dispute resolved"),
}
# UN/ECE Recommendation 20.
UNITS: Mapping[str, str] = {
    "C62": _m("unit"),
    "HUR": _m("hour"),
    "DAY": _m("day"),
    "MON": _m("month"),
    "ANN": _m("year"),
    "KGM": _m("kilogram"),
    "TNE": _m("tonne"),
    "LTR": _m("litre"),
    "MTR": _m("metre"),
    "MTK": _m("square metre"),
    "MTQ": _m("cubic metre"),
    "KMT": _m("kilometre"),
    "KWH": _m("kilowatt hour"),
    "LS": _m("lump sum"),
    "XPK": _m("package"),
}
# State in words: label, icon, tone.
BATCHES: Mapping[str, tuple[str, str, str]] = {
    "reading": (_m("Being read"), "loader-2", "info"),
    "refused": (_m("Not readable"), "alert-circle", "bad"),
    "read": (_m("Waits for your word"), "hand-stop", "wait"),
    "issuing": (_m("Being issued"), "loader-2", "info"),
    "done": (_c("sheet", "Issued"), "circle-check", "good"),
    "dropped": (_m("Dropped"), "x", ""),
}
BATCH_ROWS: Mapping[str, str] = {
    "ready": _c("invoice", "Ready"),
    "rejected": _c("invoice", "Rejected"),
    "made": _c("invoice", "Made"),
}
