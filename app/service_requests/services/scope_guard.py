"""Judges a request by the client's contract when it is raised or changes its kind, and keeps work
from beginning on one that is outside of it, and more from being urgent than was agreed."""

from datetime import datetime

from app.contracts.queries import get_terms
from app.service_requests.models import ServiceRequest
from app.service_requests.offers.queries import count_urgent, used_this_month
from app.service_requests.scope import NEEDS_OFFER, Standing, stand
from app.service_requests.transitions import ENDED
from tenants import audit
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant_for_change

# States of a request that nobody works on.
BEFORE_WORK = ("new", "quote_needed", *ENDED)


class OfferNeeded(Conflict):
    code = "offer_needed"
    message = _m(
        "The contract doesn't cover this request. Make an offer; work begins when the client has "
        "accepted the price."
    )


class UrgentUsedUp(Conflict):
    code = "urgent_used_up"
    message = _m(
        "The urgent requests that the contract has a month are used up. Choose a lower priority, "
        "or agree on more with the client and change the contract."
    )


def check_urgent(request: ServiceRequest, *, field: str, now: datetime) -> None:
    """Whether it may be urgent beside the others of its month; until the transaction's end nobody
    else takes the last place. `field` is where a form shows the refusal."""
    terms = get_terms(now)
    if terms.urgent_per_month is None:
        return
    get_tenant_for_change()
    others = count_urgent(terms=terms, at=request.raised_at, but=request.id)
    if others >= terms.urgent_per_month:
        raise UrgentUsedUp(field_errors={field: [UrgentUsedUp.message]})


def judge_scope(request: ServiceRequest, *, actor: Actor, now: datetime) -> Standing:
    """Of its month, counted for one after the other, so that a last place is given once."""
    terms = get_terms(now)
    request.inputs_due_on = terms.inputs_due_on(
        request.item, raised_at=request.raised_at, form=request.form
    )
    if request.time_step is None:
        # A new one; what was agreed then holds as long as it lives.
        request.time_step = terms.time.step
    used = 0
    if terms.quota(request.item) is not None:
        get_tenant_for_change()
        counted = used_this_month(
            terms=terms, at=request.raised_at, items=[request.item], but=request.id
        )
        used = counted.get(request.item, 0)
    standing = stand(terms, request.item, used)
    request.scope = standing.scope
    if standing.needs_offer or standing.quota is not None:
        audit.record(
            "service_requests.scope.judged", actor=actor, now=now, object_type="request",
            object_id=request.id, scope=standing.scope, quota=standing.quota, used=standing.used,
            contract=terms.number,
        )  # fmt: skip
    return standing


def check_may_enter(request: ServiceRequest, target: str) -> None:
    if request.scope in NEEDS_OFFER and target not in BEFORE_WORK:
        raise OfferNeeded
