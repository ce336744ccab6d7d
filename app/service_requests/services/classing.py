"""What kind of request it is and how much it presses."""

from datetime import datetime

from app.catalogue.item import CatalogueItem
from app.catalogue.memory import ITEMS, is_offered
from app.documents.services.filing import follow_request
from app.service_requests.billed import recorded_minutes
from app.service_requests.catalogue import item_of
from app.service_requests.models import PRIORITIES, ServiceRequest
from app.service_requests.priorities import priority_of, until_confirmed
from app.service_requests.scope import AGREED
from app.service_requests.services.assigning import list_colleagues
from app.service_requests.services.moves import (
    RequestMoveRefused,
    check_version,
    log_move,
    retarget,
    touch,
)
from app.service_requests.services.scope_guard import BEFORE_WORK, check_urgent, judge_scope
from app.service_requests.transitions import STATES
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

_OFFER_FIRST = _m(
    "The contract doesn't cover this kind, and the work has begun already. Raise a new request of "
    "this kind with an offer, and link the two."
)
# A result is on its way to the client in the others.
_OPEN_TO_CHANGE = (
    "new", "planned", "assigned", "in_progress", "waiting_client", "waiting_third_party",
    "on_hold_provider", "reopened",
)  # fmt: skip


def propose_priority(
    *, request: ServiceRequest, actor: Actor, now: datetime, impact: str, urgency: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """The client's word; urgent counts as high until the provider confirms it."""
    check_version(request, expected_version)
    if actor.side != "client":
        raise Forbidden
    actor.require("request.answer", request.line)
    _require_open(request)
    proposed = priority_of(impact, urgency)
    request.impact, request.urgency = impact, urgency
    if proposed != request.priority:
        _change(request, until_confirmed(proposed), actor=actor, now=now)
    request.proposed_priority = proposed if proposed != request.priority else None
    touch(request)
    db.session.flush()


def set_priority(
    *, request: ServiceRequest, actor: Actor, now: datetime, priority: str, reason: str = "",
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """The provider's word, which confirms or declines what the client proposed. The clock's targets
    count anew from the start."""
    check_version(request, expected_version)
    if actor.side == "client":
        raise Forbidden
    actor.require("request.work", request.line)
    _require_open(request)
    if priority not in PRIORITIES:
        raise Invalid(field_errors={"priority": [_m("Choose one of the list.")]})
    declined = request.proposed_priority not in (None, priority)
    if declined and not reason:
        raise Invalid(
            field_errors={"reason": [_m("The client proposed another priority: tell them why.")]}
        )
    if priority == "urgent" != request.priority:
        check_urgent(request, field="priority", now=now)
    request.proposed_priority = None
    _change(request, priority, actor=actor, now=now, reason=reason)
    touch(request)
    db.session.flush()


def reclassify(
    *, request: ServiceRequest, actor: Actor, now: datetime, item_code: str, reason: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """Another item, perhaps of another line: read by other people then, and an operator without a
    grant there loses it."""
    check_version(request, expected_version)
    if actor.side == "client":
        raise Forbidden
    actor.require("request.work", request.line)
    if request.state not in _OPEN_TO_CHANGE:
        raise RequestMoveRefused(state=STATES[request.state])
    item = _wanted(request, item_code)
    actor.require("request.work", item.line)
    if not reason:
        raise Invalid(field_errors={"reason": [_m("Please fill in this field.")]})
    before = request.item
    _judge_anew(request, item, actor=actor, now=now)
    request.line = item.line
    follow_request(request_id=request.id, line=item.line)
    _keep_title(request, item)
    able = {one.user_id for one in list_colleagues(line=item.line, now=now)}
    if request.assignee_id is not None and request.assignee_id not in able:
        request.assignee_id, request.assignee_name = None, ""
    log_move(request, "reclassify", actor=actor, now=now, source=request.state,
             target=request.state, reason=reason)  # fmt: skip
    audit.record(
        "service_requests.request.reclassified", actor=actor, now=now, object_type="request",
        object_id=request.id, before=before, after=item.code,
    )  # fmt: skip
    retarget(request, actor=actor, now=now)
    db.session.flush()


def _wanted(request: ServiceRequest, item_code: str) -> CatalogueItem:
    item = ITEMS.get(item_code)
    if item is None or item_code == request.item or not is_offered(item, get_tenant().country):
        raise Invalid(field_errors={"item": [_m("Choose another kind of request.")]})
    if item.job is not None or item_of(request).job is not None:
        raise Conflict(
            _m("This kind of request works on files of its own. Raise a new one and link the two."),
            code="has_own_files",
        )
    return item


def _judge_anew(
    request: ServiceRequest, item: CatalogueItem, *, actor: Actor, now: datetime
) -> None:
    """By the contract, unless a price was agreed, which stays. Work that began was covered: it
    can't become what first needs an offer."""
    # The company is locked before the request's row, as by everybody else.
    with db.session.no_autoflush:
        request.item, request.item_version = item.code, item.version
        if request.scope == AGREED:
            return
        standing = judge_scope(request, actor=actor, now=now)
        begun = request.state not in BEFORE_WORK or recorded_minutes(request, billable=True) > 0
    if standing.needs_offer and begun:
        raise Invalid(field_errors={"item": [_OFFER_FIRST]})


def _keep_title(request: ServiceRequest, item: CatalogueItem) -> None:
    if item.titled and not request.form.get("title"):
        request.form = {**request.form, "title": request.title}


def _require_open(request: ServiceRequest) -> None:
    if not request.is_open or request.state == "delivered":
        raise RequestMoveRefused(state=STATES[request.state])


def _change(
    request: ServiceRequest, priority: str, *, actor: Actor, now: datetime, reason: str = ""
) -> None:
    if priority == request.priority:
        return
    before, request.priority = request.priority, priority
    log_move(request, "prioritise", actor=actor, now=now, source=request.state,
             target=request.state, reason=reason)  # fmt: skip
    audit.record(
        "service_requests.request.prioritised", actor=actor, now=now, object_type="request",
        object_id=request.id, before=before, after=priority,
    )  # fmt: skip
    retarget(request, actor=actor, now=now)
