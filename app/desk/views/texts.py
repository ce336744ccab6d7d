"""Text modules: kept, and picked while a reply is written."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.desk.bulk import Pick, picks_of
from app.desk.models import TextModule
from app.desk.placeholders import PLACES, filled
from app.desk.queries import get_text, list_picked, list_texts
from app.desk.queue import across
from app.desk.schemas import NewTextForm, TextForm
from app.desk.services import texts as services
from app.desk.views.blueprint import bp
from app.desk.views.common import context, own_language, user_id, who
from app.service_requests.presenting import subject_of
from app.web.formats import datetime_text
from app.web.forms import BoundForm
from app.web.i18n import LANGUAGES, zone
from app.web.submitting import carried_out
from tenants.core.errors import NotFound
from tenants.endpoints import staff


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    language: str
    text: str


@bp.get("/texts")
@staff("desk.use")
def texts() -> ResponseReturnValue:
    return render_template(
        "desk/texts.html", rows=list_texts(), languages=LANGUAGES, done=request.args.get("done"),
        supervises=current_actor().can("desk.supervise"),
    )  # fmt: skip


@bp.get("/texts/new")
@staff("desk.use")
def new_text() -> ResponseReturnValue:
    return _form_page(BoundForm(NewTextForm, values={"language": own_language()}))


@bp.post("/texts/new")
@staff("desk.use")
def save_text() -> ResponseReturnValue:
    form = BoundForm(NewTextForm, request.form)
    if carried_out(form, lambda: services.save_text(**who(), **form.data)):
        return redirect(url_for("desk.texts", done="saved"), 303)
    return _form_page(form)


@bp.get("/texts/<uuid:text_id>")
@staff("desk.use")
def edit_text(text_id: UUID) -> ResponseReturnValue:
    row = get_text(text_id=text_id)
    values = {"name": row.name, "language": row.language, "body": row.body}
    return _form_page(BoundForm(TextForm, values=values), row)


@bp.post("/texts/<uuid:text_id>")
@staff("desk.use")
def change_text(text_id: UUID) -> ResponseReturnValue:
    row, form = get_text(text_id=text_id), BoundForm(TextForm, request.form)
    if carried_out(form, lambda: services.change_text(module=row, **who(), **form.data)):
        return redirect(url_for("desk.texts", done="changed"), 303)
    return _form_page(form, row)


@bp.post("/texts/<uuid:text_id>/delete")
@staff("desk.use")
def delete_text(text_id: UUID) -> ResponseReturnValue:
    services.delete_text(module=get_text(text_id=text_id), **who())
    return redirect(url_for("desk.texts", done="deleted"), 303)


@bp.get("/texts/pick")
@staff("desk.use")
def pick_text() -> ResponseReturnValue:
    """Each filled in for the request that the address names, those in its client's language first."""
    [pick, *_] = picks_of([request.args.get("open", "")])
    offered = [(row.name, row.language, row.body) for row in list_texts()]
    row = _picked(pick)
    choices = [
        Choice(name, language, filled(body, _values(row, language)))
        for name, language, body in sorted(offered, key=lambda one: one[1] != row["language"])
    ]
    return render_template("desk/_pick_text.html", choices=choices, languages=LANGUAGES)


def _picked(pick: Pick) -> Any:
    found = context()
    ids = {one.slug: one.tenant_id for one in found.clients}
    if pick.slug not in ids:
        raise NotFound
    with across(found, reason="desk texts", user_id=user_id()) as session:
        rows = list_picked(
            session, pairs=found.pairs(pick.slug), numbers=[(ids[pick.slug], pick.number)]
        )
    if not rows:
        raise NotFound
    return rows[0]


def _values(row: Any, language: str) -> dict[str, str]:
    local = row["due_at"].astimezone(ZoneInfo(str(zone())))
    return {
        "client": row["client_name"],
        "contact": row["requester_name"] or row["raised_by_name"],
        "number": f"#{row['number']}",
        "title": subject_of(row["item"], row["title"]),
        "due": datetime_text(local, language),
        "operator": current_actor().name,
    }


def _form_page(form: BoundForm, row: TextModule | None = None) -> ResponseReturnValue:
    action = url_for("desk.change_text", text_id=row.id) if row else url_for("desk.save_text")
    page = render_template("desk/text.html", form=form, row=row, action=action, places=PLACES)
    return page, form.status
