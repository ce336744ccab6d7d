"""A change of state as a statement; `tenants.jobs.transitions` says from where to where."""

from typing import Any

from sqlalchemy import ColumnElement, Update, update

from tenants.jobs.models import Job
from tenants.jobs.transitions import TRANSITIONS


def move(verb: str, *which: ColumnElement[bool], **values: Any) -> Update:
    """Nothing changes where the state doesn't allow the verb."""
    change = TRANSITIONS[verb]
    source = (
        Job.state == change.sources[0]
        if len(change.sources) == 1
        else Job.state.in_(change.sources)
    )
    return (
        update(Job)
        .where(*which, source)
        .values(state=change.target, **values)
        .execution_options(synchronize_session=False)
    )
