"""Beginning and changing recurring work: what and when first, then the form of both."""

from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.item import CatalogueItem
from app.catalogue.lines import LINES
from app.catalogue.memory import get_item, offered_items
from app.service_requests.recurring import queries, words
from app.service_requests.recurring.forms import ChooseForm, form_of, values_of_row, wish_of
from app.service_requests.recurring.models import Recurrence
from app.service_requests.recurring.queries import ClientFacts
from app.service_requests.recurring.rule_words import period_text
from app.service_requests.recurring.rules import Planned
from app.service_requests.recurring.services.keeping import (
    Wish,
    begin_recurrence,
    change_recurrence,
    plan_of,
)
from app.service_requests.services.assigning import list_colleagues
from app.service_requests.statutory.queries import list_standing
from app.service_requests.views.recurring.blueprint import bp
from app.service_requests.views.recurring.listing import SHOWN
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.i18n import language, text
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.get("/new")
@tenant("request.work")
def new(slug: str) -> ResponseReturnValue:
    facts = queries.get_facts(clock.now())
    item, kind = _chosen(facts)
    if item is None or kind not in words.KINDS:
        return _choose(facts)
    form = _form(item, kind, facts, values={"starts_on": facts.today, "client": slug})
    return _page(form, item, kind, facts)


@bp.post("/new")
@tenant("request.work")
def begin(slug: str) -> ResponseReturnValue:
    facts = queries.get_facts(clock.now())
    item, kind = _chosen(facts)
    if item is None or kind not in words.KINDS:
        return _choose(facts, sent=True)
    form, made = _form(item, kind, facts, sent=True), list[Recurrence]()
    if "show" in request.form:
        return _shown(form, item, kind, facts)

    def work(data: dict[str, Any]) -> None:
        wish = _wish(form, item, kind, data)
        most = current_app.config["SETTINGS"].recurring_most
        made.append(begin_recurrence(wish=wish, actor=current_actor(), now=clock.now(), most=most))

    if not carried_out(form, slug, work):
        return _page(form, item, kind, facts)
    return redirect(
        url_for("recurring.show", slug=slug, recurrence_number=made[0].number, done="begun"), 303
    )


@bp.get("/<int:recurrence_number>/edit")
@tenant("request.work")
def edit(slug: str, recurrence_number: int) -> ResponseReturnValue:
    row, facts = _own(recurrence_number), queries.get_facts(clock.now())
    item, kind = _kept(row, facts)
    values = values_of_row(row) | {"client": slug}
    return _page(_form(item, kind, facts, values=values, row=row), item, kind, facts, row)


@bp.post("/<int:recurrence_number>/edit")
@tenant("request.work")
def change(slug: str, recurrence_number: int) -> ResponseReturnValue:
    row, facts = _own(recurrence_number, for_change=True), queries.get_facts(clock.now())
    item, kind = _kept(row, facts)
    form = _form(item, kind, facts, sent=True, row=row)
    if "show" in request.form:
        return _shown(form, item, kind, facts, row)

    def work(data: dict[str, Any]) -> None:
        change_recurrence(
            recurrence=row, wish=_wish(form, item, kind, data), actor=current_actor(),
            expected_revision=data["revision"], now=clock.now(),
        )  # fmt: skip

    if not carried_out(form, slug, work):
        return _page(form, item, kind, facts, _own(recurrence_number))
    return redirect(
        url_for("recurring.show", slug=slug, recurrence_number=row.number, done="changed"), 303
    )


def _own(number: int, *, for_change: bool = False) -> Recurrence:
    actor = current_actor()
    row = queries.get_recurrence(actor=actor, number=number, for_change=for_change)
    actor.require("request.work", row.line)
    return row


def _offered(facts: ClientFacts) -> list[CatalogueItem]:
    actor = current_actor()
    return [one for one in offered_items(facts.country) if actor.can("request.work", one.line)]


def _chosen(facts: ClientFacts) -> tuple[CatalogueItem | None, str]:
    code = request.args.get("item", "")
    found = {one.code: one for one in _offered(facts)}
    return found.get(code), request.args.get("kind", "")


def _kept(row: Recurrence, facts: ClientFacts) -> tuple[CatalogueItem, str]:
    """Its own item and kind of rule, or others of the same line that the address names."""
    item, kind = _chosen(facts)
    if item is None or item.line != row.line:
        item = get_item(row.item)
    return item, kind if kind in words.KINDS else row.rule["kind"]


def _choose(facts: ClientFacts, *, sent: bool = False) -> Response:
    offered = [(one.code, f"{text(LINES[one.line])}: {text(one.title)}") for one in _offered(facts)]
    values = {"kind": "month_day", "item": request.args.get("item", "")}
    form = BoundForm(
        ChooseForm, request.args if sent else None, choices={"item": offered}, values=values
    )
    if sent and form.load():
        form.add_errors({"item": [_m("Choose one of the list.")]})
    page = render_template("recurring/choose.html", client=current_client(), form=form)
    return make_response(page, form.status)


def _form(
    item: CatalogueItem, kind: str, facts: ClientFacts, *, sent: bool = False,
    values: dict[str, Any] | None = None, row: Recurrence | None = None,
) -> BoundForm:  # fmt: skip
    people = [
        (str(one.user_id), one.name) for one in list_colleagues(line=item.line, now=clock.now())
    ]
    if row is not None and row.assignee_id and str(row.assignee_id) not in dict(people):
        people.append((str(row.assignee_id), row.assignee_name))
    choices = {
        "assignee": people,
        "code": [
            (code, one.deadline.title(language()))
            for code, one in list_standing().items()
            if (not one.withdrawn and one.deadline.country == facts.country)
            or (row is not None and row.rule.get("code") == code)
        ],
    }
    schema = form_of(item, kind)
    if sent:
        return BoundForm(schema, request.form, choices=choices)
    return BoundForm(schema, values=values, choices=choices)


def _wish(form: BoundForm, item: CatalogueItem, kind: str, data: dict[str, Any]) -> Wish:
    about = {code: one.deadline.about for code, one in list_standing().items()}
    return wish_of(item, kind, data, form.typed(), about_of_deadline=about)


def _shown(
    form: BoundForm, item: CatalogueItem, kind: str, facts: ClientFacts,
    row: Recurrence | None = None,
) -> Response:  # fmt: skip
    """The days that the form says, before anything is saved."""
    coming: list[Planned] | None = None
    if form.load():
        try:
            wish = _wish(form, item, kind, form.data)
            first = max(facts.today, wish.starts_on)
            coming = plan_of(wish, facts).coming(first, most=SHOWN, last=wish.ends_on)
        except CoulisseError as error:
            form.refuse(error)
    return _page(form, item, kind, facts, row, coming=coming)


def _page(
    form: BoundForm, item: CatalogueItem, kind: str, facts: ClientFacts,
    row: Recurrence | None = None, *, coming: list[Planned] | None = None,
) -> Response:  # fmt: skip
    page = render_template(
        "recurring/edit.html", client=current_client(), form=form, item=item, kind=kind, r=row,
        kinds=words.KINDS, coming=coming, today=facts.today,
        limit=item.limit_in(facts.country), period_text=period_text,
    )  # fmt: skip
    return make_response(page, form.status)
