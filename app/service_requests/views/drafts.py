"""Keeping and dropping a half filled form of the catalogue."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.memory import get_item
from app.service_requests.drafts.services import drop_draft, keep_draft
from app.service_requests.schemas import item_form
from app.service_requests.views.blueprint import bp
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.other_client import check_client
from tenants.core import clock
from tenants.endpoints import tenant


@bp.post("/new/<item_code>/draft")
@tenant("request.raise")
def keep_form(slug: str, item_code: str) -> ResponseReturnValue:
    """Every few seconds from the page itself; by its button without JavaScript."""
    item = get_item(item_code)
    form = BoundForm(item_form(item, current_actor().side), request.form)
    check_client(slug)
    kept_at = keep_draft(
        actor=current_actor(), now=clock.now(), item_code=item.code, values=_typed(form)
    )
    if wants_fragment():
        return render_template(
            "service_requests/drafts/_kept.html", slug=slug, item=item, kept_at=kept_at
        )
    here = url_for("service_requests.new_request", slug=slug, item_code=item.code)
    return redirect(here, 303)


@bp.post("/new/<item_code>/draft/drop")
@tenant("request.raise")
def drop_form(slug: str, item_code: str) -> ResponseReturnValue:
    item = get_item(item_code)
    check_client(slug)
    drop_draft(actor=current_actor(), item_code=item.code)
    return redirect(url_for("service_requests.catalogue", slug=slug), 303)


def _typed(form: BoundForm) -> dict[str, Any]:
    return {one.name: one.value for one in form if one.input not in ("hidden", "file")}
