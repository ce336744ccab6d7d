"""The guard against working for the wrong client."""

from flask import request

from tenants.core.errors import Conflict
from tenants.core.text import _m


class OtherClient(Conflict):
    code = "other_client"
    message = _m(
        "This form was made for another client (%(made_for)s). Nothing was sent and your text is "
        "kept: check whom it is for."
    )


def check_client(slug: str) -> None:
    """The form names the client that its writer saw; the address names the one it goes to."""
    made_for = request.form.get("client", "")
    if made_for != slug:
        raise OtherClient(made_for=made_for[:64] or "?")
