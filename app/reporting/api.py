"""Service reports for programs, to read, once the client has them."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from app.auth.current import current_actor
from app.reporting import queries
from app.reporting.content import Content
from app.reporting.gathering import content_of
from app.reporting.models import ACKNOWLEDGED, KINDS, SENT, ReportFile, ServiceReport
from app.reporting.rights import require_lines
from app.service_levels.months import read_month
from app.web.api.attaching import attached
from tenants import files
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.schema import said
from tenants.models import LANGUAGES, StoredFile
from tenants.operations import operation

bp = Blueprint("reports_api", __name__, url_prefix="/api/v1")
READ: dict[str, Any] = {"tag": "Reports", "permission": "report.read", "scope": "reports:read"}
LINES_SAID = "Refused to who doesn't see every service line that the report is about."


class ReportFileOut(Schema):
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class ReportOut(Schema):
    month = fields.String(required=True, metadata=said("Like `2026-10`."))
    state = fields.String(required=True, validate=validate.OneOf((SENT, ACKNOWLEDGED)))
    sent_at = fields.DateTime(required=True)
    acknowledged_at = fields.DateTime(required=True, allow_none=True)
    sha256 = fields.String(required=True, metadata=said("Of the content as it was sealed."))
    files = fields.List(fields.Nested(ReportFileOut), required=True)


class ReportDetail(ReportOut):
    content = fields.Dict(
        required=True,
        metadata=said("Figures, words, and under `lists` the requests behind each figure as "
                      "[number, what it adds or null for one]."),
    )  # fmt: skip


class FileQuery(Schema):
    language = fields.String(
        load_default="", validate=validate.OneOf(("", *LANGUAGES)),
        metadata=said("Empty for the main language of the company's documents."),
    )  # fmt: skip
    kind = fields.String(load_default="pdf", validate=validate.OneOf(KINDS))


@bp.get("/reports")
@operation("List the monthly service reports, newest first", form="list", answer=ReportOut, **READ)
def list_reports() -> list[dict[str, Any]]:
    rows = [one for one in queries.list_reports() if one.out]
    return _shown(rows)


@bp.get("/reports/<month>")
@operation("Show a service report with its figures", answer=ReportDetail, refusals=(404, 409),
           description=LINES_SAID, **READ)  # fmt: skip
def show_report(month: str) -> dict[str, Any]:
    row, content = _readable(month)
    return _shown([row])[0] | {"content": content}


@bp.get("/reports/<month>/file")
@operation(
    "Download a service report", form="file", query=FileQuery, refusals=(404, 409), **READ,
    description=f"The bytes, with their SHA-256 in `Content-Digest` (RFC 9530). {LINES_SAID}",
)  # fmt: skip
def download_report(month: str, query: dict[str, Any]) -> Response:
    row, _ = _readable(month)
    stored = queries.get_report_file(report=row, **query)
    return attached(files.read(stored), name=stored.name)


def _readable(name: str) -> tuple[ServiceReport, Content]:
    month = read_month(name)
    if month is None:
        raise NotFound
    row = queries.get_report(month=month)
    if not row.out:
        raise NotFound
    content = content_of(row, now=clock.now())
    require_lines(current_actor(), content["lines"])
    return row, content


def _shown(rows: Sequence[ServiceReport]) -> list[dict[str, Any]]:
    ids = [one.id for one in rows]
    seals = {one.report_id: one for one in queries.list_seals(report_ids=ids)}
    found: dict[Any, list[tuple[ReportFile, StoredFile]]] = {}
    for row, stored in queries.list_files(report_ids=ids):
        found.setdefault(row.report_id, []).append((row, stored))
    return [
        {
            "month": one.name, "state": one.state, "sent_at": one.sent_at,
            "acknowledged_at": one.acknowledged_at, "sha256": seals[one.id].sha256,
            "files": [
                {"language": row.language, "kind": row.kind, "size": stored.size,
                 "sha256": stored.sha256}
                for row, stored in found.get(one.id, ())
            ],
        }
        for one in rows
    ]  # fmt: skip
