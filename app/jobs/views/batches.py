"""Batches: the same work in several companies, with one table of what became of it in each."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.jobs import presenting, queries
from app.jobs.queries import Company
from app.jobs.views.blueprint import bp
from app.jobs.views.overview import frame
from app.web.i18n import text
from tenants import jobs
from tenants.core.pagination import PAGE_SIZE, decode_cursor, encode_cursor
from tenants.endpoints import staff
from tenants.jobs import ENDED, Part
from tenants.scoping import across_tenants, leave

# The tiles of a batch, each with the rows that it counts.
SHOWN: Mapping[str, Callable[[str], bool]] = {
    "done": lambda state: state == "succeeded",
    "going": lambda state: state not in ENDED,
    "failed": lambda state: state in ("quarantined", "cancelled"),
}


def _any(_: str) -> bool:
    return True


@bp.get("/provider/jobs/batches")
@staff("job.handle")
def batches() -> ResponseReturnValue:
    cursor = request.args.get("cursor")
    rows = jobs.list_batches(before=decode_cursor(cursor, UUID)[0] if cursor else None)
    following = encode_cursor(rows[-1].id) if len(rows) == PAGE_SIZE else None
    return render_template(
        "jobs/batches.html",
        rows=rows,
        next_cursor=following,
        say=text,
        **frame(queries.list_companies()),
    )


@bp.get("/provider/jobs/batches/<uuid:batch_id>")
@staff("job.handle")
def batch(batch_id: UUID) -> ResponseReturnValue:
    """Rows of the companies that a grant opens; how many others there are is said."""
    found = jobs.get_batch(batch_id=batch_id)
    facts = {
        "title": text(found.title, found.title_params), "total": found.total,
        "by": found.started_by_name, "at": found.created_at, "batch_id": found.id,
    }  # fmt: skip
    companies = queries.list_companies()
    context = frame(companies)
    open_ones = {
        one.tenant_id: one for one in companies.values() if one.granted and one.kind == "client"
    }
    rows: list[dict[str, Any]] = []
    if open_ones:
        leave()
        with across_tenants(
            reason="results of a batch", tenant_ids=list(open_ones), user_id=current_actor().user_id
        ) as session:
            parts = jobs.list_parts(session, batch_id=batch_id, granted=list(open_ones))
        rows = [_row(one, open_ones[one.tenant_id]) for one in parts]
    rows.sort(key=lambda row: (row["state"] != "quarantined", row["company"].name))
    chosen = request.args.get("show", "")
    counted = {name: sum(fits(row["state"]) for row in rows) for name, fits in SHOWN.items()}
    fits = SHOWN.get(chosen, _any)
    return render_template(
        "jobs/batch.html", **facts, **context, **counted, open_count=len(rows),
        rows=[row for row in rows if fits(row["state"])], show=chosen if chosen in SHOWN else "",
    )  # fmt: skip


def _row(part: Part, company: Company) -> dict[str, Any]:
    return {
        "company": company, "state": part.state, "pill": presenting.pill_of_part(part),
        "url": url_for("jobs.show", slug=company.slug, job_id=part.job_id), "error": part.error,
        "result": presenting.result_line(part.result), "ended": part.finished_at,
        "done": part.done, "total": part.total,
    }  # fmt: skip
