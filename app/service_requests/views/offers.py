"""The price of what the contract doesn't cover: offering, accepting, declining."""

from dataclasses import replace
from uuid import UUID

from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.services import verify_second_factor
from app.service_requests.offers.queries import get_offer
from app.service_requests.services import offers
from app.service_requests.views.acting import Act, perform
from app.service_requests.views.blueprint import bp
from app.web.limits import limiter
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant


def _person() -> str:
    return str(current_actor().user_id)


@bp.post("/<int:number>/offers")
@tenant("request.work")
def make_offer(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "offer", slug=slug, done=_m("The offer was sent."),
        work=lambda act: offers.make_offer(
            **act.versioned,
            **{name: act.data[name] for name in ("price", "body", "valid_until", "start_on")},
        ),
    )  # fmt: skip


@bp.post("/<int:number>/offers/<uuid:offer_id>/accept")
@limiter.limit("6/minute;40/hour", key_func=_person)
@tenant("request.approve")
def accept_offer(slug: str, number: int, offer_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "accept_offer", slug=slug, versioned=False, done=_m("The price is accepted."),
        work=lambda act: _accept(act, offer_id),
    )  # fmt: skip


def _accept(act: Act, offer_id: UUID) -> None:
    """The code confirms this one decision, not the session."""
    offer = get_offer(request=act.request, offer_id=offer_id)
    assert act.actor.user_id is not None
    real_now = clock.real_now()
    verify_second_factor(user_id=act.actor.user_id, code=act.data["code"], now=real_now)
    offers.accept_offer(
        request=act.request, offer=offer, now=act.now, real_now=real_now,
        actor=replace(act.actor, second_factor_at=real_now), sha256=act.data["offered"],
    )  # fmt: skip


@bp.post("/<int:number>/offers/<uuid:offer_id>/decline")
@tenant("request.approve")
def decline_offer(slug: str, number: int, offer_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "decline_offer", slug=slug, versioned=False, done=_m("The offer is declined."),
        work=lambda act: offers.decline_offer(
            **act.who, offer=get_offer(request=act.request, offer_id=offer_id),
            sha256=act.data["offered"], reason=act.data["reason"],
        ),
    )  # fmt: skip


@bp.post("/<int:number>/cover")
@tenant("request.review")
def take_as_covered(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "cover", slug=slug, done=_m("Taken as covered by the contract."),
        work=lambda act: offers.take_as_covered(**act.versioned, reason=act.data["reason"]),
    )  # fmt: skip
