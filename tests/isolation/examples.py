"""A value for every variable of every URL, per company: a new variable without one is a failure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Flask
from werkzeug.routing import Rule

from app.contracts.queries import get_terms
from app.finance.queries import get_control, list_lines, list_live_matches
from app.finance.services import deciding
from app.service_requests.queries import get_request
from app.service_requests.services import (
    conversation,
    delegations,
    documents,
    intake,
    supervision,
    work,
)
from app.service_requests.sla import contests
from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.operations import operation_of
from tenants.permissions import system_actor
from tests.billing.figures.making import make_parked
from tests.factories import acting
from tests.factories.credits import make_contest, make_credit, make_usage
from tests.factories.directory import make_directory
from tests.factories.documents import document_values
from tests.factories.findings import make_finding
from tests.factories.invoice_batches import make_batch as make_invoice_batch
from tests.factories.invoices import make_invoice
from tests.factories.jobs import run_jobs
from tests.factories.letters import make_letter
from tests.factories.lifecycle import make_request
from tests.factories.limits import make_override
from tests.factories.mails import block_sender, make_mail
from tests.factories.offers import make_offer
from tests.factories.people import Company, Person, make_guest
from tests.factories.prices import make_price
from tests.factories.recurring import make_recurring
from tests.factories.reports import make_report
from tests.factories.sales_invoices import make_example as make_sales_invoice
from tests.factories.sales_invoices import make_schedule
from tests.factories.stage import Stage
from tests.factories.tokens import make_token
from tests.factories.webhooks import make_webhook
from tests.finance.test_payment_control import uploads
from tests.isolation import focus
from tests.isolation.access import door


@dataclass(frozen=True)
class Examples:
    """What exists in one company; numbers differ between companies, so that a mix-up shows."""

    company: Company
    values: dict[str, Any]


def make_examples(stage: Stage, company: Company, operator: Person, *, skip: int) -> Examples:
    """`skip` requests come first, so that this company's numbers are its own."""
    for _ in range(skip):
        make_request(stage, company, title=company.text("filler"))
    with acting(stage, company.user.scope(company)):
        made = intake.raise_request(
            actor=company.user.actor(company), now=datetime.now(UTC), item_code="payment_control",
            values={"period": "2026-10", "details": company.text("remark")}, uploads=uploads(),
        )  # fmt: skip
        number, request_id = made.number, made.id
    run_jobs(stage, company.id)
    actor = operator.actor(company)
    with acting(stage, operator.scope(company)):
        request = get_request(actor=actor, number=number)
        now = datetime.now(UTC)
        work.start_work(request=request, actor=actor, now=now)
        work.record_time(
            request=request, actor=actor, now=now, minutes=5, worked_on=now.date(),
            activity=company.text("activity"),
        )  # fmt: skip
        work.upload_deliverable(
            request=request, actor=actor, now=now, name="result.txt", content_type="text/plain",
            content=company.text("result").encode(), title=company.text("title"),
        )  # fmt: skip
        conversation.add_note(request=request, actor=actor, now=now, body=company.text("NOTE"))
        control = get_control(request_id=request.id)
        last = list_live_matches(control=control)[-1]
        deciding.confirm_match(request=request, match=last, actor=actor, now=now)
        open_line = list_lines(control=control, view="unmatched").items[0]
        deciding.leave_open(
            request=request, line=open_line, actor=actor, now=now, note=company.text("fee")
        )
        question = conversation.ask_question(
            request=request, actor=actor, now=now, body=company.text("question")
        ).id
        document = documents.ask_documents(
            request=request,
            actor=actor,
            now=now,
            wanted=[documents.Wanted(name=company.text("statement"), why=company.text("why"))],
        )[0].id

    pause = stage.value("SELECT id FROM sla_events WHERE question_id = :q", q=question)
    with acting(stage, company.user.scope(company)):
        user = company.user.actor(company)
        contest = contests.contest(
            request=get_request(actor=user, number=number), pause_id=pause, actor=user,
            now=datetime.now(UTC), words=company.text("We had answered"),
        ).id  # fmt: skip

    exclusion = uuid7()
    stage.run(
        "INSERT INTO sla_exclusions (tenant_id, id, request_id, kind, words, by_name, at)"
        " VALUES (:t, :i, :r, 'force_majeure', :w, 'x', now())",
        t=company.id, i=exclusion, r=request_id, w=company.text("Flood"),
    )  # fmt: skip
    with acting(stage, company.scope):
        supervision.open_task(
            request=get_request(actor=actor, number=number), kind="chased", about_id=question,
            calendar=get_terms(now).calendar, actor=system_actor(company.id), now=now,
        )  # fmt: skip
    with acting(stage, company.approver.scope(company)):
        day = datetime.now(ZoneInfo("Europe/Paris")).date()
        delegations.delegate(
            actor=company.approver.actor(company), now=datetime.now(UTC),
            delegate_id=company.user.id, lines=["hr"], starts_on=day, ends_on=day,
            time_zone="Europe/Paris",
        )  # fmt: skip
    for n in range(skip + 1):
        recurring = make_recurring(
            stage, company, operator, title=company.text(f"Monthly {n}"),
            questions=[company.text("Anything new?")],
        )  # fmt: skip
    make_token(stage, company, company.user)
    webhook = make_webhook(stage, company, delivered=1)

    def first(sql: str) -> UUID:
        found: UUID = stage.value(f"{sql} ORDER BY id LIMIT 1", t=company.id, r=request_id)
        return found

    return Examples(
        company,
        {
            "slug": company.slug,
            "number": number,
            "question_id": question,
            "deadline": "fr.cfe",
            "change": "withdraw",
            "recurrence_number": recurring.number,
            "month": make_report(stage, company, month=date(2026, 5 + skip, 1)),
            "pause_id": pause,
            "contest_id": contest,
            "exclusion_id": exclusion,
            "file_id": first(
                "SELECT file_id AS id FROM request_files WHERE tenant_id = :t AND request_id = :r"
            ),
            "match_id": first("SELECT id FROM matches WHERE tenant_id = :t"),
            "line_id": first("SELECT id FROM statement_lines WHERE tenant_id = :t"),
            "item_id": first("SELECT id FROM open_items WHERE tenant_id = :t"),
            "rule_id": first("SELECT id FROM payment_rules WHERE tenant_id = :t"),
            "step_id": first(
                "SELECT id FROM checklist_steps WHERE tenant_id = :t AND request_id = :r"
            ),
            "finding_id": make_finding(stage, company, request_id),
            "work_type": "finance_question",
            "entry_id": first("SELECT id FROM time_entries WHERE tenant_id = :t"),
            "job_id": first("SELECT id FROM jobs WHERE tenant_id = :t AND title <> ''"),
            "batch_id": _batch(stage),
            "own_job_id": _own_job(stage),
            "event_id": make_parked(stage),
            "member_id": company.user.member_id,
            "guest_id": _guest(stage, company),
            "grant_id": first("SELECT id FROM grants WHERE tenant_id = :t"),
            "user_id": operator.id,
            "item_code": "finance_question",
            "part_name": "hours",
            "slot": "statement",
            "invoice_number": make_invoice(stage, company),
            # An operator's own, which nobody else finds.
            "view_id": uuid4(),
            "text_id": uuid4(),
            "rate_id": uuid4(),
            "absence_id": uuid4(),
            "document_id": document,
            "task_id": first("SELECT id FROM supervisor_tasks WHERE tenant_id = :t"),
            "delegation_id": first("SELECT id FROM approval_delegations WHERE tenant_id = :t"),
            "offer_id": _offer(stage, company, operator),
            "price_id": make_price(stage, company),
            "limit_id": make_override(stage, company),
            "usage_id": make_usage(stage, company),
            "usage_contest_id": make_contest(stage, company),
            "credit_id": make_credit(stage, company),
            "token_id": first("SELECT id FROM api_tokens WHERE tenant_id = :t"),
            "mail_id": make_mail(stage, company),
            "blocked_id": block_sender(stage, company),
            "webhook_id": webhook.id,
            "message_id": webhook.message_id,
            **make_letter(stage, company, operator, request_id),
            "fingerprint": "00" * 32,
            **document_values(stage, company, skip=skip),
            **make_directory(stage, company, skip=skip),
            "invoice_id": make_sales_invoice(stage, company, operator),
            "schedule_id": make_schedule(stage, company, operator),
            "invoice_batch_id": make_invoice_batch(stage, company, operator),
            "series_id": first("SELECT id FROM invoice_series WHERE tenant_id = :t"),
        },
    )


def _batch(stage: Stage) -> UUID:
    """The provider's own; another company's name finds the same one."""
    batch_id = uuid7()
    stage.run(
        "INSERT INTO job_batches (tenant_id, id, name, title, total, started_by_name)"
        " VALUES (:t, :i, 'billing.sync_customer', 'x', 0, 'x')", t=PROVIDER_TENANT, i=batch_id,
    )  # fmt: skip
    return batch_id


def _guest(stage: Stage, company: Company) -> UUID:
    """Not one of the company's people of the tests: those are everybody's."""
    guest = make_guest(stage, company, key="example")
    del company.people["example"]
    assert guest.member_id
    return guest.member_id


def _own_job(stage: Stage) -> UUID:
    job_id = uuid7()
    stage.run(
        "INSERT INTO jobs (tenant_id, id, name, queue, args, state, finished_at)"
        " VALUES (:t, :i, 'x.done', 'default', '{}', 'succeeded', now())",
        t=PROVIDER_TENANT, i=job_id,
    )  # fmt: skip
    return job_id


def _offer(stage: Stage, company: Company, operator: Person) -> UUID:
    """Of a request of its own, since the other is worked on already."""
    made = make_request(stage, company, title=company.text("outside"))
    stage.run("UPDATE requests SET scope = 'out_of_scope' WHERE id = :r", r=made.id)
    return make_offer(stage, made, operator)


# Variables whose values are the same for every company.
SHARED = {
    "slug", "item_code", "slot", "work_type", "part_name", "part_kind", "deadline", "change",
    "fingerprint",
}  # fmt: skip
MISSING: dict[str, Any] = {
    "number": 999_999, "party_number": 999_999, "import_number": 999_999, "item_code": "no_such_item", "work_type": "no_such_work",
    "invoice_number": "F-0-0000", "part_name": "no_such_part", "part_kind": "no_such_kind",
    "month": "2020-01", "document_number": 999_999, "version_number": 999_999,
}  # fmt: skip


def missing(name: str) -> Any:
    return MISSING.get(name) or uuid4()


def rules(app: Flask) -> Iterator[Rule]:
    """Every rule of the URL map, or of what a mutation concerns."""
    return (
        rule
        for rule in app.url_map.iter_rules()
        if not focus.endpoints or rule.endpoint in focus.endpoints
    )


def tenant_rules(app: Flask, *kinds: str) -> Iterator[tuple[Rule, str]]:
    """Rule and method of every endpoint that acts in one client, or of these kinds, by
    docs/access.md."""
    for rule in rules(app):
        if door(rule.endpoint).kind in (kinds or ("tenant",)):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def api_rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """The same of every operation that a token reaches."""
    for rule in rules(app):
        if door(rule.endpoint).kind == "api":
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def body_of(app: Flask, rule: Rule, method: str) -> dict[str, Any]:
    """What a well-formed request of this operation carries: its documented example."""
    declared = operation_of(app.view_functions[rule.endpoint])
    if method != "POST" or declared is None:
        return {}
    if declared.upload:
        return {"data": {"file": (BytesIO(b"number;amount"), "items.csv")}}
    assert declared.body is None or declared.example is not None, f"{rule} needs an example"
    return {"json": declared.example or {}}


def build(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    with app.test_request_context():
        wanted = {name: values[name] for name in rule.arguments}
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        return str(adapter.build(rule.endpoint, wanted))
