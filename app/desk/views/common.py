"""What the desk's views share: who reads, what the address says."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from app.auth.current import current_actor, current_identity
from app.desk.conditions import Reader
from app.desk.filters import PARAMETERS, parameters
from app.desk.queries import DeskContext, get_context
from app.desk.queue import View, reader_of
from app.web.i18n import text, zone
from tenants.core import clock

KEPT = ("view", *PARAMETERS)


def user_id() -> UUID:
    found = current_actor().user_id
    assert found is not None
    return found


def who() -> dict[str, Any]:
    return {"actor": current_actor(), "now": clock.now()}


def context() -> DeskContext:
    return get_context(user_id=user_id())


def reader(found: DeskContext) -> Reader:
    return reader_of(found, user_id=user_id(), now=clock.now(), zone=zone())


def kept(**changes: Any) -> dict[str, Any]:
    """The filters that stand in the address, with these changes; empty ones are left out."""
    found = {name: request.args.get(name, "") for name in KEPT} | changes
    return {name: value for name, value in found.items() if value}


def title(view: View) -> str:
    return view.title if view.saved else text(view.title)


def address(view: View) -> str:
    """A saved view's filter stands in its address, so that a colleague can be sent it."""
    own = parameters(view.filter) if view.saved else {}
    return url_for("desk.queue", **own, view=view.code)


def own_language() -> str:
    identity = current_identity()
    return identity.language if identity else "en"


def request_url_pattern() -> str:
    """`url_for` once, not once a row."""
    return url_for("service_requests.show", slug="SLUG", number=0).replace("SLUG", "{slug}").replace(
        "/0", "/{number}"
    )  # fmt: skip
