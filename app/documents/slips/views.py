"""All checks of one version, each to be taken along, and the button that checks it again."""

from collections.abc import Sequence

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity
from app.auth.identity import TenantContext
from app.documents.checking.shown import shown_content
from app.documents.checking.wording import OUTCOMES
from app.documents.models import Document, DocumentVersion, ValidationSlip
from app.documents.queries import get_document, get_version, list_slips
from app.documents.services.rechecking import NeverChecked, ask_for_check
from app.documents.slips import taking
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant

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
        job=taking.running_check(version), outcomes=OUTCOMES, name=taking.file_name(version),
        may_check=actor.can("document.file", document.line) and version.file_id is not None,
    )  # fmt: skip
    return make_response(shown, 409 if why else 200)


@bp.get(f"{_VERSION}/slips/progress")
@tenant("document.read")
def progress(slug: str, document_number: int, version_number: int) -> ResponseReturnValue:
    """Asked every two seconds while a check runs; at its end the page comes anew."""
    document, version = _asked(document_number, version_number)
    job = taking.running_check(version)
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
    return taking.slip_data(_chosen(version), version)


@bp.get(f"{_VERSION}/slip.pdf")
@tenant("document.read")
def as_pdf(slug: str, document_number: int, version_number: int) -> Response:
    document, version = _asked(document_number, version_number)
    return taking.slip_file(_chosen(version), document, version, _client().name)


@bp.get(f"{_VERSION}/with-slip.zip")
@tenant("document.read")
def with_slip(slug: str, document_number: int, version_number: int) -> Response:
    """The file and its last slip, to be handed on together."""
    document, version = _asked(document_number, version_number)
    return taking.with_slip(document, version, _client().name)


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


def _client() -> TenantContext:
    identity = current_identity()
    assert identity is not None
    assert identity.tenant is not None
    return identity.tenant
