"""Finding the open item that a line pays, when no rule did."""

from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.finance.item_queries import list_items_for_line
from app.finance.models import Match, StatementLine
from app.finance.queries import allocated, get_line
from app.finance.schemas import hand_form
from app.finance.services.deciding import require_work
from app.finance.views.blueprint import bp
from app.finance.views.lists import shown
from app.finance.views.opening import Opened, frame, open_control
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from tenants.endpoints import tenant


@bp.get("/lines/<uuid:line_id>/match")
@tenant("payment_control.work")
def choose_item(slug: str, number: int, line_id: UUID) -> ResponseReturnValue:
    opened = open_control(number)
    require_work(opened.request, opened.actor)
    line = get_line(control=opened.control, line_id=line_id)
    return hand_page(slug, opened, line, BoundForm(hand_form(line.currency), prefix="hand"))


def hand_page(
    slug: str, opened: Opened, line: StatementLine, form: BoundForm
) -> ResponseReturnValue:
    found: dict[str, Any] = {**frame(slug, opened, "lines"), **_offer(opened, line), "form": form}
    if wants_fragment():
        return render_template("finance/_hand.html", **found), form.status
    return (
        render_template("finance/hand.html", line=shown(opened, [line])[0], **found),
        form.status,
    )


@bp.get("/lines/<uuid:line_id>/items")
@tenant("payment_control.work")
def find_items(slug: str, number: int, line_id: UUID) -> ResponseReturnValue:
    opened = open_control(number)
    line = get_line(control=opened.control, line_id=line_id)
    return render_template("finance/_found.html", **_offer(opened, line))


def _offer(opened: Opened, line: StatementLine) -> dict[str, Any]:
    left = line.amount - allocated(control=opened.control, by=Match.line_id, key=line.id)
    search = request.values.get("q", "").strip()[:120]
    return {
        "line_id": line.id,
        "left": left,
        "currency": line.currency,
        "search": search,
        "items": list_items_for_line(control=opened.control, line=line, left=left, search=search),
    }
