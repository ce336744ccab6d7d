"""Why a request counts for nothing in the statistics of its targets: shown with the count."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.service_requests.models import ServiceRequest
from app.service_requests.sla.models import SlaExclusion
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

KINDS: Mapping[str, str] = {"spam": _m("Spam"), "force_majeure": _m("Force majeure")}


class AlreadyExcluded(Conflict):
    code = "already_excluded"
    message = _m("This was proposed for the request already.")


class SecondPerson(Forbidden):
    code = "second_person"
    message = _m("You proposed this yourself. Another reviewer has to confirm it.")


def propose(
    *, request: ServiceRequest, kind: str, words: str, actor: Actor, now: datetime,
    known: Sequence[SlaExclusion],
) -> SlaExclusion:  # fmt: skip
    """By a reviewer of the line. Spam counts at once; force majeure once it is confirmed."""
    actor.require("request.review", request.line)
    if any(one.kind == kind for one in known):
        raise AlreadyExcluded
    row = SlaExclusion(
        id=uuid7(), request_id=request.id, kind=kind, words=words, by_id=actor.user_id,
        by_name=actor.name, at=now, confirmed_by_name="",
    )  # fmt: skip
    db.session.add(row)
    _note("proposed", row, actor, now)
    return row


def confirm(
    *, request: ServiceRequest, exclusion: SlaExclusion, actor: Actor, now: datetime
) -> None:
    """By another reviewer of the line."""
    actor.require("request.review", request.line)
    if actor.user_id is None or actor.user_id == exclusion.by_id:
        raise SecondPerson
    if exclusion.confirmed_at is not None:
        raise AlreadyExcluded
    exclusion.confirmed_by, exclusion.confirmed_by_name = actor.user_id, actor.name
    exclusion.confirmed_at = now
    _note("confirmed", exclusion, actor, now)


def _note(what: str, row: SlaExclusion, actor: Actor, now: datetime) -> None:
    audit.record(
        f"service_requests.exclusion.{what}", actor=actor, now=now, object_type="request",
        object_id=row.request_id, exclusion=row.id, kind=row.kind,
    )  # fmt: skip
    db.session.flush()
