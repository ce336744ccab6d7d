"""What is done with an invoice from its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.finance.sales_invoices.services import (
    correcting,
    disputing,
    drafting,
    leaving,
    making,
    sending,
    validating,
)
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.opening import WORK, reader
from app.finance.sales_invoices.views.page import ACTS, page
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from tenants.core import clock
from tenants.endpoints import tenant

Work = Callable[[dict[str, Any], dict[str, Any]], object]


def _perform(slug: str, invoice_id: UUID, act: str, work: Work) -> ResponseReturnValue:
    """`work` gets who acts when on what, and the form; it may answer another invoice to go to."""
    who: dict[str, Any] = {"invoice_id": invoice_id, "actor": reader(WORK), "now": clock.now()}
    schema = ACTS[act]
    form = BoundForm(schema, request.form, prefix=schema.__name__.lower())
    came: list[object] = []
    if not carried_out(form, slug, lambda data: came.append(work(who, data))):
        return page(invoice_id, form, act)
    there = came[0] if isinstance(came[0], UUID) else invoice_id
    return redirect(url_for("sales_invoices.show", slug=slug, invoice_id=there), 303)


@bp.post("/<uuid:invoice_id>/validate")
@tenant("sales_invoice.work")
def validate(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(
        slug, invoice_id, "validate",
        lambda who, data: validating.validate_draft(**who, expected_version=data["version"]),
    )  # fmt: skip


@bp.post("/<uuid:invoice_id>/delete")
@tenant("sales_invoice.work")
def delete(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    form = BoundForm(ACTS["delete"], request.form)
    who: dict[str, Any] = {"invoice_id": invoice_id, "actor": reader(WORK), "now": clock.now()}
    if not carried_out(form, slug, lambda _: drafting.delete_draft(**who)):
        return page(invoice_id, form, "delete")
    return redirect(url_for("sales_invoices.list_invoices", slug=slug, view="draft"), 303)


@bp.post("/<uuid:invoice_id>/send")
@tenant("sales_invoice.work")
def send(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    """By mail it waits some seconds and can be taken back."""
    wait = current_app.config["SETTINGS"].hold_seconds

    def work(who: dict[str, Any], data: dict[str, Any]) -> object:
        if data["otherwise"] or not wait:
            return sending.send_invoice(**who, to=data["to"], otherwise=data["otherwise"])
        leaves_at = clock.real_now() + timedelta(seconds=wait)
        return leaving.hold_invoice(**who, to=data["to"], leaves_at=leaves_at)

    return _perform(slug, invoice_id, "send", work)


@bp.post("/<uuid:invoice_id>/take-back")
@tenant("sales_invoice.work")
def take_back(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(slug, invoice_id, "take_back", lambda who, data: leaving.take_back(**who))


@bp.post("/<uuid:invoice_id>/credit")
@tenant("sales_invoice.work")
def credit(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(
        slug, invoice_id, "credit",
        lambda who, data: correcting.credit(
            **who, share=data["share"], reason=data["reason"]
        ).id,
    )  # fmt: skip


@bp.post("/<uuid:invoice_id>/correct")
@tenant("sales_invoice.work")
def correct(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(slug, invoice_id, "correct", lambda who, data: correcting.correct(**who).id)


@bp.post("/<uuid:invoice_id>/finish")
@tenant("sales_invoice.work")
def finish(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(
        slug, invoice_id, "finish",
        lambda who, data: correcting.finish(
            deposit_id=invoice_id, actor=who["actor"], now=who["now"]
        ).id,
    )  # fmt: skip


@bp.post("/<uuid:invoice_id>/copy")
@tenant("sales_invoice.work")
def copy(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(slug, invoice_id, "copy", lambda who, data: correcting.copy(**who).id)


@bp.post("/<uuid:invoice_id>/dispute")
@tenant("sales_invoice.work")
def dispute(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(
        slug, invoice_id, "dispute",
        lambda who, data: disputing.dispute(**who, reason=data["reason"]),
    )  # fmt: skip


@bp.post("/<uuid:invoice_id>/resolve")
@tenant("sales_invoice.work")
def resolve(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(
        slug, invoice_id, "resolve",
        lambda who, data: disputing.resolve(**who, outcome=data["outcome"]),
    )  # fmt: skip


@bp.post("/<uuid:invoice_id>/file")
@tenant("sales_invoice.work")
def again(slug: str, invoice_id: UUID) -> ResponseReturnValue:
    return _perform(slug, invoice_id, "again", lambda who, data: making.make_again(**who))
