"""What is typed of an invoice that comes again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request
from marshmallow import fields, validate

from app.finance.sales_invoices import customers, line_forms
from app.finance.sales_invoices.line_forms import Row
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from app.finance.sales_invoices.schedules.recurrence import ABOUT, EVERY
from app.finance.sales_invoices.schedules.services import Terms, wrong_text
from app.finance.sales_invoices.schemas import ActForm, InvoiceForm
from app.finance.sales_invoices.services.drafting import Wish
from app.finance.sales_invoices.views.editing import (
    contact_choices,
    customer_of,
    delivery_choices,
    series_choices,
)
from app.finance.sales_invoices.writing import kept_of, of_customer
from app.service_requests.views.rendering import current_client
from app.web.fields import TrimmedString
from app.web.forms import BoundForm
from tenants.core.errors import Invalid
from tenants.core.text import _m

IN_CONTENT = (
    "nature", "vat_point", "audience", "payment_terms", "note", "buyer_reference", "order",
    "contract", "project",
)  # fmt: skip
_OTHERS = (
    "type", "issued_on", "due_on", "delivered_on", "period_start", "period_end", "rate", "reason",
    "deposits",
)  # fmt: skip
TERMS = ("name", "months", "day", "starts_on", "ends_on", "about", "says_period")


class ScheduleForm(InvoiceForm):
    """The draft's own fields, and when it comes."""

    class Meta:
        exclude = _OTHERS

    name = TrimmedString(
        required=True, validate=validate.Length(min=1, max=120),
        metadata={"label": _m("Name"), "help": _m("For you alone; it doesn't stand on the invoice.")},
    )  # fmt: skip
    months = fields.Integer(
        load_default=1, validate=validate.OneOf(list(EVERY)),
        metadata={"label": _m("How often"), "input": "select",
                  "choices": [(str(n), label) for n, label in EVERY.items()]},
    )  # fmt: skip
    day = fields.Integer(
        required=True, validate=validate.Range(min=1, max=31),
        metadata={"label": _m("Day of the month"), "min": 1, "max": 31,
                  "help": _m("31 is always the month's last day.")},
    )  # fmt: skip
    starts_on = fields.Date(
        required=True,
        metadata={"label": _m("First from"), "help": _m("What lies before today isn't made up for.")},
    )  # fmt: skip
    ends_on = fields.Date(
        load_default=None, allow_none=True,
        metadata={"label": _m("Last until"), "help": _m("Empty: until you end it.")},
    )  # fmt: skip
    about = fields.String(
        load_default="begins", validate=validate.OneOf(list(ABOUT)),
        metadata={"label": _m("It is about"), "input": "select", "choices": list(ABOUT.items())},
    )  # fmt: skip
    says_period = fields.Boolean(
        load_default=False, metadata={"label": _m("Write the period on the invoice")}
    )


class ScheduleActForm(ActForm):
    """Pause, resume, end."""


def bound(wish: Wish, values: dict[str, Any] | None = None) -> BoundForm:
    chosen = request.form.get("customer") if values is None else values["customer"]
    customer = customer_of(str(chosen or ""))
    content = kept_of(customer, wish)
    choices = {
        "delivery": delivery_choices(customer, content),
        "contact": contact_choices(customer, content),
        "series": series_choices(wish.series_id),
    }
    given = {"client": current_client().slug, **(values or {})}
    if values is None:
        return BoundForm(ScheduleForm, request.form, choices=choices)
    return BoundForm(ScheduleForm, values=given, choices=choices)


def values_of_wish(wish: Wish) -> dict[str, Any]:
    return {name: getattr(wish.content, name) for name in IN_CONTENT} | {
        "customer": wish.customer_id, "language": wish.language, "currency": wish.currency,
        "form": wish.form, "series": wish.series_id, "delivery": wish.content.delivery_choice,
        "contact": wish.content.contact_choice,
    }  # fmt: skip


def values_of(row: InvoiceSchedule, wish: Wish) -> dict[str, Any]:
    terms = {name: getattr(row, name) for name in TERMS}
    return values_of_wish(wish) | terms | {"version": row.version}


def first_values(wish: Wish, today: date) -> dict[str, Any]:
    return values_of_wish(wish) | {
        "months": 1, "day": 1, "starts_on": today, "about": "begins", "says_period": True,
    }  # fmt: skip


def terms_of(data: dict[str, Any]) -> Terms:
    return Terms(**{name: data[name] for name in TERMS})


def wish_of(data: dict[str, Any], rows: Sequence[Row], before: Wish) -> Wish:
    """Raises what is wrong with the lines in their places."""
    found = line_forms.read(rows)
    check_texts(rows)
    if not line_forms.sound(rows):
        raise Invalid
    customer = customers.get_buyer(data["customer"]) if data["customer"] else None
    content = replace(
        before.content, lines=found, **of_customer(data, customer, before),
        **{name: data[name] for name in IN_CONTENT},
    )  # fmt: skip
    return replace(
        before, content=content, customer_id=customer.id if customer else None,
        series_id=data["series"], language=data["language"], currency=data["currency"],
        form=data["form"],
    )  # fmt: skip


def check_texts(rows: Sequence[Row]) -> None:
    for row in rows:
        for part in ("name", "description", "item", "reason"):
            wrong = wrong_text(part, row.values[part])
            if wrong and part not in row.errors:
                row.errors[part] = wrong
