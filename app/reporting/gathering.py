"""A report's content as it is now, from the signed month and what else is known of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS, get_item
from app.reporting import fact_queries
from app.reporting.content import Content, Facts, Title, compose, sha256_of
from app.reporting.models import ServiceReport
from app.reporting.queries import get_seal
from app.service_levels.months import next_first
from app.service_levels.statement import Statement, read_statement
from tenants import queries
from tenants.core.errors import Conflict, NotFound
from tenants.core.text import _m
from tenants.models import Tenant


class MonthNotSigned(Conflict):
    code = "month_not_signed"
    message = _m("This month is not signed off yet. The report is made of the signed month.")


class SealBroken(Conflict):
    code = "report_seal_broken"
    message = _m("This report was changed outside Coulisse and can't be trusted.")


def content_of(report: ServiceReport, *, now: datetime) -> Content:
    """As it was sealed; of a draft as it is now."""
    if report.sealed is None:
        return gather(report, now=now)
    seal = get_seal(report)
    if sha256_of(seal.content) != seal.sha256:
        raise SealBroken
    return seal.content


def gather(report: ServiceReport, *, now: datetime) -> Content:
    statement = read_statement(lines=list(LINES), all_time=False, first=report.month, now=now)
    if statement.signed is None or statement.span.first != report.month:
        raise MonthNotSigned
    tenant = queries.get_tenant()
    found = compose(_facts(statement))
    remarks = {line: words for line, words in report.remarks.items() if line in found["lines"]}
    return found | {
        "month": report.name, "zone": statement.span.zone, "contract": statement.terms.number,
        "as_of": now.isoformat(), "signed_at": statement.signed.signed_at.isoformat(),
        "signed_by": statement.signed.signed_by_name, "company": _company(tenant),
        "provider": fact_queries.get_letterhead(), "summary": report.summary, "remarks": remarks,
        "written_by": report.written_by_name,
    }  # fmt: skip


def shown_hash(content: Content) -> str:
    """Of what a reader of a draft sees, whenever they look."""
    return sha256_of({name: value for name, value in content.items() if name != "as_of"})


def _company(tenant: Tenant) -> dict[str, Any]:
    return {"name": tenant.name, "code": tenant.code, "colour": tenant.colour}


def _facts(statement: Statement) -> Facts:
    span = statement.span
    work = fact_queries.list_work(start=span.start, end=span.end)
    versions = {row.item: row.item_version for row in work}
    codes = {*versions, *statement.terms.items}
    return Facts(
        statement=statement, work=work,
        ratings=fact_queries.list_ratings(start=span.start, end=span.end),
        used=fact_queries.list_used(start=span.start, end=span.end),
        invoiced=fact_queries.list_invoiced(first=span.first, following=next_first(span.first)),
        terms=statement.terms,
        titles=dict(_titles(codes, versions)),
        item_lines={code: ITEMS[code].line for code in codes if code in ITEMS},
    )  # fmt: skip


def _titles(codes: Iterable[str], versions: dict[str, int]) -> Iterable[tuple[str, Title]]:
    for code in sorted(codes):
        try:
            item = get_item(code, versions.get(code))
        except NotFound:
            continue
        yield code, Title(item.title, item.titled)
