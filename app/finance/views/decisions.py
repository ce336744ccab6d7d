"""What the operator decides about lines and proposals; only the row and the figures come back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from app.finance.models import StatementLine
from app.finance.opened import Opened, open_control
from app.finance.presenting import files_mark
from app.finance.queries import get_item, get_line, get_match
from app.finance.schemas import (
    ConfirmAllForm,
    DecisionForm,
    LeaveLearnedForm,
    LeaveOpenForm,
    hand_form,
)
from app.finance.services import deciding
from app.finance.services.by_hand import Part
from app.finance.views.blueprint import bp
from app.finance.views.lists import current_view, figures_context, lines_context, shown
from app.finance.views.lookups import hand_page
from app.finance.views.opening import decided_form, frame, workbench_url
from app.service_requests.views.rendering import current_client
from app.web.fields import MoneyField
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.i18n import text
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.post("/matches/<uuid:match_id>/confirm")
@tenant("payment_control.work")
def confirm(slug: str, number: int, match_id: UUID) -> ResponseReturnValue:
    return _on_match(slug, number, match_id, deciding.confirm_match)


@bp.post("/matches/<uuid:match_id>/undo")
@tenant("payment_control.work")
def undo(slug: str, number: int, match_id: UUID) -> ResponseReturnValue:
    return _on_match(slug, number, match_id, deciding.undo_match)


@bp.post("/matches/<uuid:match_id>/refuse-difference")
@tenant("payment_control.work")
def refuse_difference(slug: str, number: int, match_id: UUID) -> ResponseReturnValue:
    return _on_match(slug, number, match_id, deciding.refuse_difference)


@bp.post("/lines/<uuid:line_id>/propose-again")
@tenant("payment_control.work")
def propose_again(slug: str, number: int, line_id: UUID) -> ResponseReturnValue:
    opened = open_control(number)
    decided_form(slug, opened, DecisionForm)
    line = get_line(control=opened.control, line_id=line_id)
    found = deciding.propose_again(**opened.who, line=line)
    said = "" if found else text(_m("No rule finds an open item for this line."))
    return _row(slug, opened, line, said)


@bp.post("/lines/<uuid:line_id>/match")
@tenant("payment_control.work")
def match_by_hand(slug: str, number: int, line_id: UUID) -> ResponseReturnValue:
    opened = open_control(number)
    line = get_line(control=opened.control, line_id=line_id)
    form = decided_form(slug, opened, hand_form(line.currency))
    if not form.load():
        return hand_page(slug, opened, line, form)
    parts = _parts(opened, line, form)
    if form.invalid:
        return hand_page(slug, opened, line, form)
    deciding.match_several(
        **opened.who, control=opened.control, line=line, parts=parts, note=form.data["note"],
        difference_kind=form.data["difference"],
    )  # fmt: skip
    return _row(slug, opened, line)


def _parts(opened: Opened, line: StatementLine, form: BoundForm) -> list[Part]:
    """Each chosen item with its amount; parts are written without sign and go the item's way."""
    field, parts = MoneyField(currency=line.currency), []
    for item_id in dict.fromkeys(form.data["item_id"]):
        item = get_item(control=opened.control, item_id=item_id)
        typed = request.form.get(f"amount-{item_id}", "").strip()
        amount = form.data["amount"] if len(form.data["item_id"]) == 1 else None
        if typed:
            try:
                amount = int(field.deserialize(typed))
            except ValidationError as error:
                form.add_errors({"item_id": [f"{item.number}: {one}" for one in error.messages]})
        parts.append(Part(item, amount if amount is None or item.open_amount > 0 else -amount))
    return parts


@bp.post("/lines/<uuid:line_id>/leave-open")
@tenant("payment_control.work")
def leave_open(slug: str, number: int, line_id: UUID) -> ResponseReturnValue:
    opened = open_control(number)
    form = decided_form(slug, opened, LeaveOpenForm)
    if not form.load():
        raise Invalid(field_errors={"note": form["note"].errors})
    line = get_line(control=opened.control, line_id=line_id)
    deciding.leave_open(**opened.who, line=line, note=form.data["note"])
    return _row(slug, opened, line)


@bp.post("/confirm-all")
@tenant("payment_control.work")
def confirm_all(slug: str, number: int) -> ResponseReturnValue:
    opened = open_control(number)
    form = decided_form(slug, opened, ConfirmAllForm)
    if not form.load():
        raise Invalid
    least, expected = form.data["chosen"].split("-")
    learned = least == "learned"
    done = deciding.confirm_all(
        **opened.who, control=opened.control, at_least=0 if learned else int(least),
        expected=int(expected), learned=learned,
    )  # fmt: skip
    return _list(slug, opened, text(_m("%(count)s proposals confirmed."), {"count": done}))


@bp.post("/leave-open-learned")
@tenant("payment_control.work")
def leave_open_learned(slug: str, number: int) -> ResponseReturnValue:
    opened = open_control(number)
    form = decided_form(slug, opened, LeaveLearnedForm)
    if not form.load():
        raise Invalid
    done = deciding.leave_open_learned(
        **opened.who, control=opened.control, expected=form.data["expected"]
    )
    return _list(slug, opened, text(_m("%(count)s lines left open."), {"count": done}))


def _on_match(
    slug: str, number: int, match_id: UUID, decide: Callable[..., Any]
) -> ResponseReturnValue:
    opened = open_control(number)
    decided_form(slug, opened, DecisionForm)
    match = get_match(control=opened.control, match_id=match_id)
    decide(**opened.who, match=match)
    return _row(slug, opened, get_line(control=opened.control, line_id=match.line_id))


def _list(slug: str, opened: Opened, said: str) -> ResponseReturnValue:
    if not wants_fragment():
        return redirect(workbench_url(slug, opened.request.number), 303)
    found = {**frame(slug, opened, "lines"), **lines_context(opened)}
    return render_template("finance/_confirmed_all.html", said=said, **found)


def _row(slug: str, opened: Opened, line: StatementLine, said: str = "") -> Response:
    if not wants_fragment():
        url = workbench_url(slug, opened.request.number, _anchor=f"line-{line.id}")
        return make_response(redirect(url, 303))
    found = figures_context(opened, *current_view())
    return make_response(
        render_template(
            "finance/_decided.html", line=shown(opened, [line])[0], client=current_client(),
            r=opened.request, base=workbench_url(slug, opened.request.number), provider=True,
            mark=files_mark(opened.control), works=opened.works, said=said, **found,
        )
    )  # fmt: skip
