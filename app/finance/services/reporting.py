"""The reconciliation report: counts checked, printed as PDF and workbook, attached to the request."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.finance.models import BankStatement, Match, OpenItem, PaymentControl, StatementLine
from app.finance.queries import count_proposed, list_live_matches, list_rejects, list_statements
from app.finance.reconciliation import (
    CountsDoNotAgree,
    ItemPosition,
    LinePosition,
    Reconciliation,
    reconcile,
)
from app.finance.report import (
    OPEN_ITEMS,
    STATEMENT,
    BalanceCheck,
    MatchedLine,
    OpenPosition,
    Rejected,
    Report,
    SourceFile,
    UnmatchedLine,
)
from app.finance.report_labels import LABELS
from app.finance.services.holding import hold
from app.service_requests.models import ServiceRequest
from app.service_requests.services.work import add_deliverable
from app.spreadsheets.reasons import Reason
from tenants import files
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.jobs import PermanentFailure, enqueue, get_status
from tenants.keys import data_key
from tenants.models import Tenant
from tenants.permissions import Actor

Translate = Callable[[str], str]
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ProposalsLeft(Conflict):
    code = "proposals_left"
    message = _m("%(count)s proposals are not decided yet. Confirm or undo them first.")


class CountsDiffer(Conflict):
    code = "counts_differ"
    message = _m(
        "What came in is not what came out, so no report is written (%(detail)s). "
        "Undo the last decisions on these lines and try again."
    )


def request_report(
    *, request: ServiceRequest, control: PaymentControl, actor: Actor, now: datetime
) -> UUID:
    """Start the report's job; everything proposed must be decided. A job that still runs is the
    one, so that a second click writes no second version."""
    hold(request, control, actor)
    waiting = count_proposed(control=control)
    if waiting:
        raise ProposalsLeft(count=waiting)
    try:
        current_counts(control=control)
    except CountsDoNotAgree as error:
        raise CountsDiffer(detail=str(error)) from error
    running = control.report_job_id
    if running and not get_status(tenant_id=control.tenant_id, job_id=running).ended:
        return running
    control.report_job_id = enqueue(
        "finance.write_report", queue="interactive", actor_id=actor.user_id,
        title=_m("Writing the report of request %(number)s"),
        title_params={"number": request.number}, for_client=True, subject=("request", request.id),
        request_id=request.id, actor_name=actor.name,
    )  # fmt: skip
    db.session.flush()
    return control.report_job_id


def write_report(
    *,
    request: ServiceRequest,
    control: PaymentControl,
    actor: Actor,
    now: datetime,
    translate: Translate,
    progress: Callable[[int, int, str], None],
) -> None:
    from app.finance.report_pdf import report_pdf
    from app.finance.report_xlsx import report_xlsx

    # No decision lands between what is read here and the report that says it.
    db.session.refresh(request, with_for_update={"key_share": True})
    db.session.refresh(control, with_for_update=True)
    try:
        report, language = build_report(
            request=request, control=control, prepared_by=actor.name, now=now
        )
    except CountsDoNotAgree as error:
        # Trying again can't help: the numbers stay what they are.
        raise PermanentFailure(CountsDiffer.message, detail=str(error)) from error
    stem = f"reconciliation-{request.number}-{request.title}"
    title = translate(_m("Reconciliation report"))
    progress(1, 3, "pdf")
    pdf = report_pdf(report, locale=language, translate=translate)
    progress(2, 3, "xlsx")
    workbook = report_xlsx(report, locale=language, translate=translate)
    counts = {
        "items_in": report.counts.items_in, "paid": report.counts.paid,
        "part_paid": report.counts.part_paid, "open": report.counts.open,
        "items_rejected": report.counts.items_rejected, "lines_in": report.counts.lines_in,
        "used": report.counts.used, "unmatched": report.counts.unmatched,
        "lines_rejected": report.counts.lines_rejected,
    }  # fmt: skip
    slip = {"shown": _slip_lines(counts), "counts": counts}
    for kind, name, content_type, content, measures in (
        ("reconciliation_pdf", f"{stem}.pdf", PDF, pdf,
         {"statement_lines": report.counts.used + report.counts.unmatched}),
        ("reconciliation_xlsx", f"{stem}.xlsx", XLSX, workbook, {}),
    ):  # fmt: skip
        stored = files.save(
            name=name, content_type=content_type, content=content, actor=actor, now=now
        )
        add_deliverable(
            request=request, actor=actor, now=now, stored=stored, kind=kind,
            title=f"{title} {request.title}", measures=measures, slip=slip,
        )  # fmt: skip
    progress(3, 3, "done")


def _slip_lines(counts: dict[str, int]) -> list[tuple[str, str | int]]:
    """What was checked and found, as source texts for the reader's language."""
    items = {"open_items_in": "items_in", "paid": "paid", "part_paid": "part_paid",
             "open": "open", "rejected": "items_rejected"}  # fmt: skip
    lines = {"lines_in": "lines_in", "used": "used", "unmatched": "unmatched",
             "rejected": "lines_rejected"}  # fmt: skip
    return [
        (_m("Checked"), _m("What came in equals what came out plus the listed rejects.")),
        *((LABELS[label], counts[name]) for label, name in (*items.items(), *lines.items())),
    ]


def build_report(
    *, request: ServiceRequest, control: PaymentControl, prepared_by: str, now: datetime
) -> tuple[Report, str]:
    """The report and the language it is for. Raises CountsDoNotAgree rather than print a lie."""
    tenant = db.session.get_one(Tenant, control.tenant_id)
    items = _rows(OpenItem, control)
    lines = _rows(StatementLine, control)
    matches = list_live_matches(control=control, state="confirmed")
    taken = _taken(matches)
    by_item = {row.id: row for row in items}
    by_line = {row.id: row for row in lines}
    statements = list_statements(control=control)
    starts = [s.starts_on for s in statements if s.starts_on]
    ends = [s.ends_on for s in statements if s.ends_on]
    local = now.astimezone(ZoneInfo(tenant.time_zone))
    report = Report(
        client_name=tenant.name,
        accent=tenant.colour,
        request=f"{tenant.code} {request.number}",
        starts_on=min(starts, default=None),
        ends_on=max(ends, default=None),
        as_of=max(ends, default=local.date()),
        prepared_at=local,
        prepared_by=prepared_by,
        balances=tuple(_balance(row, control) for row in statements),
        counts=_count(control, items, lines, taken),
        matched=tuple(_all_matched(matches, by_line, by_item)),
        unmatched=tuple(_unmatched(lines, taken.of_line)),
        open_items=tuple(
            OpenPosition(
                number=row.number, customer=row.customer, issued_on=row.issued_on,
                due_on=row.due_on, open_amount=row.open_amount,
                remaining=row.open_amount - taken.settled(row.id), currency=row.currency,
            )
            for row in items
            if row.open_amount != taken.settled(row.id)
        ),
        rejects=tuple(
            Rejected(row.source, row.line, row.column_name, row.raw, Reason(**row.reason))
            for row in list_rejects(control=control)
        ),
        sources=tuple(_sources(control)),
    )  # fmt: skip
    return report, tenant.language


@dataclass(slots=True)
class _Taken:
    """What confirmed matches take of items and lines."""

    of_item: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    of_line: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    differences: dict[UUID, dict[str, tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def settled(self, item_id: UUID) -> int:
        waived = sum(amount for _, amount in self.differences.get(item_id, {}).values())
        return self.of_item.get(item_id, 0) + waived


def _taken(matches: list[Match]) -> _Taken:
    taken = _Taken()
    for match in matches:
        taken.of_item[match.item_id] += match.amount
        taken.of_line[match.line_id] += match.amount
        if match.difference:
            kinds = taken.differences[match.item_id]
            count, amount = kinds.get(match.difference_kind, (0, 0))
            kinds[match.difference_kind] = (count + 1, amount + match.difference)
    return taken


def _count(
    control: PaymentControl, items: list[OpenItem], lines: list[StatementLine], taken: _Taken
) -> Reconciliation:
    return reconcile(
        items_in=control.items_in,
        items=[
            ItemPosition(
                i.currency, i.open_amount, taken.of_item.get(i.id, 0),
                taken.differences.get(i.id, {}),
            )
            for i in items
        ],
        items_rejected=control.items_rejected,
        lines_in=control.lines_in,
        lines=[LinePosition(n.currency, n.amount, taken.of_line.get(n.id, 0)) for n in lines],
        lines_rejected=control.lines_rejected,
    )  # fmt: skip


def current_counts(*, control: PaymentControl) -> Reconciliation:
    """As the workbench and the client's page show them: confirmed matches only."""
    taken = _taken(list_live_matches(control=control, state="confirmed"))
    return _count(control, _rows(OpenItem, control), _rows(StatementLine, control), taken)


def _rows(model: Any, control: PaymentControl) -> list[Any]:
    order = (
        (model.statement, model.position) if model is StatementLine else (model.due_on, model.line)
    )
    return list(
        db.session.query(model)
        .filter(model.tenant_id == control.tenant_id, model.control_id == control.id)
        .order_by(*order)
    )


def _balance(row: BankStatement, control: PaymentControl) -> BalanceCheck:
    account = data_key().open(
        row.account_sealed, f"{row.tenant_id}|bank_statements.account|{row.id}"
    )
    return BalanceCheck(
        statement=row.statement_id, account=account, currency=row.currency,
        starts_on=row.starts_on, ends_on=row.ends_on, opening=row.opening,
        movements=row.movements, closing=row.closing, difference=row.difference,
        problem=Reason(**row.problem) if row.problem else None,
        continuity=Reason(**row.continuity) if row.continuity else None,
        accepted_by=control.accepted_by_name if row.difference != 0 else "",
        accepted_reason=control.accepted_reason if row.difference != 0 else "",
    )  # fmt: skip


def _all_matched(
    matches: list[Match], by_line: dict[UUID, StatementLine], by_item: dict[UUID, OpenItem]
) -> list[MatchedLine]:
    """In the statement's order, what one line paid by due date."""
    found = [(m, by_line[m.line_id], by_item[m.item_id]) for m in matches]
    found.sort(key=lambda f: (f[1].statement, f[1].position, f[2].due_on, f[2].line))
    return [_matched(*one) for one in found]


def _matched(match: Match, line: StatementLine, item: OpenItem) -> MatchedLine:
    return MatchedLine(
        position=line.position, booked_on=line.booked_on, name=line.name, text=line.remittance,
        line_amount=line.amount, allocated=match.amount, currency=line.currency,
        item_number=item.number, customer=item.customer, rule=match.rule,
        confidence=match.confidence,
        explanation=Reason(**match.explanation) if match.explanation else None,
        confirmed_by=match.decided_by_name, note=match.note, difference=match.difference,
        difference_kind=match.difference_kind, learned=match.learned_rule_id is not None,
        statement=line.statement,
    )  # fmt: skip


def _unmatched(lines: list[StatementLine], of_line: dict[UUID, int]) -> list[UnmatchedLine]:
    return [
        UnmatchedLine(
            position=row.position, booked_on=row.booked_on, name=row.name, text=row.remittance,
            amount=row.amount - of_line.get(row.id, 0), currency=row.currency,
            is_rest=bool(of_line.get(row.id)), note=row.note,
        )
        for row in lines
        if row.amount != of_line.get(row.id, 0)
    ]  # fmt: skip


def _sources(control: PaymentControl) -> list[SourceFile]:
    found = []
    for kind, file_id in (
        (OPEN_ITEMS, control.open_items_file_id),
        (STATEMENT, control.statement_file_id),
    ):
        if file_id is not None:
            row = files.get_file(file_id=file_id)
            found.append(SourceFile(kind, row.name, row.sha256))
    return found
