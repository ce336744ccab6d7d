"""The public page that says whether a file is one that was issued here. It asks nobody who they are,
keeps nothing of what it is shown, and answers the unknown, the foreign and the deleted alike."""

import hashlib
import re
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.documents.kinds import KINDS
from app.documents.sealing.models import ROOT
from app.documents.sealing.queries import list_certificates
from app.documents.sealing.services import fingerprints
from app.documents.verifying.codes import read_code, shown
from app.documents.verifying.queries import Issued, find_issued
from app.web.i18n import text
from app.web.limits import limiter
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import public

bp = Blueprint("verify", __name__, url_prefix="/verify")
_HASH = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1024 * 1024
NO_CODE = _m("This is not a code of ours: it has 16 letters and figures. Look at it once more.")
NOTHING = _m("Choose a file, or type the code that stands on the document.")


@dataclass(frozen=True, slots=True)
class Asked:
    """`file` is the name that the reader's own browser gave."""

    sha256: str = ""
    code: str = ""
    file: str = ""
    error: str = ""


@bp.get("")
@public
@limiter.limit("60/minute;600/hour")
def page() -> ResponseReturnValue:
    """A link with a code answers at once."""
    written = request.args.get("code", "")
    return _answer(_of_code(written) if written else Asked())


@bp.post("")
@public
@limiter.limit("30/minute;300/hour")
def check() -> ResponseReturnValue:
    """With the hash that the browser made, or the file itself where it can't."""
    asked = _asked()
    return _answer(asked), 422 if asked.error else 200


@bp.get("/root/<fingerprint>.crt")
@public
@limiter.limit("60/minute")
def root(fingerprint: str) -> Response:
    """For whoever wants seals of ours to be trusted by their own reader of PDFs."""
    rows = [row for row in list_certificates() if row.kind == ROOT]
    known = {found.replace(":", ""): key for key, found in fingerprints(rows).items()}
    row = next((one for one in rows if str(one.id) == known.get(fingerprint.lower())), None)
    if row is None:
        raise NotFound
    response = Response(row.pem, mimetype="application/x-x509-ca-cert")
    response.headers["Content-Disposition"] = "attachment; filename=seal-root.crt"
    return response


def _asked() -> Asked:
    name = request.form.get("name", "")[:200]
    sha256 = request.form.get("sha256", "").strip().lower()
    if sha256:
        return Asked(sha256=sha256, file=name) if _HASH.fullmatch(sha256) else Asked(error=NOTHING)
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        found = hashlib.sha256()
        while chunk := sent.stream.read(_CHUNK):
            found.update(chunk)
        return Asked(sha256=found.hexdigest(), file=sent.filename[:200])
    written = request.form.get("code", "").strip()
    return _of_code(written) if written else Asked(error=NOTHING)


def _of_code(written: str) -> Asked:
    code = read_code(written[:60])
    return Asked(code=code) if code else Asked(code=written[:60], error=NO_CODE)


def _answer(asked: Asked) -> str:
    found: Issued | None = None
    if not asked.error:
        found = find_issued(sha256=asked.sha256, code=asked.code)
    rows = [row for row in list_certificates() if row.kind == ROOT]
    kind = KINDS.get(found.kind) if found else None
    return render_template(
        "documents/verify.html", asked=asked, found=found, error=text(asked.error),
        done=bool((asked.sha256 or asked.code) and not asked.error), shown=shown(asked.code),
        kind=text(kind.name if kind else _m("Document")), roots=fingerprints(rows).values(),
    )  # fmt: skip
