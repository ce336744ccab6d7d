from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, bindparam, select

from app.documents.printing.letterheads import Letterhead, Logo
from app.documents.templating.built_in import built_in
from app.documents.templating.filling import Wording
from app.documents.templating.models import (
    DocumentTemplate,
    DocumentTemplateVersion,
    LetterheadRow,
)
from tenants import files
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.queries import get_tenant
from tenants.scoping import scoped_tenant_id

T, V, L = DocumentTemplate, DocumentTemplateVersion, LetterheadRow
# Built once: every document asks.
_FIRST = (
    select(V.subject, V.body, V.closing)
    .join(T, and_(T.tenant_id == V.tenant_id, T.id == V.template_id, T.version == V.version))
    .where(
        T.tenant_id == bindparam("tenant"), T.kind == bindparam("kind"),
        T.language == bindparam("language"), T.archived_at.is_(None),
    )
    .order_by(T.name)
    .limit(1)
)  # fmt: skip
MOST_TEMPLATES = 200


def find_letterhead_row(*, for_change: bool = False) -> LetterheadRow | None:
    query = select(L).where(L.tenant_id == scoped_tenant_id())
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalar_one_or_none()


def get_letterhead() -> Letterhead:
    """As it is set, or made of what is known of the company."""
    company, row = get_tenant(), find_letterhead_row()
    if row is None:
        known = (company.legal_form, company.registration_number, company.vat_id)
        return Letterhead(
            company.name, company.colour, country=company.country,
            footer=tuple(filter(None, [" · ".join(filter(None, known))])),
        )  # fmt: skip
    logo = None
    if row.logo_file_id is not None:
        content = files.read(files.get_file(file_id=row.logo_file_id))
        logo = Logo(row.logo_kind, content, company.name)
    return Letterhead(
        company.name, row.colour, tuple(row.sender), tuple(row.footer), row.font, company.country,
        logo,
    )  # fmt: skip


def list_templates(*, archived: bool = False) -> Sequence[DocumentTemplate]:
    gone = T.archived_at.is_not(None) if archived else T.archived_at.is_(None)
    return (
        db.session.execute(
            select(T)
            .where(T.tenant_id == scoped_tenant_id(), gone)
            .order_by(T.kind, T.language, T.name)
            .limit(MOST_TEMPLATES)
        )
        .scalars()
        .all()
    )


def get_template(*, template_id: UUID, for_change: bool = False) -> DocumentTemplate:
    query = select(T).where(T.tenant_id == scoped_tenant_id(), T.id == template_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_versions(*, template: DocumentTemplate) -> Sequence[DocumentTemplateVersion]:
    """Latest first."""
    return (
        db.session.execute(
            select(V)
            .where(V.tenant_id == scoped_tenant_id(), V.template_id == template.id)
            .order_by(V.version.desc())
            .limit(50)
        )
        .scalars()
        .all()
    )


def get_version(*, template: DocumentTemplate, number: int | None = None) -> Wording:
    """What it says now, or said in this version."""
    row = db.session.execute(
        select(V).where(
            V.tenant_id == scoped_tenant_id(), V.template_id == template.id,
            V.version == (number or template.version),
        )
    ).scalar_one_or_none()  # fmt: skip
    if row is None:
        raise NotFound
    return Wording(template.kind, row.subject, row.body, row.closing)


def wording_for(*, kind: str, language: str) -> Wording:
    """The company's own where it has one, the first by name; else the one that everybody has."""
    row = db.session.execute(
        _FIRST, {"tenant": scoped_tenant_id(), "kind": kind, "language": language}
    ).one_or_none()
    return Wording(kind, *row) if row else built_in(kind, language)
