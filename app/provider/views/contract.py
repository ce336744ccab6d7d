"""The contract of a company: what holds, the next version as a draft, and putting it into force."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields, validate

from app.contracts import services
from app.contracts.offered import PRIORITIES, offered_items, offered_lines
from app.contracts.queries import (
    find_draft,
    list_versions,
    newest_document,
    version_in_force,
)
from app.contracts.words import PRIORITY_NAMES
from app.provider.contract_parts.differences import differences, said
from app.provider.contract_parts.hours import HOURS
from app.provider.contract_parts.items import ITEMS
from app.provider.contract_parts.part import SEEN, Part
from app.provider.contract_parts.rules import RULES
from app.provider.contract_parts.targets import TARGETS, key, rows
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web import messages
from app.web.fields import TrimmedString
from app.web.forms import BoundForm
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals
from billing.prices.showing import figures_of
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, NotFound
from tenants.core.text import _m
from tenants.endpoints import company as company_scope
from tenants.queries import get_tenant

PARTS = {part.name: part for part in (ITEMS, TARGETS, HOURS, RULES)}


class IntoForce(Schema):
    revision = SEEN["revision"]
    valid_from = fields.Date(
        required=True,
        metadata={"label": _m("Valid from"), "help": _m("From midnight of the company's zone.")},
    )
    note = TrimmedString(
        load_default="", validate=validate.Length(max=500),
        metadata={"label": _m("Note"), "help": _m("The client reads it."), "input": "text"},
    )  # fmt: skip


@bp.get("/companies/<slug>/contract")
@company_scope("provider.administer")
def contract(slug: str) -> ResponseReturnValue:
    return _page(None)


@bp.post("/companies/<slug>/contract/draft")
@company_scope("provider.administer")
def begin_contract(slug: str) -> ResponseReturnValue:
    services.begin_draft(**who())
    return redirect(url_for("provider.contract", slug=slug), 303)


@bp.post("/companies/<slug>/contract/draft/drop")
@company_scope("provider.administer")
def drop_contract(slug: str) -> ResponseReturnValue:
    revision = request.form.get("revision", type=int)
    services.drop_draft(expected_revision=revision, **who())
    return redirect(url_for("provider.contract", slug=slug), 303)


@bp.get("/companies/<slug>/contract/<part_name>")
@company_scope("provider.administer")
def contract_part(slug: str, part_name: str) -> ResponseReturnValue:
    """Of the draft, or of the newest version: saving begins a draft then."""
    part, draft = _part(part_name), find_draft()
    values = {**part.show(draft.document if draft else newest_document()),
              "revision": draft.revision if draft else None}  # fmt: skip
    return _part_page(part, BoundForm(part.form(), values=values))


@bp.post("/companies/<slug>/contract/<part_name>")
@company_scope("provider.administer")
def change_contract_part(slug: str, part_name: str) -> ResponseReturnValue:
    part = _part(part_name)
    form = BoundForm(part.form(), request.form)
    if form.load():
        try:
            services.change_draft(
                change=lambda before: part.read(form.data, before),
                expected_revision=form.data["revision"], **who(),
            )  # fmt: skip
            return redirect(url_for("provider.contract", slug=slug), 303)
        except CoulisseError as error:
            db.session.rollback()
            form.refuse(error)
        except ValidationError as error:
            _say(form, error)
    return _part_page(part, form)


@bp.post("/companies/<slug>/contract/activate")
@company_scope("provider.administer")
def put_contract_into_force(slug: str) -> ResponseReturnValue:
    form = BoundForm(IntoForce, request.form)
    if form.load():
        try:
            services.put_into_force(
                valid_from=form.data["valid_from"], note=form.data["note"],
                expected_revision=form.data["revision"], **who(),
            )  # fmt: skip
            return redirect(url_for("provider.contract", slug=slug, done="active"), 303)
        except CoulisseError as error:
            db.session.rollback()
            form.refuse(error)
    return _page(form)


def _part(name: str) -> Part:
    if name not in PARTS:
        raise NotFound
    return PARTS[name]


def _page(form: BoundForm | None) -> ResponseReturnValue:
    tenant, versions, draft = get_tenant(), list_versions(), find_draft()
    today = clock.now().astimezone(ZoneInfo(tenant.time_zone)).date()
    newest = versions[0].document if versions else newest_document()
    if draft is not None and form is None:
        form = BoundForm(IntoForce, values={"revision": draft.revision, "valid_from": today})
    elif draft is not None and form is not None:
        form["revision"].value = draft.revision
    proposals = list_proposals()
    page = render_template(
        "provider/contract.html", company=tenant, here=administered(), versions=versions,
        figures=figures_of(proposals, day_of(clock.now())),
        waiting=sum(one.state == "proposed" for one in proposals),
        draft=draft, in_force=version_in_force(today), parts=PARTS.values(), form=form,
        changes=differences(newest, draft.document) if draft else [],
        facts=[(name, value) for name, value in said(newest).items() if value],
        first=not versions, done=request.args.get("done", ""), today=today,
    )  # fmt: skip
    return page, form.status if form and form.submitted else 200


def _part_page(part: Part, form: BoundForm) -> ResponseReturnValue:
    page = render_template(
        "provider/contract_part.html", company=get_tenant(), here=administered(), form=form,
        part=part, items=offered_items(), lines=offered_lines(),
        priorities=PRIORITY_NAMES, order=PRIORITIES, rows=list(rows()), key=key,
    )  # fmt: skip
    return page, form.status


def _say(form: BoundForm, error: ValidationError) -> None:
    """What only the whole document shows stands at the field of its name, else above the form."""
    for name, found in error.messages_dict.items():
        inner: dict[str, Any] = found if isinstance(found, dict) else {name: found}
        form.add_errors({one: messages.flat(texts) for one, texts in inner.items()})
