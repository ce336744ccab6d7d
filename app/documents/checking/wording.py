"""What a slip says, in words; all are English source texts."""

from tenants.core.text import _m

GAPS: dict[str, str] = {
    "structure": _m("Whether the file is built as its format asks (XSD)."),
    "rules": _m("The rules of the standard."),
    "public-fr": _m("What Chorus Pro asks of invoices to French public bodies beyond these rules."),
    "attachments": _m("What is in the attachments."),
    "registers": _m(
        "Whether names, numbers and addresses stand so in public registers, and whether "
        "what is charged is due."
    ),
}
REASONS: dict[str, str] = {
    "missing": _m("This rule set is not installed."),
    "time": _m("The check took too long and was stopped."),
    "memory": _m("The check needed too much memory and was stopped."),
    "broken": _m("The rules stopped while they ran."),
    "unread": _m("The file can’t be read."),
}
RUNS: dict[str, str] = {
    "passed": _m("Passed"),
    "failed": _m("Not passed"),
    "not_run": _m("Not checked"),
}
SEVERITIES: dict[str, str] = {
    "fatal": _m("Error"),
    "warning": _m("Warning"),
    "info": _m("Note"),
}
WITHOUT: dict[str, str] = {
    "cen-cii": _m(
        "Without it XRechnung in CII is not validated. The KoSIT configuration ZIP holds it."
    ),
    "kosit-xrechnung-cii": _m("Without it XRechnung in CII is not validated and can’t be sent."),
    "kosit-xrechnung-ubl": _m("Without it XRechnung in UBL is not validated and can’t be sent."),
    "peppol-ubl": _m("Without it the rules of the Peppol network are not checked."),
}
OUTCOMES: dict[str, str] = {
    "valid": _m("Valid"),
    "invalid": _m("Not valid"),
    "not_validated": _m("Not validated"),
}
