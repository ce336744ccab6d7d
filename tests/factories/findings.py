"""A finding of a quality check, whatever state its request is in."""

from __future__ import annotations

from uuid import UUID

from tenants.core.ids import uuid7
from tests.factories.people import Company
from tests.factories.stage import Stage


def make_finding(stage: Stage, company: Company, request_id: UUID) -> UUID:
    review, finding = uuid7(), uuid7()
    stage.run(
        "INSERT INTO reviews (tenant_id, id, request_id, reviewer_id, reviewer_name, outcome,"
        " findings, sha256, at) VALUES (:t, :i, :r, :i, 'x', 'returned', :w, '', now())",
        t=company.id, i=review, r=request_id, w=company.text("NOTE: wrong"),
    )  # fmt: skip
    stage.run(
        "INSERT INTO review_findings (tenant_id, id, request_id, review_id, position, at, line,"
        " item, kind, severity, body) SELECT :t, :i, r.id, :v, 1, now(), r.line, r.item, 'missing',"
        " 'minor', :w FROM requests r WHERE r.tenant_id = :t AND r.id = :r",
        t=company.id, i=finding, r=request_id, v=review, w=company.text("NOTE: wrong"),
    )  # fmt: skip
    stage.run(
        "INSERT INTO review_draws (tenant_id, request_id, submission, at, operator_name, item,"
        " rate, because, slip, drawn) VALUES (:t, :r, 1, now(), :w, 'x', 20, 'kind', 5000, false)",
        t=company.id, r=request_id, w=company.text("NOTE: name"),
    )  # fmt: skip
    return finding
