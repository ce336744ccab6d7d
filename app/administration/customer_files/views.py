"""The customer file of a request: what the client gave, who stands there already, the new entry, and
its sheet as the result."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.administration.customer_files import services
from app.administration.customer_files.looking import checks_of, list_similar
from app.administration.customer_files.panel import customer_file_panel
from app.administration.customer_files.prefilling import prefilled
from app.administration.customer_files.queries import find_file
from app.administration.customer_files.schemas import (
    SECOND,
    SECTIONS,
    CustomerFileForm,
    FinishForm,
    TakeForm,
)
from app.auth.current import current_actor
from app.directory import rights
from app.directory.conflicts import AlreadyThere, LooksAlike
from app.directory.data import made
from app.directory.models import Party
from app.directory.queries import get_current_party, get_party_by_number, load_parts
from app.directory.showing import data_of
from app.directory.views.blueprint import territories
from app.service_requests import panels, presenting
from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request, list_files
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant

bp = Blueprint(
    "customer_files", __name__, url_prefix="/c/<slug>/requests/<int:number>/customer-file"
)
panels.register("customer_file", customer_file_panel)


@bp.get("")
@tenant("request.work")
def show(slug: str, number: int) -> ResponseReturnValue:
    return _page(slug, _request(number), None)


@bp.post("")
@tenant("request.work")
def open_file(slug: str, number: int) -> ResponseReturnValue:
    row, form, alike = _request(number), _form(None), [False]

    def work() -> None:
        check_client(slug)
        second = {name.removeprefix("second_"): form.data[name] for name in SECOND}
        try:
            services.open_file(
                request=row, data=made(form.data), second=second, anyway=form.data["anyway"],
                actor=current_actor(), now=clock.now(),
            )  # fmt: skip
        except (AlreadyThere, LooksAlike) as error:
            alike[0] = isinstance(error, LooksAlike)
            raise

    return _done(slug, number, "opened", form, work) or _page(
        slug, _request(number), form, alike=alike[0]
    )


@bp.post("/take")
@tenant("request.work")
def take(slug: str, number: int) -> ResponseReturnValue:
    row, form = _request(number), BoundForm(TakeForm, request.form)

    def work() -> None:
        check_client(slug)
        services.take_entry(
            request=row, party=get_party_by_number(number=form.data["party"]),
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip

    return _done(slug, number, "taken", form, work) or _page(
        slug, _request(number), None, problems=form
    )


@bp.post("/finish")
@tenant("request.work")
def finish(slug: str, number: int) -> ResponseReturnValue:
    row, form = _request(number), BoundForm(FinishForm, request.form)
    verify = f"{current_app.config['SETTINGS'].base_url}/verify"

    def work() -> None:
        check_client(slug)
        services.finish_file(
            request=row, verify_address=verify, expected_version=form.data["version"],
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip

    return _done(slug, number, "finished", form, work) or _page(
        slug, _request(number), None, problems=form
    )


def _done(
    slug: str, number: int, what: str, form: BoundForm, work: Callable[[], None]
) -> ResponseReturnValue | None:
    if not carried_out(form, work):
        return None
    return redirect(url_for(".show", slug=slug, number=number, done=what), 303)


def _request(number: int) -> ServiceRequest:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    actor.require("request.work", row.line)
    rights.require_reader(actor)
    if row.line not in rights.LINES:
        raise NotFound
    return row


def _form(values: dict[str, Any] | None) -> BoundForm:
    choices = {"billing_country": territories(), "delivery_country": territories()}
    if values is None:
        return BoundForm(CustomerFileForm, request.form, choices=choices)
    return BoundForm(CustomerFileForm, values=values, choices=choices)


def _page(
    slug: str, row: ServiceRequest, form: BoundForm | None, *, alike: bool = False,
    problems: BoundForm | None = None,
) -> ResponseReturnValue:  # fmt: skip
    file = find_file(request_id=row.id)
    party: Party | None = get_current_party(party_id=file.party_id) if file else None
    data = data_of(party, load_parts([party.id])[party.id]) if party else None
    similar: list[Party] = []
    if file is None:
        form = form or _form({**prefilled(row.form), "currency": "EUR"})
        data = made({"name": "", **_typed(form)})
        similar = list_similar(data)
        form["client"].value = slug
    shown = render_template(
        "administration/customer_file.html", client=current_client(), r=row, file=file,
        party=party, checks=checks_of(data) if data else [], similar=similar, form=form,
        sections=_sections(form) if form and file is None else [], alike=alike,
        problems=problems, files=list_files(request_id=row.id), done=request.args.get("done", ""),
        subject=presenting.subject_of(row.item, row.title), said=_said(row),
        request_url=url_for("service_requests.show", slug=slug, number=row.number),
    )  # fmt: skip
    sent = problems or form
    return shown, sent.status if sent else 200


def _typed(form: BoundForm) -> dict[str, Any]:
    """What stands in the form, for a look before it is sent; numbers of days don't matter here."""
    return {
        one.name: one.value
        for one in form
        if isinstance(one.value, str) and one.name not in ("payment_days", "customer", "supplier")
    }


def _sections(form: BoundForm) -> list[tuple[str, list[list[Any]]]]:
    return [(text(title), [[form[one] for one in row] for row in rows]) for title, rows in SECTIONS]


def _said(row: ServiceRequest) -> list[tuple[str, str]]:
    """The client's own words that no field takes as they are."""
    names = {one.name: one.label for one in item_of(row).fields}
    wanted = ("registration", "delivery", "e_invoice", "payment_text", "remarks")
    return [
        (text(names[name]), str(row.form[name]))
        for name in wanted
        if name in names and row.form.get(name)
    ]
