from io import BytesIO
from uuid import UUID

from flask import Response, send_file

from app.auth.current import current_actor
from app.service_requests.queries import get_request, get_request_file
from app.service_requests.views.blueprint import bp
from tenants import files
from tenants.endpoints import tenant
from tenants.models import StoredFile


@bp.get("/<int:number>/files/<uuid:file_id>")
@tenant("request.read")
def download(slug: str, number: int, file_id: UUID) -> Response:
    request = get_request(actor=current_actor(), number=number)
    return as_download(get_request_file(actor=current_actor(), request=request, file_id=file_id))


def as_download(row: StoredFile) -> Response:
    """Somebody else's bytes never run here: an attachment, in a sandbox, of no guessed type."""
    response = send_file(
        BytesIO(files.read(row)), mimetype=row.content_type, as_attachment=True,
        download_name=row.name, etag=False,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
