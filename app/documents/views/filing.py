"""Filing by hand, and the plan by which documents are filed."""

from collections.abc import Mapping
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.documents import queries
from app.documents.filing_plan import DEEPEST
from app.documents.schemas import AgainForm, ClientForm, FolderForm, RenameForm, UploadForm
from app.documents.services import filing as plan
from app.documents.services.uploading import Filed, Filing, file_uploads, keep_again
from app.documents.views.blueprint import bp
from app.documents.views.frame import (
    current_client,
    folder_choices,
    kind_choices,
    own_request,
    page,
    sent_files,
    tree,
)
from app.web.forms import BoundForm
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import Invalid
from tenants.endpoints import tenant


@bp.get("/new")
@tenant("document.file")
def new(slug: str) -> ResponseReturnValue:
    values = {"client": slug, "language": current_client().language,
              "request": request.args.get("request", ""), "kind": request.args.get("kind")}  # fmt: skip
    return _form(_bound(values))


@bp.post("/new")
@tenant("document.file")
def file(slug: str) -> ResponseReturnValue:
    form = _bound()
    done: list[Filed] = []

    def work() -> None:
        check_client(slug)
        done.append(
            file_uploads(
                sent=sent_files("files", "photo"),
                filing=_filing(form.data),
                actor=current_actor(),
                now=clock.now(),
            )
        )

    if not carried_out(form, work):
        return _form(form)
    [filed] = done
    numbers = [
        queries.get_document(actor=current_actor(), document_id=one.document_id).number
        for one in filed.versions
    ]
    if filed.known:
        issued = queries.issued_among([one.places[0].document for one in filed.known])
        return page("known", known=filed.known, filed=numbers, sent=request.form, issued=issued)
    if len(numbers) == 1:
        return redirect(url_for(".show", slug=slug, document_number=numbers[0], done="filed"), 303)
    return redirect(url_for(".list_documents", slug=slug, done="filed"), 303)


@bp.post("/again")
@tenant("document.file")
def again(slug: str) -> ResponseReturnValue:
    """A file that is here already, kept on purpose."""
    form = BoundForm(AgainForm, request.form)
    if not form.load():
        raise Invalid
    check_client(slug)
    data = form.data
    version = keep_again(
        number=data["number"], version_number=data["version"],
        filing=_filing(data) if data["way"] == "document" else None,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    made = queries.get_document(actor=current_actor(), document_id=version.document_id)
    return redirect(url_for(".show", slug=slug, document_number=made.number, done="filed"), 303)


@bp.get("/folders")
@tenant("document.file")
def folders(slug: str) -> ResponseReturnValue:
    return _plan_page()


@bp.post("/folders/plan")
@tenant("document.file")
def lay_plan(slug: str) -> ResponseReturnValue:
    """Ours, as far as it isn't there."""
    check_client(slug)
    plan.lay_plan()
    return redirect(url_for(".folders", slug=slug, done="saved"), 303)


@bp.post("/folders")
@tenant("document.file")
def add_folder(slug: str) -> ResponseReturnValue:
    form = _folder_form()

    def work() -> None:
        check_client(slug)
        plan.add_folder(
            name=form.data["name"], parent_id=form.data["parent"], actor=current_actor(),
            now=clock.now(),
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(url_for(".folders", slug=slug, done="saved"), 303)
    return _plan_page(form)


@bp.post("/folders/<uuid:folder_id>/rename")
@tenant("document.file")
def rename_folder(slug: str, folder_id: UUID) -> ResponseReturnValue:
    form = BoundForm(RenameForm, request.form, prefix=f"rename-{folder_id}")

    def work() -> None:
        check_client(slug)
        plan.rename_folder(
            folder_id=folder_id, name=form.data["name"], actor=current_actor(), now=clock.now()
        )

    if carried_out(form, work):
        return redirect(url_for(".folders", slug=slug, done="saved"), 303)
    return _plan_page(refused=(folder_id, form))


@bp.post("/folders/<uuid:folder_id>/remove")
@tenant("document.file")
def remove_folder(slug: str, folder_id: UUID) -> ResponseReturnValue:
    form = BoundForm(ClientForm, request.form)

    def work() -> None:
        check_client(slug)
        plan.remove_folder(folder_id=folder_id, actor=current_actor(), now=clock.now())

    if carried_out(form, work):
        return redirect(url_for(".folders", slug=slug, done="saved"), 303)
    return _plan_page(refused=(folder_id, form))


def _bound(values: Mapping[str, object] | None = None) -> BoundForm:
    of_request = bool(request.values.get("request"))
    choices = {"kind": kind_choices(of_request=of_request), "folder": folder_choices(tree())}
    if values is None:
        return BoundForm(UploadForm, request.form, request.files, choices=choices)
    return BoundForm(UploadForm, values=values, choices=choices)


def _form(form: BoundForm) -> ResponseReturnValue:
    form["client"].value = current_client().slug
    return page("new", form=form, status=form.status)


def _filing(data: dict[str, object]) -> Filing:
    return Filing(
        kind=str(data["kind"]), language=str(data["language"]), title=str(data["title"] or ""),
        dated=data["dated"], folder_id=data["folder"], request_id=own_request(str(data["request"] or "")),  # type: ignore[arg-type]
    )  # fmt: skip


def _folder_form(values: dict[str, object] | None = None) -> BoundForm:
    """Folders lie within those of the first two levels."""
    choices = {"parent": folder_choices([one for one in tree() if one.level < DEEPEST])}
    if values is None:
        return BoundForm(FolderForm, request.form, choices=choices)
    return BoundForm(FolderForm, values=values, choices=choices)


def _plan_page(
    form: BoundForm | None = None, refused: tuple[UUID, BoundForm] | None = None
) -> ResponseReturnValue:
    """`refused` is the folder that couldn't be changed, with the form that says why."""
    form = form or _folder_form({})
    form["client"].value = current_client().slug
    branches = tree(counted=True)
    renames = {
        one.id: BoundForm(RenameForm, values={"name": one.name}, prefix=f"rename-{one.id}")
        for one in branches
    }
    if refused is not None and "name" in refused[1]:
        renames[refused[0]] = refused[1]
    for one in renames.values():
        one["client"].value = current_client().slug
    return page(
        "folders", form=form, tree=branches, renames=renames,
        refused=refused[0] if refused else None, why=refused[1].form_errors if refused else (),
        status=refused[1].status if refused else form.status,
    )  # fmt: skip
