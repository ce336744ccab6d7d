"""What every page and act of the workbench begins with."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from app.auth.current import current_actor
from app.finance.continuity import GOOD
from app.finance.masking import mask_account
from app.finance.models import TAKEN_STATES, BankStatement, PaymentControl
from app.finance.opened import Opened
from app.finance.presenting import files_mark, sentence, step
from app.finance.queries import find_control, list_statements
from app.service_requests import presenting
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request, list_deliverables
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.other_client import check_client
from tenants.core.errors import Conflict, NotFound
from tenants.core.text import _m
from tenants.jobs import get_status
from tenants.keys import data_key
from tenants.permissions import Actor


class FilesChanged(Conflict):
    code = "files_changed"
    message = _m("The files were replaced since you opened this page. Reload it to go on.")


def on_page(
    slug: str, number: int, show: Callable[[Opened], ResponseReturnValue]
) -> ResponseReturnValue:
    """As long as there are no lines, the request's page says why."""
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    if row.item != "payment_control":
        raise NotFound
    control = find_control(request_id=row.id)
    if control is None or control.state not in TAKEN_STATES:
        return redirect(request_url(slug, number), 303)
    return show(Opened(row, control, actor))


def request_url(slug: str, number: int) -> str:
    return url_for("service_requests.show", slug=slug, number=number)


def rules_url(slug: str, **values: Any) -> str:
    return url_for("payment_rules.rules", slug=slug, **values)


def workbench_url(slug: str, number: int, **values: Any) -> str:
    return url_for("finance.workbench", slug=slug, number=number, **values)


def decided_form(slug: str, opened: Opened, schema: type[Schema]) -> BoundForm:
    """The form that came, made for this client and from these files."""
    form = BoundForm(schema, request.form)
    check_client(slug)
    if request.form.get("files") != files_mark(opened.control):
        raise FilesChanged
    return form


def frame(slug: str, opened: Opened, tab: str) -> dict[str, Any]:
    """What the head of each of the three lists shows."""
    row, control = opened.request, opened.control
    return {
        "client": current_client(),
        "r": row,
        "control": control,
        "provider": opened.provider,
        "works": opened.works,
        "may_start": opened.provider and opened.actor.can("payment_control.work", row.line),
        "subject": presenting.subject_of(row.item, row.title),
        "base": workbench_url(slug, row.number),
        "request_url": request_url(slug, row.number),
        "mark": files_mark(control),
        "statements": [_statement(one) for one in list_statements(control=control)],
        "tab": tab,
        "rules_url": rules_url(slug) if opened.actor.can("payment_rules.read", "finance") else "",
        **report_context(opened.actor, opened.request, control),
    }


def report_context(
    actor: Actor, request: ServiceRequest, control: PaymentControl
) -> dict[str, Any]:
    status = None
    if control.report_job_id is not None:
        status = get_status(tenant_id=control.tenant_id, job_id=control.report_job_id)
    found = list_deliverables(actor=actor, request=request) if status is not None else []
    return {
        "report": status,
        "report_step": step(status.message) if status else "",
        "deliverables": [
            row for row in found
            if row.superseded_at is None and row.kind.startswith("reconciliation_")
        ],
    }  # fmt: skip


def _statement(row: BankStatement) -> dict[str, Any]:
    account = data_key().open(
        row.account_sealed, f"{row.tenant_id}|bank_statements.account|{row.id}"
    )
    return {
        "row": row,
        "account": mask_account(account),
        "problem": sentence(row.problem),
        "continuity": sentence(row.continuity),
        "joins": (row.continuity or {}).get("code") in GOOD,
    }
