from typing import Any
from uuid import UUID

from app.notifications import services
from app.notifications.mails import write
from tenants.core import clock
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(
    queue="interactive",
    states=ANY_STATE,
    unseen="the notice itself arrives, for those whom it is for",
)
def tell(
    *, event: str, audience: list[dict[str, Any]], link: str, notice: str, facts: dict[str, Any],
    job: JobRun, about: str | None = None, **_: Any,
) -> None:  # fmt: skip
    services.deliver(
        notice=services.Notice(
            event=event,
            audience=audience,
            link=link,
            key=notice,
            facts=facts,
            actor_id=job.actor_id,
            about=UUID(about) if about else None,
        ),
        write=write,
        now=clock.real_now(),
    )
