"""The contract of a company, readable by its people and by the operators who work for it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.catalogue.memory import get_item
from app.contracts.queries import get_terms
from app.contracts.words import PRIORITY_NAMES
from app.portal.contract_showing import contract_page
from app.service_requests import presenting
from app.service_requests.offers.queries import list_counted, list_standings
from app.service_requests.views.rendering import current_client
from billing.plans import CURRENCY
from billing.prices.in_force import day_of
from billing.prices.showing import price_figures
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant
from tenants.permissions import Actor

bp = Blueprint("contracts", __name__, url_prefix="/c/<slug>/contract")


@bp.get("")
@tenant("request.read")
def show(slug: str) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    return render_template(
        "portal/contract.html", client=current_client(), provider=actor.side == "provider",
        page=contract_page(actor=actor, country=current_client().country, now=now), line_names=LINES, currency=CURRENCY,
        priorities=PRIORITY_NAMES, sees_money=_sees_money(actor),
        prices=price_figures(on=day_of(now)) if _sees_money(actor) else [],
        sees_bill=actor.can("subscription.read"), subject_of=presenting.subject_of,
    )  # fmt: skip


@bp.get("/used/<item_code>")
@tenant("request.read")
def used(slug: str, item_code: str) -> ResponseReturnValue:
    """The requests behind this month's use of a quota."""
    item, actor = get_item(item_code), current_actor()
    if item.line not in actor.visible_lines:
        raise NotFound
    now = clock.now()
    return render_template(
        "portal/contract_used.html", client=current_client(), provider=actor.side == "provider",
        item=item, standing=list_standings(terms=get_terms(now), now=now, items=[item.code])[item.code],
        rows=list_counted(item=item.code, now=now), subject_of=presenting.subject_of,
        pill=lambda state: presenting.state_pill(state, actor.side),
    )  # fmt: skip


def _sees_money(actor: Actor) -> bool:
    """Amounts are for those who see the bill, and for the provider's people."""
    return actor.side == "provider" or actor.can("subscription.read")
