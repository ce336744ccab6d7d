"""The companies' accounts: what each brings, owes and uses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from app.provider.billing import listing, words
from app.provider.billing.sheets import amount, csv_answer
from app.provider.views.blueprint import bp
from app.web.i18n import text
from billing.figures import queries
from billing.figures.accounts import Account, list_accounts
from billing.invoices.showing import STATES as INVOICE_STATES
from billing.models import ENDED
from billing.presenting import SUBSCRIPTION_STATES
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import provider


@bp.get("/billing")
@provider("provider.administer")
def billing() -> ResponseReturnValue:
    accounts, chosen = list_accounts(now=clock.now()), listing.chosen_in(request.args)
    found = listing.fitting(accounts, chosen)
    if request.args.get("as") == "csv":
        return _accounts_file(found)
    page = _page_number()
    first = (page - 1) * listing.SHOWN
    return render_template(
        "provider/billing.html", accounts=accounts, found=found, chosen=chosen,
        shown=found[first : first + listing.SHOWN], states=words.STATES,
        counts=listing.counts(accounts), sums=listing.sums(accounts), sorts=listing.SORTS,
        found_sums=listing.sums(found), attention=words.ATTENTION,
        next_url=url_for("provider.billing", **chosen.parameters(page=page + 1))
        if len(found) > first + listing.SHOWN else None,
        first_url=url_for("provider.billing", **chosen.parameters()) if page > 1 else None,
    )  # fmt: skip


@bp.get("/billing/companies/<slug>")
@provider("provider.administer")
def billing_company(slug: str) -> ResponseReturnValue:
    now = clock.now()
    account = company_account(slug, now)
    tenant_id = account.tenant_id
    return render_template(
        "provider/billing_company.html", account=account, facts=account.facts,
        states=words.STATES, attention=words.ATTENTION, reasons=words.REASONS,
        subscription_states=SUBSCRIPTION_STATES, invoice_states=INVOICE_STATES,
        invoices=queries.list_invoices(now=now, tenant_id=tenant_id),
        course=[_told(row) for row in queries.list_course(tenant_id=tenant_id)],
        findings=queries.list_findings(resolved=False, tenant_id=tenant_id),
        kinds=words.FINDINGS, month_name=words.month_name, ended=ENDED,
        done=request.args.get("done", ""),
    )  # fmt: skip


@bp.get("/billing/invoices")
@provider("provider.administer")
def billing_invoices() -> ResponseReturnValue:
    """What isn't paid, over all companies: the list behind open and overdue."""
    now = clock.now()
    late = request.args.get("which") == "overdue"
    names = {one["tenant_id"]: one for one in queries.list_companies(now=now)}
    rows = [
        row for row in queries.list_invoices(now=now, unpaid=True) if row["overdue"] or not late
    ]
    if request.args.get("as") == "csv":
        return csv_answer(
            "unpaid-invoices", _INVOICE_COLUMNS,
            ((names[row["tenant_id"]]["name"], row["number"], row["invoiced_at"].date(),
              row["due_at"].date() if row["due_at"] else None,
              amount(row["total"], row["currency"]),
              amount(row["amount_remaining"], row["currency"]), row["currency"]) for row in rows),
        )  # fmt: skip
    return render_template(
        "provider/billing_invoices.html", rows=rows, names=names, late=late,
        total=sum(row["amount_remaining"] for row in rows),
    )  # fmt: skip


_INVOICE_COLUMNS = (
    _m("Company"), _m("Invoice"), _m("Date"), _m("Due"), _m("Total"), _m("Open"), _m("Currency"),
)  # fmt: skip
_ACCOUNT_COLUMNS = (
    _m("Company"), _m("State"), _m("Since"), _m("Plan"), _m("Monthly revenue"), _m("Overage"),
    _m("Unbilled work"), _m("Open"), _m("Overdue"), _m("Exposure"), _m("Needs attention"),
    _m("Next invoice"), _m("Currency"),
)  # fmt: skip


def company_account(slug: str, now: datetime) -> Account:
    found = next((one for one in list_accounts(now=now) if one.facts["slug"] == slug), None)
    if found is None:
        raise NotFound
    return found


def _accounts_file(accounts: Sequence[Account]) -> ResponseReturnValue:
    def row(one: Account) -> tuple[Any, ...]:
        facts, money = one.facts, one.currency
        since, ahead = facts["access_since"], one.next_invoice
        return (
            facts["name"], text(words.STATES[one.state][0]), since.date() if since else None,
            text(one.plan.label) if one.plan else None,
            *(amount(minor, money) for minor in (
                one.mrr_minor, one.work.overage_minor, one.work.unbilled_minor, one.open_minor,
                one.overdue_minor, one.exposure_minor)),
            text(words.ATTENTION.get(facts["attention"], facts["attention"] or "")),
            ahead.date() if ahead else None, money,
        )  # fmt: skip

    return csv_answer("accounts", _ACCOUNT_COLUMNS, map(row, accounts))


def _page_number() -> int:
    given = request.args.get("page", "")
    return max(1, int(given)) if given.isdigit() and len(given) < 5 else 1


def _told(row: RowMapping) -> dict[str, Any]:
    """A line of the timeline."""
    before, after = row["before"], row["after"]
    if row["kind"] == "mail":
        said = text(words.MAILS.get(after, after))
        return {"icon": "mail", "who": text(_m("Sent")), "text": said, "at": row["at"], "note": ""}
    if row["kind"] == "attention":
        said = text(words.ATTENTION[after]) if after in words.ATTENTION else text(_m("Settled"))
        return {"icon": "flag", "who": text(_m("Attention")), "text": said, "at": row["at"],
                "note": ""}  # fmt: skip
    if row["kind"] == "end":
        return {"icon": "calendar-off", "who": before, "text": text(words.ENDS[after]),
                "at": row["at"], "note": row["reason"]}  # fmt: skip
    names = [text(words.STATES[one][0]) if one in words.STATES else one for one in (before, after)]
    return {
        "icon": words.STATES[after][1] if after in words.STATES else "circle-dot",
        "who": text(_m("Access")), "text": " → ".join(names), "at": row["at"],
        "note": text(words.REASONS.get(row["reason"], row["reason"])),
    }  # fmt: skip
