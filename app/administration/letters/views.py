"""Letters of a request: begun from a template, written beside their preview, issued."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.administration.letters import composing, services
from app.administration.letters.models import DRAFT, KINDS, Letter
from app.administration.letters.panel import letter_panel, prefilled
from app.administration.letters.queries import get_letter, list_letters
from app.administration.letters.schemas import (
    FIELD,
    BeginForm,
    StepForm,
    choices_of,
    letter_form,
)
from app.auth.current import current_actor
from app.auth.views.blueprint import each_person
from app.documents.templating.fields import KINDS as KIND_NAMES
from app.documents.templating.fields import fields_of
from app.documents.templating.filling import Wording
from app.documents.templating.previewing import shown_sheet
from app.documents.templating.queries import list_templates
from app.documents.templating.saying import sentences
from app.documents.templating.schemas import LANGUAGES
from app.documents.templating.services import WordingRefused
from app.service_requests import panels, presenting
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.limits import limiter
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.endpoints import tenant

bp = Blueprint("letters", __name__, url_prefix="/c/<slug>/requests/<int:number>/letters")
panels.register("letter_draft", letter_panel)
panels.register("administration_question", letter_panel)
NO_CHOICE = _m("Choose what to begin with.")


@bp.get("")
@tenant("request.work")
def list_all(slug: str, number: int) -> ResponseReturnValue:
    return _overview(slug, _request(number), None)


@bp.post("")
@tenant("request.work")
def begin(slug: str, number: int) -> ResponseReturnValue:
    row = _request(number)
    form = BoundForm(BeginForm, request.form, choices={"begin": _choices()})
    made: list[UUID] = []

    def work() -> None:
        check_client(slug)
        kind, language, template_id = _begun(form.data["begin"])
        made.append(services.begin_letter(
            request=row, kind=kind, language=language, template_id=template_id,
            values=prefilled(row), actor=current_actor(), now=clock.now(),
        ).id)  # fmt: skip

    if carried_out(form, work):
        return redirect(url_for(".show", slug=slug, number=number, letter_id=made[0]), 303)
    return _overview(slug, _request(number), form), form.status


@bp.get("/<uuid:letter_id>")
@tenant("request.work")
def show(slug: str, number: int, letter_id: UUID) -> ResponseReturnValue:
    row = _request(number)
    return _editor(slug, row, get_letter(request_id=row.id, letter_id=letter_id), None)


@bp.post("/<uuid:letter_id>")
@tenant("request.work")
def write(slug: str, number: int, letter_id: UUID) -> ResponseReturnValue:
    """`then=issue` saves and issues what was just typed."""
    row = _request(number)
    form = _form(get_letter(request_id=row.id, letter_id=letter_id))
    issues = request.form.get("then") == "issue"

    def work() -> None:
        check_client(slug)
        saved = services.write_letter(
            request=row, letter_id=letter_id, **_typed(form),
            expected_version=form.data["version"], actor=current_actor(), now=clock.now(),
        )  # fmt: skip
        if issues:
            _issue(row, saved, form)

    if carried_out(form, work):
        done = "issued" if issues else "saved"
        return redirect(
            url_for(".show", slug=slug, number=number, letter_id=letter_id, done=done), 303
        )
    row = _request(number)
    letter = get_letter(request_id=row.id, letter_id=letter_id)
    return _editor(slug, row, letter, form), form.status


@bp.post("/<uuid:letter_id>/preview")
@tenant("request.work")
@limiter.limit("40/minute;600/hour", key_func=each_person)
def preview(slug: str, number: int, letter_id: UUID) -> ResponseReturnValue:
    row = _request(number)
    letter = get_letter(request_id=row.id, letter_id=letter_id)
    form = _form(letter)
    draft = _copy(letter)
    if form.load():
        said = _typed(form)
        draft.subject, draft.body, draft.closing = said["subject"], said["body"], said["closing"]
        draft.table_text, draft.field_values = said["table"], said["values"]
    made = composing.compose(letter=draft, request=row, now=clock.now())
    return shown_sheet(made.sheet, made.problems)


@bp.post("/<uuid:letter_id>/correct")
@tenant("request.work")
def correct(slug: str, number: int, letter_id: UUID) -> ResponseReturnValue:
    check_client(slug)
    services.correct_letter(
        request=_request(number), letter_id=letter_id, actor=current_actor(), now=clock.now()
    )
    return redirect(url_for(".show", slug=slug, number=number, letter_id=letter_id), 303)


@bp.post("/<uuid:letter_id>/discard")
@tenant("request.work")
def discard(slug: str, number: int, letter_id: UUID) -> ResponseReturnValue:
    check_client(slug)
    form = BoundForm(StepForm, request.form)
    if not form.load():
        raise Invalid
    services.discard_letter(
        request=_request(number), letter_id=letter_id, expected_version=form.data["version"],
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return redirect(url_for(".list_all", slug=slug, number=number, done="discarded"), 303)


def _request(number: int) -> ServiceRequest:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    actor.require("request.work", row.line)
    return row


def _issue(row: ServiceRequest, saved: Letter, form: BoundForm) -> None:
    settings = current_app.config["SETTINGS"]
    try:
        services.issue_letter(
            request=row, letter_id=saved.id, expected_version=saved.version,
            verify_address=f"{settings.base_url}/verify", actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except WordingRefused as refused:
        form.form_errors.extend(sentences(refused.problems))
        raise


def _choices() -> list[tuple[str, str]]:
    """The company's own, then what everybody has."""
    own = [
        (str(row.id), f"{row.name} ({text(KIND_NAMES[row.kind])}, {text(LANGUAGES[row.language])})")
        for row in list_templates()
        if row.kind in KINDS
    ]
    return own + choices_of(KIND_NAMES, text)


def _begun(written: str) -> tuple[str, str, UUID | None]:
    kind, _, language = written.partition(":")
    if kind in KINDS and language in LANGUAGES:
        return kind, language, None
    try:
        return "letter", "en", UUID(written)
    except ValueError as error:
        raise Invalid(field_errors={"begin": [NO_CHOICE]}) from error


def _form(letter: Letter) -> BoundForm:
    """With an input for each field that the text names, as it stands or was just typed."""
    said = composing.wording_of(letter)
    if request.method == "POST":
        said = Wording(letter.kind, *(
            request.form.get(name, "") for name in ("subject", "body", "closing")
        ))  # fmt: skip
    schema = letter_form(letter.kind, composing.asked_fields(letter.kind, said))
    if request.method == "POST":
        return BoundForm(schema, request.form)
    values = {f"{FIELD}{code}": value for code, value in letter.field_values.items()}
    parts = {"subject": letter.subject, "body": letter.body, "closing": letter.closing}
    return BoundForm(schema, values={**values, **parts, "table": letter.table_text})


def _typed(form: BoundForm) -> dict[str, Any]:
    data = form.data
    return {
        "subject": data["subject"], "body": data["body"], "closing": data["closing"],
        "table": data.get("table", ""),
        "values": {
            name.removeprefix(FIELD): value
            for name, value in data.items() if name.startswith(FIELD)
        },
    }  # fmt: skip


def _copy(letter: Letter) -> Letter:
    """Out of the session: a preview changes nothing."""
    names = ("kind", "language", "subject", "body", "closing", "table_text", "field_values")
    return Letter(**{name: getattr(letter, name) for name in names})


def _frame(slug: str, row: ServiceRequest) -> dict[str, Any]:
    return {
        "client": current_client(), "r": row, "done": request.args.get("done", ""),
        "subject": presenting.subject_of(row.item, row.title), "kinds": KIND_NAMES,
        "languages": LANGUAGES,
        "request_url": url_for("service_requests.show", slug=slug, number=row.number),
    }  # fmt: skip


def _overview(slug: str, row: ServiceRequest, form: BoundForm | None) -> str:
    form = form or BoundForm(BeginForm, values={}, choices={"begin": _choices()})
    form["client"].value = slug
    cursor = request.args.get("cursor") or None
    letters = list_letters(request_id=row.id, cursor=cursor)
    return render_template(
        "administration/letters.html", form=form, letters=letters.items, cursor=cursor,
        next_cursor=letters.next_cursor, **_frame(slug, row),
    )  # fmt: skip


def _editor(slug: str, row: ServiceRequest, letter: Letter, form: BoundForm | None) -> str:
    if form is None:
        form = _form(letter)
        form["version"].value = letter.version
    form["client"].value = slug
    return render_template(
        "administration/letter.html", letter=letter, form=form, draft=letter.state == DRAFT,
        asked=[one for one in form if one.name.startswith(FIELD)], rest=[one for one in form if not one.name.startswith(FIELD)],
        fields=fields_of(letter.kind), **_frame(slug, row),
    )  # fmt: skip
