from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.item import CatalogueItem
from app.catalogue.lines import LINES
from app.catalogue.memory import get_item, offered_items
from app.contracts.calendar_of import calendar_of_version
from app.contracts.queries import get_terms
from app.contracts.terms import ContractTerms
from app.contracts.words import cut_off_words
from app.service_requests import presenting
from app.service_requests.drafts.queries import find_draft
from app.service_requests.drafts.services import drop_draft
from app.service_requests.drafts.showing import own_drafts
from app.service_requests.offers.queries import list_standings
from app.service_requests.queries import list_requests as find_requests
from app.service_requests.rows import RowMaker
from app.service_requests.schemas import item_form
from app.service_requests.services.intake import raise_request, require_offered
from app.service_requests.transitions import STATES
from app.service_requests.views.acting import uploads
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import language, text
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden
from tenants.endpoints import tenant
from tenants.queries import list_members

GROUPS = ("open", "ended", "all")


@bp.get("")
@tenant("request.read")
def list_requests(slug: str) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    state, search, cursor = _filters()
    client = current_client()
    page = find_requests(
        actor=actor, state=None if state == "all" else state, search=search, cursor=cursor,
        today=now.astimezone(ZoneInfo(client.time_zone)).date(),
    )  # fmt: skip
    calendar = calendar_of_version(
        page.items[0].contract_id if page.items else None,
        country=client.country, zone=client.time_zone, on=now,
    )  # fmt: skip
    here = url_for("service_requests.list_requests", slug=slug)
    make = RowMaker(side=actor.side, now=now)
    return render_template(
        "service_requests/list.html", client=client, provider=actor.side == "provider",
        rows=make.client_list(page.items, here=here, calendar=calendar), shown=len(page.items), state=state,
        search=search, cursor=cursor, next_cursor=page.next_cursor,
        states=presenting.states_of(actor.side, language()),
        may_raise=actor.can("request.raise"),
    )  # fmt: skip


def _filters() -> tuple[str, str, str | None]:
    """What stands in the address; an unknown state counts as none."""
    state = request.args.get("state", "open")
    if state not in GROUPS and state not in STATES:
        state = "open"
    return state, request.args.get("q", "").strip()[:120], request.args.get("cursor") or None


@bp.get("/new")
@tenant("request.raise")
def catalogue(slug: str) -> ResponseReturnValue:
    actor, client, now = current_actor(), current_client(), clock.now()
    search = " ".join(request.args.get("q", "").replace("\0", "").split())[:80]
    own = [one for one in offered_items(client.country) if actor.can("request.raise", one.line)]
    items: dict[str, list[CatalogueItem]] = {}
    for item in own:
        if _is_about(item, search):
            items.setdefault(item.line, []).append(item)
    terms = get_terms(now)
    offered = [item for found in items.values() for item in found]
    return render_template(
        "service_requests/catalogue.html", client=client, items=items, lines=LINES, search=search,
        offered=len(own),
        standings=list_standings(terms=terms, now=now, items=[item.code for item in offered]),
        promised={item.code: _promised(terms, item) for item in offered},
        provider=actor.side == "provider", drafts=own_drafts(actor),
    )  # fmt: skip


def _is_about(item: CatalogueItem, search: str) -> bool:
    """Every word stands in its title, its summary or the name of its line."""
    said = " ".join(text(one) for one in (item.title, item.summary, LINES[item.line])).casefold()
    return all(word in said for word in search.casefold().split())


@bp.get("/new/<item_code>")
@tenant("request.raise")
def new_request(slug: str, item_code: str) -> ResponseReturnValue:
    item = get_item(item_code)
    actor = current_actor()
    actor.require("request.raise", item.line)
    require_offered(item, current_client().country)
    draft = find_draft(actor=actor, item_code=item.code)
    form = BoundForm(
        item_form(item, actor.side), values=draft.values if draft else {}, choices=_people(item)
    )
    return _form_page(item, form, kept_at=draft.changed_at if draft else None)


@bp.post("/new/<item_code>")
@tenant("request.raise")
def raise_new(slug: str, item_code: str) -> ResponseReturnValue:
    item = get_item(item_code)
    schema = item_form(item, current_actor().side)
    form = BoundForm(schema, request.form, request.files, choices=_people(item))
    if not form.load():
        return _form_page(item, form)
    try:
        check_client(slug)
        row = raise_request(
            actor=current_actor(), now=clock.now(), item_code=item.code,
            values={name: form.data[name] for name in item.schema._declared_fields
                    if name in form.data},
            uploads=uploads(*(slot.name for slot in item.files)),
            impact=form.data["impact"], urgency=form.data["urgency"],
            requester_id=form.data.get("requester"),
        )  # fmt: skip
        drop_draft(actor=current_actor(), item_code=item.code)
    except Forbidden:
        raise
    except CoulisseError as error:
        db.session.rollback()
        form.refuse(error)
        return _form_page(item, form)
    return redirect(url_for("service_requests.show", slug=slug, number=row.number), 303)


def _promised(terms: ContractTerms, item: CatalogueItem) -> int | None:
    """Business minutes to the result, at the usual priority."""
    return terms.target(item.line, item.code, "normal").resolution


def _inputs_due(terms: ContractTerms, item: CatalogueItem) -> str:
    cut_off = terms.item_term(item.code).cut_off
    return cut_off_words(cut_off, item) if cut_off else ""


def _people(item: CatalogueItem) -> dict[str, list[tuple[str, str]]]:
    """For whom an operator may raise it."""
    if current_actor().side == "client":
        return {}
    return {
        "requester": [
            (str(one.user_id), one.display_name) for one in list_members() if item.line in one.lines
        ]
    }


def _form_page(
    item: CatalogueItem, form: BoundForm, *, kept_at: datetime | None = None
) -> Response:
    form["client"].value = current_client().slug
    now = clock.now()
    terms = get_terms(now)
    page = render_template(
        "service_requests/new.html", client=current_client(), item=item,
        standing=list_standings(terms=terms, now=now, items=[item.code])[item.code], form=form,
        promised=_promised(terms, item), kept_at=kept_at, inputs_due=_inputs_due(terms, item),
        provider=current_actor().side == "provider",
    )  # fmt: skip
    return make_response(page, form.status)
