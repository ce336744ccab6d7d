"""What a supervisor did about something that only they decide."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from app.service_requests.services.supervision import finish_task
from app.service_requests.supervision.queries import get_task
from app.service_requests.views.acting import perform
from app.service_requests.views.blueprint import bp
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.post("/<int:number>/tasks/<uuid:task_id>/done")
@tenant("request.review")
def finish_supervisor_task(slug: str, number: int, task_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "task", slug=slug, about=f"-{task_id}", versioned=False, done=_m("Noted."),
        work=lambda act: finish_task(
            **act.who, task=get_task(request=act.request, task_id=task_id),
            note=act.data["note"],
        ),
    )  # fmt: skip
