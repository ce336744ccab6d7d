"""Where ledger and Stripe differ, over all companies."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from app.provider.billing import words
from app.provider.billing.sheets import csv_answer
from app.provider.views.blueprint import bp
from app.provider.views.common import who
from app.web.i18n import text
from billing.figures import queries, services
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import company, provider


@bp.get("/billing/findings")
@provider("provider.administer")
def billing_findings() -> ResponseReturnValue:
    resolved = request.args.get("resolved") == "1"
    names = {one["tenant_id"]: one for one in queries.list_companies(now=clock.now())}
    rows = queries.list_findings(resolved=resolved)
    if request.args.get("as") == "csv":
        return csv_answer(
            "findings", _COLUMNS, [_cells(row, names[row["tenant_id"]]) for row in rows]
        )
    kinds = dict.fromkeys(row["kind"] for row in rows)
    return render_template(
        "provider/billing_findings.html", resolved=resolved, names=names, rows=rows,
        known=[kind for kind in words.FINDINGS if kind in kinds], kinds=words.FINDINGS,
        done=request.args.get("done"),
    )  # fmt: skip


@bp.post("/companies/<slug>/billing/look-again")
@company("provider.administer")
def look_again(slug: str) -> ResponseReturnValue:
    services.look_again(**who())
    return redirect(url_for("provider.billing_findings", done="asked"), 303)


_COLUMNS = (
    _m("Company"), _m("What"), _m("Where"), _m("Expected"), _m("Found"), _m("Since"),
    _m("Resolved"),
)  # fmt: skip


def _cells(row: RowMapping, company: RowMapping) -> tuple[object, ...]:
    kind = words.FINDINGS.get(row["kind"])
    return (
        company["name"], text(kind[0]) if kind else row["kind"], row["subject"], row["expected"],
        row["actual"], row["found_at"].isoformat(),
        row["resolved_at"].isoformat() if row["resolved_at"] else None,
    )  # fmt: skip
