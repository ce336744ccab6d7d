"""What people do with a document: another version, another place, a hold."""

from collections.abc import Callable
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.documents.schemas import ChangeForm, HoldForm, LiftForm, VersionForm
from app.documents.services import filing, holding
from app.documents.services.uploading import upload_version
from app.documents.views.blueprint import bp
from app.documents.views.frame import folder_choices, sent_files, tree
from app.documents.views.showing import show_page
from app.web.forms import BoundForm
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.endpoints import tenant


@bp.post("/<int:document_number>/change")
@tenant("document.file")
def change(slug: str, document_number: int) -> ResponseReturnValue:
    choices = {"folder": folder_choices(tree())}
    form = BoundForm(ChangeForm, request.form, choices=choices, prefix="change")
    return _done(slug, document_number, "change", form, lambda: filing.change_document(
        number=document_number, title=form.data["title"], folder_id=form.data["folder"],
        actor=current_actor(), now=clock.now(),
    ))  # fmt: skip


@bp.post("/<int:document_number>/versions")
@tenant("document.file")
def add_version(slug: str, document_number: int) -> ResponseReturnValue:
    form = BoundForm(VersionForm, request.form, request.files, prefix="version")
    return _done(slug, document_number, "version", form, lambda: upload_version(
        number=document_number, sent=next(iter(sent_files("file")), None),
        reason=form.data["reason"], actor=current_actor(), now=clock.now(),
    ))  # fmt: skip


@bp.post("/<int:document_number>/hold")
@tenant("document.keep")
def hold(slug: str, document_number: int) -> ResponseReturnValue:
    form = BoundForm(HoldForm, request.form, prefix="hold")
    return _done(slug, document_number, "hold", form, lambda: holding.place_hold(
        number=document_number, reason=form.data["reason"], actor=current_actor(),
        now=clock.now(),
    ))  # fmt: skip


@bp.post("/<int:document_number>/holds/<uuid:hold_id>/lift")
@tenant("document.keep")
def lift(slug: str, document_number: int, hold_id: UUID) -> ResponseReturnValue:
    name = f"lift-{hold_id}"
    form = BoundForm(LiftForm, request.form, prefix=name)
    return _done(slug, document_number, name, form, lambda: holding.lift_hold(
        number=document_number, hold_id=hold_id, reason=form.data["reason"],
        actor=current_actor(), now=clock.now(),
    ))  # fmt: skip


def _done(
    slug: str, number: int, name: str, form: BoundForm, act: Callable[[], object]
) -> ResponseReturnValue:
    def work() -> None:
        check_client(slug)
        act()

    if carried_out(form, work):
        done = "lifted" if name.startswith("lift-") else name
        return redirect(url_for(".show", slug=slug, document_number=number, done=done), 303)
    return show_page(number, {name: form})
