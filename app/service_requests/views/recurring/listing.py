"""All recurring work of a client, and one of it."""

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.item import CatalogueItem
from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS
from app.service_requests.recurring import queries, words
from app.service_requests.recurring.forms import PREFIX, PauseForm, item_fields
from app.service_requests.recurring.models import Recurrence
from app.service_requests.recurring.queries import ClientFacts
from app.service_requests.recurring.rule_words import period_text, rule_words
from app.service_requests.recurring.rules import Planned, Refused
from app.service_requests.recurring.services.raising import next_ones
from app.service_requests.transitions import CLIENT_STATES, STATES, seen_by
from app.service_requests.views.recurring.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from tenants.core import clock
from tenants.endpoints import tenant

SHOWN, SHOWN_PAST = 12, 24


@bp.get("")
@tenant("request.read")
def overview(slug: str) -> ResponseReturnValue:
    actor, ended = current_actor(), request.args.get("state") == "ended"
    facts = queries.get_facts(clock.now())
    rows = queries.list_recurrences(lines=actor.visible_lines, ended=ended)
    provider = actor.side == "provider"
    blocked = queries.count_blocked(lines=actor.visible_lines) if provider else {}
    return render_template(
        "recurring/list.html", client=current_client(), provider=provider, ended=ended,
        rows=[(row, rule_words(row.rule, facts.deadlines), row.is_paused(facts.today),
               blocked.get(row.id, 0)) for row in rows],
        items=ITEMS, lines=LINES, may_write=provider and actor.can("request.work"),
        done=request.args.get("done", ""),
    )  # fmt: skip


@bp.get("/<int:recurrence_number>")
@tenant("request.read")
def show(slug: str, recurrence_number: int) -> ResponseReturnValue:
    row = queries.get_recurrence(actor=current_actor(), number=recurrence_number)
    return page(row)


def page(
    row: Recurrence, *, forms: Mapping[str, BoundForm] | None = None, problem: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    """`forms` are those that were refused, by what they do."""
    actor, client, facts = current_actor(), current_client(), queries.get_facts(clock.now())
    provider = actor.side == "provider"
    item = ITEMS.get(row.item)
    coming, broken = _coming(row, facts)
    pause = (forms or {}).get("pause") or BoundForm(
        PauseForm, values={"client": client.slug, "first": facts.today}, prefix="pause"
    )
    response = make_response(render_template(
        "recurring/show.html", client=client, r=row, provider=provider, item=item, broken=broken,
        rule=rule_words(row.rule, facts.deadlines), paused=row.is_paused(facts.today),
        coming=coming, today=facts.today, line=LINES[row.line], about_which=words.ABOUT[str(row.about)],
        past=[_past(one, actor.side) for one in
              queries.list_instances(recurrence_id=row.id, limit=SHOWN_PAST)],
        reasons=words.REASONS, period_text=period_text, outcomes=words.OUTCOMES, pause=pause, problem=problem,
        fields=_fields(row, item) if provider else [],
        versions=queries.list_versions(recurrence_id=row.id) if provider else [],
        may_write=provider and actor.can("request.work", row.line) and row.is_active,
        done=request.args.get("done", ""), base=url_for(
            "recurring.show", slug=client.slug, recurrence_number=row.number),
    ))  # fmt: skip
    response.status_code = pause.status if pause.invalid else status
    return response


def _coming(row: Recurrence, facts: ClientFacts) -> tuple[list[Planned], bool]:
    if not row.is_active:
        return [], False
    try:
        return next_ones(row, facts.plan(row), facts.today, most=SHOWN), False
    except Refused:
        return [], True


def _past(found: Any, side: str) -> dict[str, Any]:
    instance, state = found.RecurrenceInstance, found.request_state
    shown = ""
    if state:
        seen = seen_by(side, state)
        shown = (CLIENT_STATES.get(seen) if side == "client" else None) or STATES[seen]
    return {"row": instance, "number": found.request_number, "state": shown}


def _fields(row: Recurrence, item: CatalogueItem | None) -> list[tuple[str, Any]]:
    if item is None:
        return []
    declared = item_fields(item)
    return [
        (one.metadata.get("label", name), row.form[name.removeprefix(PREFIX)])
        for name, one in declared.items()
        if row.form.get(name.removeprefix(PREFIX))
    ]
