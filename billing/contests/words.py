"""How a contest stands, in words: label, icon, tone."""

from tenants.core.text import _m

STATES = {
    "open": (_m("Waits for an answer"), "clock", "wait"),
    "proposed": (_m("Waits for a second person"), "users", "wait"),
    "decided": (_m("Decided"), "circle-check", "good"),
}
VERDICTS = {
    "upheld": (_m("Upheld"), "circle-check", "good"),
    "adjusted": (_m("Upheld in part"), "circle-check", "info"),
    "answered": (_m("Stays billed"), "message-2", ""),
}
OUTCOMES = {
    "reversed": _m("It was taken back before the invoice: the period counts less."),
    "credited": _m("The invoice was final already, so there is a credit on it."),
    "nothing": _m("Nothing changes on the bill."),
    "": _m("It is being put into the books."),
}
