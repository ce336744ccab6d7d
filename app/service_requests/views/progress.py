"""How far a job is, wherever it was started."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests.running.queries import get_visible_job
from app.service_requests.running.showing import running_of
from app.service_requests.views.blueprint import bp
from tenants.endpoints import tenant


@bp.get("/progress/<uuid:job_id>")
@tenant("request.read")
def job_progress(slug: str, job_id: UUID) -> ResponseReturnValue:
    """Asked by the bar itself, until the job has ended."""
    actor = current_actor()
    row = get_visible_job(actor=actor, job_id=job_id)
    return render_template(
        "service_requests/running/_progress.html", one=running_of(row, slug=slug, actor=actor)
    )
