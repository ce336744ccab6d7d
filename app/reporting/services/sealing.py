"""Another person checks a draft: its content is frozen, and the files are made of it."""

from datetime import date, datetime
from typing import Any

from app.documents.language import translator
from app.reporting.content import sha256_of
from app.reporting.gathering import gather, shown_hash
from app.reporting.models import DRAFT, REVIEWED, ReportFile, ReportSeal, ServiceReport
from app.reporting.queries import next_revision
from app.reporting.recording import held, note
from app.reporting.report_csv import report_csv
from app.reporting.report_pdf import report_pdf
from app.reporting.rights import require_lines, require_reporter
from tenants import files, queries
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

TYPES = {"pdf": "application/pdf", "csv": "text/csv"}


class NotWritten(Conflict):
    code = "report_not_written"
    message = _m("Save the words to the client first, even if there is nothing to add.")


class OwnReport(Conflict):
    code = "own_report"
    message = _m("You wrote this report, so somebody else checks it.")


class FiguresChanged(Conflict):
    code = "report_figures_changed"
    message = _m("The figures changed since you opened this page. Look at them again, then check.")


def review(*, month: date, shown: str, version: int, actor: Actor, now: datetime) -> ServiceReport:
    """`shown` is the hash of what the person saw."""
    require_reporter(actor)
    row = held(month=month, states=(DRAFT,), version=version)
    if row.written_by is None:
        raise NotWritten
    if row.written_by == actor.user_id:
        raise OwnReport
    content = gather(row, now=now)
    require_lines(actor, content["lines"])
    if shown_hash(content) != shown:
        raise FiguresChanged
    _seal(row, content | {"reviewed_by": actor.name}, actor=actor, now=now)
    return row


def take_back(*, month: date, version: int, actor: Actor, now: datetime) -> ServiceReport:
    """Before it was sent; what was sealed stays, and counts no more."""
    require_reporter(actor)
    row = held(month=month, states=(REVIEWED,), version=version)
    note("taken_back", row, actor=actor, now=now, revision=row.sealed)
    row.state, row.sealed = DRAFT, None
    db.session.flush()
    return row


def _seal(row: ServiceReport, content: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    seal = ReportSeal(
        id=uuid7(), report_id=row.id, revision=next_revision(row), content=content,
        sha256=sha256_of(content), written_by=row.written_by, reviewed_at=now,
        reviewed_by=actor.user_id, reviewed_by_name=actor.name,
    )  # fmt: skip
    db.session.add(seal)
    row.state, row.sealed = REVIEWED, seal.revision
    db.session.flush()
    tenant = queries.get_tenant()
    for language in tenant.document_languages:
        translate = translator(language)
        made = {
            "pdf": report_pdf(content, sha256=seal.sha256, language=language, translate=translate),
            "csv": report_csv(content, language=language, translate=translate),
        }
        for kind, data in made.items():
            stored = files.save(
                name=f"service-report-{tenant.slug}-{row.name}-{language}.{kind}",
                content_type=TYPES[kind], content=data, actor=actor, now=now,
            )  # fmt: skip
            db.session.add(
                ReportFile(
                    id=uuid7(), report_id=row.id, revision=seal.revision, language=language,
                    kind=kind, file_id=stored.id,
                )
            )  # fmt: skip
    db.session.flush()
    note("sealed", row, actor=actor, now=now, revision=seal.revision, sha256=seal.sha256)
