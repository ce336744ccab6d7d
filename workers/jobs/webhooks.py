from typing import Any

from app.webhooks.services import delivering
from tenants.core import clock
from workers.registry import ANY_STATE, job


@job(queue="batch", states=ANY_STATE, unseen="it clears away what nobody uses any more")
def prune(**_: Any) -> int:
    return delivering.prune(now=clock.real_now())
