"""What was delivered is filed among the company's documents: one document for each kind of result of
a request, a version for each time that it was delivered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.documents.queries import find_made_of, is_filed
from app.documents.services.issuing import add_document, add_version
from app.service_requests.filed_results import kind_of
from app.service_requests.models import Deliverable, ServiceRequest
from app.service_requests.queries import get_request_by_id
from tenants import files
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.queries import get_tenant

ABOUT = "deliverable"


def ask_for_filing(
    request: ServiceRequest, deliverables: Sequence[Deliverable], *, now: datetime
) -> None:
    """In the transaction of the delivery; the work itself comes afterwards."""
    if deliverables:
        enqueue(
            "requests.file_results", key=f"results.file:{request.id}:{now.isoformat()}",
            request_id=request.id, deliverable_ids=[str(one.id) for one in deliverables],
        )  # fmt: skip


def file_results(
    *, request_id: UUID, deliverable_ids: Sequence[UUID], actor: Actor, now: datetime
) -> int:
    """How many came to lie there. What lies there already, filed by hand, by a work of the
    product's own or by an earlier run, is left out, and so is what was deleted."""
    if actor.side != "system":
        raise Forbidden
    request = get_request_by_id(request_id=request_id)
    # Two deliveries of one request are filed one after the other.
    db.session.refresh(request, with_for_update=True)
    rows = db.session.scalars(
        select(Deliverable)
        .where(
            Deliverable.tenant_id == request.tenant_id, Deliverable.request_id == request.id,
            Deliverable.id.in_(deliverable_ids),
        )
        .order_by(Deliverable.kind)
    ).all()  # fmt: skip
    return sum(_file(request, row, now) for row in rows)


def _file(request: ServiceRequest, row: Deliverable, now: datetime) -> bool:
    original = files.get_file(file_id=row.file_id)
    deleted = original.certificate is not None
    if deleted or is_filed(sha256=row.sha256, line=request.line, request_id=request.id):
        return False
    # The system files it, whoever made it answers for it.
    maker = Actor(
        user_id=row.added_by, name=row.added_by_name, side="system", tenant_id=request.tenant_id
    )
    before = find_made_of(about_type=ABOUT, about_ids=_same_kind(row))
    stored = files.copy_row(original, actor=maker)
    if before is not None:
        add_version(
            document=before, stored=stored, origin="issued", title=row.title, actor=maker, now=now
        )
        return True
    add_document(
        kind=kind_of(row.kind, file_name=stored.name, line=request.line), title=row.title,
        language=get_tenant().document_language, stored=stored, origin="issued",
        request_id=request.id, about_type=ABOUT, about_id=row.id, actor=maker, now=now,
    )  # fmt: skip
    return True


def _same_kind(row: Deliverable) -> Sequence[UUID]:
    """It and the earlier ones that it supersedes."""
    return db.session.scalars(
        select(Deliverable.id).where(
            Deliverable.tenant_id == row.tenant_id,
            Deliverable.request_id == row.request_id,
            Deliverable.kind == row.kind,
        )
    ).all()
