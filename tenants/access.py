"""What a company's subscription lets it do: billing sets the state, the rest asks for it."""

from collections.abc import Mapping

from tenants.core.errors import Forbidden
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


class AccessRefused(Forbidden):
    """The subscription doesn't let the company do this, whoever asks."""

    code = "access_refused"
    message = _m("Nothing can be changed here at the moment.")


_READ_ONLY: Mapping[str, str] = {
    "suspended": _m("This company is suspended, since a payment is late: everything can be read, "
                    "exported and paid, nothing changed. Its administrators see what is open "
                    "under Subscription."),
    "paused": _m("The subscription of this company is paused: everything can be read, nothing "
                 "changed. Its administrators can resume it under Subscription."),
    "cancelled": _m("The subscription of this company has ended: everything can be read and "
                    "exported, nothing changed. Its administrators can subscribe again."),
    "closed": _m("This company is closed. Its administrators can subscribe again or write to us."),
}  # fmt: skip
_NO_NEW_WORK = _m(
    "New requests wait until this company's payment has arrived. Work that has begun goes on."
)
_TRIAL_USED_UP = _m(
    "Something that the trial includes is used up, so new requests wait until it ends. Work that has "
    "begun goes on. The administrators see under Subscription, Usage what it is."
)
_NOT_BEGUN = _m("Requests can be raised once this company has chosen and paid its plan.")


def standing(state: str, *, new_work: bool) -> str:
    """What everybody in the company should know about its access, '' for nothing."""
    if state == "pending":
        return _NOT_BEGUN
    return _READ_ONLY.get(state, "" if new_work else _waits(state))


def _waits(state: str) -> str:
    return _TRIAL_USED_UP if state == "trialing" else _NO_NEW_WORK


def refusal(state: str, *, writes: bool) -> AccessRefused | None:
    """Of reading or changing anything of a company whose access is this; what its administrators
    need to pay, to export and to leave is never asked about."""
    if state == "closed" or (writes and state in _READ_ONLY):
        return AccessRefused(_READ_ONLY[state], code=f"access_{state}")
    return None


def refusal_of_new_work(state: str, *, new_work: bool) -> AccessRefused | None:
    """Of a request that isn't there yet."""
    if state == "pending":
        return AccessRefused(_NOT_BEGUN, code="access_pending")
    if state in _READ_ONLY:
        return AccessRefused(_READ_ONLY[state], code=f"access_{state}")
    return None if new_work else AccessRefused(_waits(state), code="access_new_work")
