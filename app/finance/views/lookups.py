"""Finding what belongs together when no rule did: items for a line, lines for an item."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.finance.item_queries import list_items_by_id, list_items_for_line, list_lines_for_item
from app.finance.models import Match, OpenItem, StatementLine
from app.finance.opened import Opened, open_control
from app.finance.queries import allocated, get_item, get_line
from app.finance.schemas import LinesForm, hand_form
from app.finance.services import deciding
from app.finance.services.deciding import require_work
from app.finance.services.tolerances import tolerances
from app.finance.views.blueprint import bp
from app.finance.views.lists import shown
from app.finance.views.opening import decided_form, frame
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from tenants.core.errors import Conflict
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
    """What was chosen stays chosen while one searches for more."""
    left = line.amount - allocated(control=opened.control, by=Match.line_id, key=line.id)
    search = request.values.get("q", "").strip()[:120]
    chosen = _chosen("item_id")
    picked = list_items_by_id(control=opened.control, ids=chosen)
    found = list_items_for_line(control=opened.control, line=line, left=left, search=search)
    allowed = tolerances().of(line.currency)
    return {
        "line_id": line.id,
        "left": left,
        "charges": line.charges,
        "tolerance": allowed,
        "currency": line.currency,
        "search": search,
        "chosen": set(chosen),
        "typed": {one: request.values.get(f"amount-{one}", "") for one in chosen},
        "items": [*picked, *(row for row in found if row.id not in set(chosen))],
    }


def _chosen(name: str) -> list[UUID]:
    found = []
    for one in request.values.getlist(name)[:60]:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


@bp.get("/items/<uuid:item_id>/match")
@tenant("payment_control.work")
def choose_lines(slug: str, number: int, item_id: UUID) -> ResponseReturnValue:
    opened = open_control(number)
    require_work(opened.request, opened.actor)
    item = get_item(control=opened.control, item_id=item_id)
    return _lines_page(slug, opened, item, BoundForm(LinesForm, prefix="lines"))


@bp.post("/items/<uuid:item_id>/match")
@tenant("payment_control.work")
def match_lines(slug: str, number: int, item_id: UUID) -> ResponseReturnValue:
    opened = open_control(number)
    item = get_item(control=opened.control, item_id=item_id)
    form = decided_form(slug, opened, LinesForm)
    if not form.load():
        return _lines_page(slug, opened, item, form)
    lines = [get_line(control=opened.control, line_id=one) for one in form.data["line_id"]]
    try:
        deciding.match_lines(
            **opened.who, control=opened.control, item=item, lines=lines, note=form.data["note"]
        )
    except Conflict as error:
        form.refuse(error)
        return _lines_page(slug, opened, item, form)
    url = url_for("finance.items", slug=slug, number=number, q=item.number)
    return redirect(url, 303)


def _lines_page(slug: str, opened: Opened, item: OpenItem, form: BoundForm) -> ResponseReturnValue:
    left = item.open_amount - allocated(control=opened.control, by=Match.item_id, key=item.id)
    search = request.args.get("q", "").strip()[:120]
    found = list_lines_for_item(control=opened.control, item=item, left=left, search=search)
    return (
        render_template(
            "finance/item_hand.html", item=item, left=left, lines=found, form=form, search=search,
            chosen=set(_chosen("line_id")), **frame(slug, opened, "items"),
        ),
        form.status,
    )  # fmt: skip
