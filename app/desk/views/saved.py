"""My desk: saved views and how the desk behaves."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.desk.filters import PARAMETERS, filter_of, from_query, parameters, query_of
from app.desk.models import SavedView
from app.desk.queries import find_settings, get_view, list_views
from app.desk.queue import BUILT_IN
from app.desk.schemas import NewViewForm, SettingsForm, ViewForm
from app.desk.services import saved_views as services
from app.desk.views.blueprint import bp
from app.desk.views.common import user_id, who
from app.desk.views.words import said
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.submitting import carried_out
from tenants.endpoints import staff


@bp.get("/views")
@staff("desk.use")
def saved_views() -> ResponseReturnValue:
    found = find_settings(user_id=user_id())
    values = {"default_view": found.default_view, "after": found.after} if found else {}
    return _page(_settings_form(values=values))


@bp.post("/views/settings")
@staff("desk.use")
def choose_settings() -> ResponseReturnValue:
    form = _settings_form(request.form)
    if not form.load():
        return _page(form)
    services.choose_settings(
        **who(), default_view=form.data["default_view"], after=form.data["after"]
    )
    return redirect(url_for("desk.saved_views", done="settings"), 303)


@bp.get("/views/new")
@staff("desk.use")
def new_view() -> ResponseReturnValue:
    """The filter to keep stands in the address, as on the desk."""
    return _form_page(BoundForm(NewViewForm, values={"icon": "star", "position": 0}))


@bp.post("/views/new")
@staff("desk.use")
def save_view() -> ResponseReturnValue:
    form, chosen = BoundForm(NewViewForm, request.form), filter_of(request.args)
    made: list[SavedView] = []
    if carried_out(form, lambda: made.append(
        services.save_view(**who(), **form.data, query=query_of(chosen))
    )):  # fmt: skip
        return redirect(url_for("desk.queue", **parameters(chosen), view=made[0].id), 303)
    return _form_page(form)


@bp.get("/views/<uuid:view_id>")
@staff("desk.use")
def edit_view(view_id: UUID) -> ResponseReturnValue:
    row = get_view(view_id=view_id)
    values = {"name": row.name, "icon": row.icon, "position": row.position}
    return _form_page(BoundForm(ViewForm, values=values), row)


@bp.post("/views/<uuid:view_id>")
@staff("desk.use")
def change_view(view_id: UUID) -> ResponseReturnValue:
    row, form = get_view(view_id=view_id), BoundForm(ViewForm, request.form)
    if carried_out(form, lambda: services.change_view(view=row, **who(), **form.data)):
        return redirect(url_for("desk.saved_views", done="changed"), 303)
    return _form_page(form, row)


@bp.post("/views/<uuid:view_id>/delete")
@staff("desk.use")
def delete_view(view_id: UUID) -> ResponseReturnValue:
    services.delete_view(view=get_view(view_id=view_id), **who())
    return redirect(url_for("desk.saved_views", done="deleted"), 303)


def _settings_form(sent: object = None, **more: object) -> BoundForm:
    views = [("", text(BUILT_IN["all"].title))]
    views += [(code, text(view.title)) for code, view in BUILT_IN.items() if code != "all"]
    views += [(str(row.id), row.name) for row in list_views()]
    return BoundForm(SettingsForm, sent, choices={"default_view": views}, **more)  # type: ignore[arg-type]


def _page(form: BoundForm) -> ResponseReturnValue:
    page = render_template(
        "desk/saved_views.html", form=form, views=[(row, _told(row)) for row in list_views()],
        url=_url, supervises=current_actor().can("desk.supervise"), done=request.args.get("done"),
    )  # fmt: skip
    return page, form.status


def _form_page(form: BoundForm, row: SavedView | None = None) -> ResponseReturnValue:
    chosen = from_query(row.query) if row else filter_of(request.args)
    kept: dict[str, Any] = (
        {} if row else {name: request.args[name] for name in PARAMETERS if name in request.args}
    )
    page = render_template(
        "desk/saved_view.html", form=form, row=row, says=said(chosen),
        action=url_for("desk.change_view", view_id=row.id) if row
        else url_for("desk.save_view", **kept),
    )  # fmt: skip
    return page, form.status


def _told(row: SavedView) -> list[tuple[str, str]]:
    return said(from_query(row.query))


def _url(row: SavedView) -> str:
    return url_for("desk.queue", **parameters(from_query(row.query)), view=row.id)
