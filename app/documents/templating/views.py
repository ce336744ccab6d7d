"""A company's letterhead and templates: what its documents look like and what they begin with."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity
from app.auth.views.blueprint import each_person
from app.documents.printing.letterheads import FONTS, Letterhead
from app.documents.templating import queries, services
from app.documents.templating.built_in import built_in
from app.documents.templating.fields import KINDS, fields_of
from app.documents.templating.filling import Wording
from app.documents.templating.previewing import sample_sheet, shown_sheet
from app.documents.templating.saying import sentences
from app.documents.templating.schemas import (
    LANGUAGES,
    LetterheadForm,
    NewTemplateForm,
    TemplateForm,
    WordingForm,
)
from app.web.forms import BoundForm
from app.web.i18n import language
from app.web.limits import limiter
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant

bp = Blueprint("templates", __name__, url_prefix="/c/<slug>/templates")
_PREVIEWS = "40/minute;600/hour"


def _page(template: str, **values: Any) -> str:
    identity = current_identity()
    assert identity is not None
    return render_template(
        f"documents/{template}.html", client=identity.tenant, kinds=KINDS, languages=LANGUAGES,
        may=current_actor().can("template.manage"), provider=current_actor().side == "provider",
        done=request.args.get("done", ""), **values,
    )  # fmt: skip


def _lines(written: str) -> list[str]:
    return [line.strip() for line in written.splitlines() if line.strip()]


@bp.get("")
@tenant("template.read")
def list_all(slug: str) -> ResponseReturnValue:
    return _page(
        "templates", rows=queries.list_templates(), gone=queries.list_templates(archived=True),
        letterhead=queries.find_letterhead_row(),
    )  # fmt: skip


@bp.get("/letterhead")
@tenant("template.read")
def letterhead(slug: str) -> ResponseReturnValue:
    return _letterhead_page(slug, None)


@bp.post("/letterhead")
@tenant("template.manage")
def set_letterhead(slug: str) -> ResponseReturnValue:
    form = BoundForm(LetterheadForm, request.form, request.files)

    def work() -> None:
        check_client(slug)
        data = form.data
        sent = data["logo"]
        services.set_letterhead(
            colour=data["colour"], font=data["font"], sender=_lines(data["sender"]),
            footer=_lines(data["footer"]), drop_logo=data["drop_logo"], named=data["named"],
            logo=sent.read() if sent and sent.filename else None,
            expected_version=data["version"], actor=current_actor(), now=clock.now(),
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(url_for(".letterhead", slug=slug, done="saved"), 303)
    return _letterhead_page(slug, form), form.status


@bp.post("/letterhead/preview")
@tenant("template.manage")
@limiter.limit(_PREVIEWS, key_func=each_person)
def preview_letterhead(slug: str) -> ResponseReturnValue:
    """As it would be with what is typed; a new logo is seen once it is saved."""
    form = BoundForm(LetterheadForm, request.form)
    head = queries.get_letterhead()
    if form.load():
        head = replace(
            head, colour=form.data["colour"], font=form.data["font"],
            sender=tuple(_lines(form.data["sender"]))[:6],
            footer=tuple(_lines(form.data["footer"]))[:6],
        )  # fmt: skip
    return _sampled(built_in("letter", language()), language(), head)


def _letterhead_page(slug: str, form: BoundForm | None) -> str:
    row, head = queries.find_letterhead_row(), queries.get_letterhead()
    if form is None:
        form = BoundForm(LetterheadForm, values={
            "version": row.version if row else 0, "colour": head.colour, "font": head.font,
            "sender": "\n".join(head.sender), "footer": "\n".join(head.footer),
            "named": row.named if row else True,
        })  # fmt: skip
        form["version"].value = row.version if row else 0
    form["client"].value = slug
    return _page("letterhead", form=form, row=row, fonts=FONTS)


@bp.get("/new")
@tenant("template.manage")
def new(slug: str) -> ResponseReturnValue:
    """Begins with what everybody has."""
    kind, tongue = request.args.get("kind", "letter"), request.args.get("language", language())
    if kind not in KINDS or tongue not in LANGUAGES:
        raise NotFound
    begun = built_in(kind, tongue)
    form = BoundForm(NewTemplateForm, values={
        "kind": kind, "language": tongue, "name": "", "version": 0, **_parts(begun),
    })  # fmt: skip
    return _editor(slug, form, kind, tongue)


@bp.post("/new")
@tenant("template.manage")
def create(slug: str) -> ResponseReturnValue:
    form = BoundForm(NewTemplateForm, request.form)
    kind, tongue = request.form.get("kind", "letter"), request.form.get("language", language())
    if kind not in KINDS or tongue not in LANGUAGES:
        raise NotFound

    def work() -> None:
        check_client(slug)
        made.append(services.create_template(
            kind=kind, language=tongue, name=form.data["name"], wording=_wording(kind, form.data),
            actor=current_actor(), now=clock.now(),
        ).id)  # fmt: skip

    made: list[UUID] = []
    if _written(form, work):
        return redirect(url_for(".show", slug=slug, template_id=made[0], done="saved"), 303)
    return _editor(slug, form, kind, tongue), form.status


@bp.get("/<uuid:template_id>")
@tenant("template.read")
def show(slug: str, template_id: UUID) -> ResponseReturnValue:
    """`version` names an older one, which may be saved again as the latest."""
    row = queries.get_template(template_id=template_id)
    number = request.args.get("version", type=int)
    said = queries.get_version(template=row, number=number)
    form = BoundForm(TemplateForm, values={"name": row.name, **_parts(said)})
    form["version"].value = row.version
    return _editor(slug, form, row.kind, row.language, row)


@bp.post("/<uuid:template_id>")
@tenant("template.manage")
def write(slug: str, template_id: UUID) -> ResponseReturnValue:
    row = queries.get_template(template_id=template_id)
    kind, tongue = row.kind, row.language
    form = BoundForm(TemplateForm, request.form)

    def work() -> None:
        check_client(slug)
        services.write_template(
            template_id=template_id, name=form.data["name"], wording=_wording(kind, form.data),
            expected_version=form.data["version"], actor=current_actor(), now=clock.now(),
        )  # fmt: skip

    if _written(form, work):
        return redirect(url_for(".show", slug=slug, template_id=template_id, done="saved"), 303)
    row = queries.get_template(template_id=template_id)
    return _editor(slug, form, kind, tongue, row), form.status


@bp.post("/<uuid:template_id>/archive")
@tenant("template.manage")
def archive(slug: str, template_id: UUID) -> ResponseReturnValue:
    check_client(slug)
    services.archive_template(template_id=template_id, actor=current_actor(), now=clock.now())
    return redirect(url_for(".list_all", slug=slug, done="archived"), 303)


@bp.post("/preview")
@tenant("template.read")
@limiter.limit(_PREVIEWS, key_func=each_person)
def preview(slug: str) -> ResponseReturnValue:
    kind, tongue = request.args.get("kind", "letter"), request.args.get("language", language())
    if kind not in KINDS or tongue not in LANGUAGES:
        raise NotFound
    form = BoundForm(WordingForm, request.form)
    form.load()
    return _sampled(_wording(kind, form.data), tongue, queries.get_letterhead())


def _sampled(wording: Wording, tongue: str, head: Letterhead) -> Response:
    return make_response(shown_sheet(*sample_sheet(wording, tongue, head, clock.now())))


def _parts(wording: Wording) -> dict[str, str]:
    return {name: getattr(wording, name) for name in ("subject", "body", "closing")}


def _wording(kind: str, data: dict[str, Any]) -> Wording:
    return Wording(kind, data.get("subject", ""), data.get("body", ""), data.get("closing", ""))


def _written(form: BoundForm, work: Any) -> bool:
    """A text that can't be used says line by line why."""

    def tried() -> None:
        try:
            work()
        except services.WordingRefused as refused:
            form.form_errors.extend(sentences(refused.problems))
            raise

    return carried_out(form, tried)


def _editor(slug: str, form: BoundForm, kind: str, tongue: str, row: Any = None) -> str:
    form["client"].value = slug
    return _page(
        "template", form=form, row=row, kind=kind, tongue=tongue, fields=fields_of(kind),
        versions=queries.list_versions(template=row) if row else [],
        older=request.args.get("version", type=int),
        title=row.name if row else _m("New template"),
    )  # fmt: skip
