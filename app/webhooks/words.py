"""What became of a message, an attempt or an endpoint, in words."""

from collections.abc import Mapping

from app.webhooks.models import WebhookAttempt
from tenants.core.text import _m

# Label, icon, tone.
ENDPOINTS: Mapping[str, tuple[str, str, str]] = {
    "on": (_m("On"), "circle-check", "good"),
    "troubled": (_m("Last try failed"), "alert-triangle", "warn"),
    "person": (_m("Switched off"), "player-pause", ""),
    "failing": (_m("Switched off: it failed for days"), "alert-circle", "bad"),
    "gone": (_m("Switched off: the receiver said that it is gone"), "unlink", "bad"),
    "deleted": (_m("Deleted"), "trash", ""),
}
MESSAGES: Mapping[str, tuple[str, str, str]] = {
    "pending": (_m("On its way"), "send", "info"),
    "delivered": (_m("Delivered"), "circle-check", "good"),
    "failed": (_m("Given up"), "alert-circle", "bad"),
    "dropped": (_m("Not sent: it was off"), "player-pause", ""),
}
TROUBLES: Mapping[str, str] = {
    "address": _m("The address is not one that we send to."),
    "unknown": _m("The name of the receiver is not known."),
    "inside": _m("The name points to an address that is not on the public internet."),
    "off": _m("The webhook was switched off when it was due."),
    "slow": _m("The receiver took too long."),
    "certificate": _m("The receiver's certificate is not valid for its name."),
    "closed": _m("The receiver refused or ended the connection."),
    "nonsense": _m("The receiver's answer was not HTTP."),
    "redirect": _m("The receiver pointed elsewhere. We don't follow: enter the final address."),
    "status": _m("The receiver answered with status %(status)s."),
}


def trouble_of(attempt: WebhookAttempt) -> str:
    """A code of TROUBLES, or nothing where it was taken."""
    if attempt.status is None:
        return attempt.trouble
    if 200 <= attempt.status < 300:
        return ""
    return "redirect" if 300 <= attempt.status < 400 else "status"
