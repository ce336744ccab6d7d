"""All checks of one version, each to be taken along, and the button that checks it again."""

import re
from collections.abc import Sequence
from io import BytesIO

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity
from app.auth.identity import TenantContext
from app.documents.checking.shown import shown_content
from app.documents.checking.slip_pdf import About, slip_pdf
from app.documents.checking.wording import OUTCOMES
from app.documents.models import Document, DocumentVersion, ValidationSlip
from app.documents.queries import get_document, get_file, get_version, list_slips
from app.documents.services.rechecking import NeverChecked, ask_for_check
from app.web.formats import datetime_text
from app.web.i18n import language, text, zone
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant
from tenants.jobs import JobStatus, list_of_subject

bp = Blueprint("slips", __name__, url_prefix="/c/<slug>/documents")
bp.add_app_template_global(shown_content, "shown_slip")
_VERSION = "/<int:document_number>/versions/<int:version_number>"


@bp.get(f"{_VERSION}/slips")
@tenant("document.read")
def slips(slug: str, document_number: int, version_number: int) -> ResponseReturnValue:
    return _page(document_number, version_number)


def _page(document_number: int, version_number: int, why: str = "") -> Response:
    document, version = _asked(document_number, version_number)
    actor = current_actor()
    shown = render_template(
        "documents/slips.html", client=_client(), why=why, provider=actor.side == "provider",
        document=document, version=version, slips=list_slips(version_ids=[version.id]),
        job=_running(version), outcomes=OUTCOMES, name=_file_name(version),
        may_check=actor.can("document.file", document.line) and version.file_id is not None,
    )  # fmt: skip
    return make_response(shown, 409 if why else 200)


@bp.get(f"{_VERSION}/slips/progress")
@tenant("document.read")
def progress(slug: str, document_number: int, version_number: int) -> ResponseReturnValue:
    """Asked every two seconds while a check runs; at its end the page comes anew."""
    document, version = _asked(document_number, version_number)
    job = _running(version)
    if job is None:
        return Response(headers={"HX-Refresh": "true"})
    return render_template(
        "documents/_checking.html", client=_client(), document=document, version=version, job=job
    )


@bp.post(f"{_VERSION}/check")
@tenant("document.file")
def check_again(slug: str, document_number: int, version_number: int) -> ResponseReturnValue:
    try:
        ask_for_check(
            document_number=document_number, version_number=version_number,
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except NeverChecked as error:
        return _page(document_number, version_number, text(error.message))
    return redirect(
        url_for(".slips", slug=slug, document_number=document_number,
                version_number=version_number), 303,
    )  # fmt: skip


@bp.get(f"{_VERSION}/slip.json")
@tenant("document.read")
def as_json(slug: str, document_number: int, version_number: int) -> Response:
    _, version = _asked(document_number, version_number)
    response = jsonify(_chosen(version).content)
    response.headers["Content-Disposition"] = f'attachment; filename="{_name(version)}.json"'
    return _private(response)


@bp.get(f"{_VERSION}/slip.pdf")
@tenant("document.read")
def as_pdf(slug: str, document_number: int, version_number: int) -> Response:
    document, version = _asked(document_number, version_number)
    slip = _chosen(version)
    words = text(_m("Document %(number)s, version %(version)s"),
                 {"number": document.number, "version": version.number})  # fmt: skip
    made = slip_pdf(
        shown_content(slip.content),
        About(_client().name, _file_name(version), words, slip.kept_by_name),
        lang=language(), translate=text,
        moment=lambda moment: datetime_text(moment.astimezone(zone()), language()),
    )  # fmt: skip
    return _private(send_file(
        BytesIO(made), mimetype="application/pdf", as_attachment=True,
        download_name=f"{_name(version)}.pdf", etag=False,
    ))  # fmt: skip


def _asked(document_number: int, version_number: int) -> tuple[Document, DocumentVersion]:
    document = get_document(actor=current_actor(), number=document_number)
    return document, get_version(document=document, number=version_number)


def _chosen(version: DocumentVersion) -> ValidationSlip:
    """The latest one, or that of the address."""
    found: Sequence[ValidationSlip] = list_slips(version_ids=[version.id])
    wanted = request.args.get("id", "")
    if wanted:
        found = [one for one in found if str(one.id) == wanted]
    if not found:
        raise NotFound
    return found[0]


def _running(version: DocumentVersion) -> JobStatus | None:
    jobs = list_of_subject(subject_id=version.id)
    return next((one for one in jobs if not one.ended), None)


def _client() -> TenantContext:
    identity = current_identity()
    assert identity is not None
    assert identity.tenant is not None
    return identity.tenant


def _file_name(version: DocumentVersion) -> str:
    return get_file(version).name if version.file_id is not None else ""


def _name(version: DocumentVersion) -> str:
    stem = re.sub(r"[^\w.-]+", "-", _file_name(version).rpartition(".")[0], flags=re.ASCII)
    return f"{stem.strip('-.')[:60] or 'document'}-slip"


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response
