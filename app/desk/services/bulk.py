"""The same act on several requests of the client in scope, each in a savepoint of its own: one that
is refused leaves the others done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm.exc import StaleDataError

from app.service_requests.queries import get_request
from app.service_requests.services import assigning, classing, holding, snoozing, work
from app.service_requests.undoing.services import reversibly
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError
from tenants.permissions import Actor

Verb = Callable[..., object]
VERBS: Mapping[str, tuple[Verb, tuple[str, ...]]] = {
    "take": (work.assign_to_me, ()),
    "assign": (assigning.assign_to, ("user_id",)),
    "release": (assigning.unassign, ()),
    "snooze": (snoozing.snooze, ("until",)),
    "wake": (snoozing.wake, ()),
    "priority": (classing.set_priority, ("priority", "reason")),
    "hold": (holding.hold, ("reason",)),
    "resume": (holding.resume, ()),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error` is None for one that is done."""

    number: int
    error: CoulisseError | None = None


def act_on(
    *,
    actor: Actor,
    now: datetime,
    act: str,
    values: Mapping[str, Any],
    versions: Mapping[int, int],
    batch_id: UUID,
) -> Sequence[Outcome]:
    """`versions` are those of the preview, by number."""
    actor.require("request.work")
    verb, names = VERBS[act]
    given = {name: values[name] for name in names}
    outcomes = []
    for number, version in versions.items():
        try:
            with db.session.begin_nested():
                request = get_request(actor=actor, number=number)
                do = partial(
                    verb, request=request, actor=actor, now=now, expected_version=version, **given
                )
                reversibly(request, do, actor=actor, now=now, batch_id=batch_id)
            outcomes.append(Outcome(number))
        except StaleDataError:
            outcomes.append(Outcome(number, Conflict()))
        except CoulisseError as error:
            outcomes.append(Outcome(number, error))
    return outcomes
