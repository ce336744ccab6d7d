"""What supervisors' tasks are called, and what they ask for."""

from collections.abc import Mapping

from tenants.core.text import _m

# Title, what to do, icon.
KINDS: Mapping[str, tuple[str, str, str]] = {
    "chased": (
        _m("The client was reminded in vain"),
        _m("Phone, cancel the request, or close it with a note: then write here what you did."),
        "phone",
    ),
    "rating": (
        _m("The client is not satisfied"),
        _m("Talk to the client, then write here what you agreed."),
        "star",
    ),
    "stand_in": (
        _m("Its operator is away and nobody stands in"),
        _m(
            "Give it to somebody, or agree on another day with the client: then write here what you did."
        ),
        "user-off",
    ),
}
