"""The end of a request with or without delivery, and the way back from it."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from app.catalogue.memory import get_item
from app.contracts.queries import get_terms
from app.service_requests.billed import bill_minutes
from app.service_requests.deadlines import CONFIRM_DAYS, REOPEN_DAYS, is_over
from app.service_requests.documents.models import DocumentLine
from app.service_requests.models import ClientMessage, Question, ServiceRequest
from app.service_requests.services.intake import NewRequest, general_code, start_request
from app.service_requests.services.linking import add_link
from app.service_requests.services.moves import check_move, check_version, move, touch
from app.service_requests.transitions import STATES
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

R = ServiceRequest
# No window of so few business days is shorter than this.
_AT_LEAST = timedelta(days=CONFIRM_DAYS)


class TooLateToReopen(Conflict):
    code = "too_late_to_reopen"
    message = _m(
        "The result was delivered more than 10 business days ago. Raise a follow-up request "
        "instead: it is linked with this one."
    )


def cancel_request(
    *, request: ServiceRequest, actor: Actor, now: datetime, reason: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """By the client before work began, by a reviewer until delivery. Work done so far is billed,
    what was asked needs no answer any more."""
    check_version(request, expected_version)
    move(request, "cancel", actor=actor, now=now, reason=reason)
    if request.delivered_at is None:
        bill_minutes(request, actor=actor, now=now)
    _withdraw_what_is_asked(request, actor=actor, now=now)
    db.session.flush()


def reject(
    *, request: ServiceRequest, actor: Actor, now: datetime, reason: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """The client reads the reason; nothing is billed."""
    check_version(request, expected_version)
    move(request, "reject", actor=actor, now=now, reason=reason)
    db.session.flush()


def close_request(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    check_version(request, expected_version)
    move(request, "close", actor=actor, now=now)
    db.session.flush()


def close_silent(*, actor: Actor, now: datetime) -> int:
    """What the client in scope got 5 business days ago and said nothing about since; how many.
    Those of days when nobody looked are closed with the rest."""
    said = (
        select(func.max(ClientMessage.at))
        .where(
            ClientMessage.tenant_id == R.tenant_id,
            ClientMessage.request_id == R.id,
            ClientMessage.author_side == "client",
        )
        .correlate(R)
        .scalar_subquery()
    )
    since = func.greatest(R.state_since, said)
    found = db.session.execute(
        select(R, since.label("since"))
        .where(
            R.tenant_id == current_scope().tenant_id,
            R.state == "delivered",
            since < now - _AT_LEAST,
        )
        .order_by(R.id)
        .with_for_update(of=R)
    ).all()
    if not found:
        return 0
    calendar = get_terms(on=now).calendar
    silent = [
        row.ServiceRequest for row in found if is_over(calendar, row.since, CONFIRM_DAYS, now)
    ]
    for request in silent:
        move(request, "lapse", actor=actor, now=now)
    db.session.flush()
    return len(silent)


def reopen(
    *, request: ServiceRequest, actor: Actor, now: datetime, reason: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """With the time that it used already. Raises TooLateToReopen."""
    check_version(request, expected_version)
    check_move(request, "reopen", actor=actor)
    if not may_reopen(request, now=now):
        raise TooLateToReopen
    move(request, "reopen", actor=actor, now=now, reason=reason)
    request.reopened_count += 1
    db.session.flush()


def may_reopen(request: ServiceRequest, *, now: datetime) -> bool:
    """Whether what was delivered can be objected to still."""
    if request.delivered_at is None:
        return False
    calendar = get_terms(on=now).calendar
    return not is_over(calendar, request.delivered_at, REOPEN_DAYS, now)


def follow_up(
    *, request: ServiceRequest, actor: Actor, now: datetime, details: str,
    expected_version: int | None = None,
) -> ServiceRequest:  # fmt: skip
    """A new request that follows one that can't be reopened any more, linked with it."""
    actor.require("request.raise", request.line)
    check_version(request, expected_version)
    if request.state != "closed" or may_reopen(request, now=now):
        raise Conflict(
            _m("This request is “%(state)s”: it needs no follow-up request."),
            code="no_follow_up", state=STATES[request.state],
        )  # fmt: skip
    made = start_request(
        NewRequest(
            item=get_item(general_item(request)),
            title=request.title,
            form={"title": request.title, "details": details, "wanted_on": None},
        ),
        actor=actor,
        now=now,
    )
    add_link(made, request, "follow_up", actor=actor, now=now)
    # Of two clicks at once one finds the version changed.
    touch(request)
    db.session.flush()
    return made


def general_item(request: ServiceRequest) -> str:
    return general_code(request.line)


def _withdraw_what_is_asked(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    db.session.execute(
        update(Question)
        .where(
            Question.tenant_id == request.tenant_id,
            Question.request_id == request.id,
            Question.answered_at.is_(None),
            Question.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    db.session.execute(
        update(DocumentLine)
        .where(
            DocumentLine.tenant_id == request.tenant_id,
            DocumentLine.request_id == request.id,
            DocumentLine.state == "open",
        )
        .values(state="withdrawn", decided_at=now, decided_by_name=actor.name)
    )
