"""Batches: the same work in several companies, with one table of what became of it in each."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.jobs import presenting, queries
from app.jobs.views.blueprint import bp
from app.jobs.views.overview import frame
from app.web.i18n import text
from tenants.endpoints import staff
from tenants.jobs import ENDED
from tenants.scoping import across_tenants, leave


@bp.get("/provider/jobs/batches")
@staff("jobs.handle")
def batches() -> ResponseReturnValue:
    page = queries.list_batches(cursor=request.args.get("cursor"))
    return render_template(
        "jobs/batches.html", page=page, say=text, **frame(queries.list_companies())
    )


@bp.get("/provider/jobs/batches/<uuid:batch_id>")
@staff("jobs.handle")
def batch(batch_id: UUID) -> ResponseReturnValue:
    """Rows of the companies that a grant opens; how many others there are is said."""
    found = queries.get_batch(batch_id=batch_id)
    facts = {
        "title": text(found.title, found.title_params), "total": found.total,
        "by": found.started_by_name, "at": found.created_at, "batch_id": found.id,
    }  # fmt: skip
    companies, now = queries.list_companies(), queries.database_now()
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
            read = queries.list_batch_rows(session, batch_id=batch_id, tenant_ids=list(open_ones))
        rows = [_row(dict(one), open_ones[one["tenant_id"]], now) for one in read]
    rows.sort(key=lambda row: (row["state"] != "quarantined", row["company"].name))
    states = [row["state"] for row in rows]
    return render_template(
        "jobs/batch.html", **facts, **context, rows=rows,
        done=states.count("succeeded"),
        failed=states.count("quarantined") + states.count("cancelled"),
        going=sum(1 for state in states if state not in ENDED),
    )  # fmt: skip


def _row(found: dict[str, Any], company: Any, now: Any) -> dict[str, Any]:
    job: Any = presenting.Dotted(found)
    return {
        "company": company, "state": job.state, "pill": presenting.pill_of(job, now),
        "url": url_for("jobs.show", slug=company.slug, job_id=job.id), "error": job.error,
        "result": presenting.result_line(job.result), "failures": job.failures,
        "ended": job.finished_at, "done": job.progress_done, "total": job.progress_total,
    }  # fmt: skip
