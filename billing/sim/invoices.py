from __future__ import annotations

from billing.sim.charging import attempt_payment, settled
from billing.sim.errors import bad_request, declined
from billing.sim.events import emit
from billing.sim.invoicing import finalize, keep, mark_uncollectible, new_invoice, void
from billing.sim.lines import recompute
from billing.sim.params import (
    Params,
    boolean,
    integer,
    mapping,
    merged_metadata,
    required,
    sequence,
    text,
    within,
)
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store
from billing.sim.views import page, payments_of, shown


def _current(store: Store, ident: str) -> Obj:
    """A draft's lines follow the usage that has arrived since."""
    invoice = store.get("invoices", ident, status=404)
    if invoice["status"] == "draft":
        recompute(store, invoice)
    return invoice


def retrieve_invoice(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, _current(store, ident))


def list_invoices(store: Store, params: Params) -> Obj:
    wanted = {
        "customer": text(params, "customer"),
        "status": text(params, "status"),
        "_subscription": text(params, "subscription"),
    }
    rows = [
        _current(store, row["id"])
        for row in store.newest("invoices")
        if all(value in (None, row[name]) for name, value in wanted.items())
        and within(params.get("created"), row["created"])
    ]
    return page(store, "/v1/invoices", rows, params)


def list_lines(store: Store, params: Params, ident: str) -> Obj:
    return page(store, f"/v1/invoices/{ident}/lines", _current(store, ident)["_lines"], params)


def list_payments(store: Store, params: Params) -> Obj:
    invoice, status = text(params, "invoice"), text(params, "status")
    rows = payments_of(store, invoice) if invoice else store.newest("invoice_payments")
    intent = text(mapping(params, "payment"), "payment_intent")
    rows = [
        row
        for row in rows
        if status in (None, row["status"]) and intent in (None, row["payment"]["payment_intent"])
    ]
    return page(store, "/v1/invoice_payments", rows, params)


def update_invoice(store: Store, params: Params, ident: str) -> Obj:
    invoice = _current(store, ident)
    if "automatically_finalizes_at" in params:
        if invoice["status"] != "draft":
            raise bad_request("Only a draft finalizes later.", param="automatically_finalizes_at")
        at = integer(params, "automatically_finalizes_at")
        if at is not None and at < store.now():
            raise bad_request("Must be in the future.", param="automatically_finalizes_at")
        invoice["automatically_finalizes_at"] = at
    if "auto_advance" in params:
        invoice["auto_advance"] = boolean(params, "auto_advance")
    if "description" in params:
        invoice["description"] = text(params, "description")
    invoice["metadata"] = merged_metadata(invoice["metadata"], params)
    emit(store, "invoice.updated", invoice)
    return shown(store, invoice)


def finalize_invoice(store: Store, params: Params, ident: str) -> Obj:
    invoice = _current(store, ident)
    advance = boolean(params, "auto_advance", default=bool(invoice["auto_advance"]))
    invoice["auto_advance"] = advance
    finalize(store, invoice, attempt=advance)
    return shown(store, invoice)


def pay_invoice(store: Store, params: Params, ident: str) -> Obj:
    invoice = _current(store, ident)
    if invoice["status"] == "draft":
        finalize(store, invoice, attempt=False)
    if invoice["status"] == "paid":
        raise bad_request("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in ("open", "uncollectible"):
        raise bad_request("You can only pay open invoices.", code="invoice_not_editable")
    if boolean(params, "paid_out_of_band"):
        settled(store, invoice, None)
    elif not attempt_payment(store, invoice, text(params, "payment_method")):
        raise declined()
    return shown(store, invoice)


def void_invoice(store: Store, params: Params, ident: str) -> Obj:
    invoice = _current(store, ident)
    void(store, invoice)
    return shown(store, invoice)


def give_up_invoice(store: Store, params: Params, ident: str) -> Obj:
    invoice = _current(store, ident)
    mark_uncollectible(store, invoice)
    return shown(store, invoice)


def create_invoice(store: Store, params: Params) -> Obj:
    """Of what waits, for a customer that has or had a subscription; a draft at first."""
    customer = store.get("customers", required(params, "customer"), param="customer")
    had = [row for row in store.newest("subscriptions") if row["customer"] == customer["id"]]
    if not had:
        raise bad_request("The simulator invoices customers with a subscription only.")
    if text(params, "pending_invoice_items_behavior") != "include":
        raise bad_request("The simulator makes no empty invoices.")
    method = text(params, "collection_method") or "charge_automatically"
    rates = [
        store.get("tax_rates", rate, param="default_tax_rates")
        for rate in sequence(params, "default_tax_rates")
    ]
    shape = had[0] | {"collection_method": method, "default_tax_rates": rates}
    now = store.now()
    invoice = new_invoice(store, shape, [], "manual", (now, now))
    days = integer(params, "days_until_due")
    invoice |= {
        "parent": None,
        "auto_advance": boolean(params, "auto_advance"),
        "metadata": merged_metadata({}, params),
        "_days": days,
    }
    keep(store, invoice)
    emit(store, "invoice.created", invoice)
    return shown(store, invoice)


ROUTES = [
    route(
        "POST",
        "/v1/invoices",
        create_invoice,
        "auto_advance collection_method customer days_until_due default_tax_rates metadata"
        " pending_invoice_items_behavior",
    ),
    route("GET", "/v1/invoices", list_invoices, f"{PAGED} created customer status subscription"),
    route("GET", "/v1/invoices/{id}", retrieve_invoice),
    route(
        "POST",
        "/v1/invoices/{id}",
        update_invoice,
        "auto_advance automatically_finalizes_at description metadata",
    ),
    route("GET", "/v1/invoices/{id}/lines", list_lines, PAGED),
    route("POST", "/v1/invoices/{id}/finalize", finalize_invoice, "auto_advance"),
    route(
        "POST", "/v1/invoices/{id}/pay", pay_invoice, "off_session paid_out_of_band payment_method"
    ),
    route("POST", "/v1/invoices/{id}/void", void_invoice),
    route("POST", "/v1/invoices/{id}/mark_uncollectible", give_up_invoice),
    route("GET", "/v1/invoice_payments", list_payments, f"{PAGED} invoice payment status"),
]
