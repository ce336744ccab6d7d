"""Where the pages of sales invoices are looked at, by whom, and with what."""

from __future__ import annotations

import json

from app.finance.sales_invoices.batches.finding import NO_NUMBER
from tests.journeys.system import System

C = "/c/lentier/sales-invoices"
OWN = "(SELECT id FROM tenants WHERE slug = 'lentier')"
CONTENT = {
    "lines": [{"name": "Conseil", "unit_price": "100", "rate": "20"}],
    "buyer": {"name": "Atelier Vert SAS", "address": {"city": "Paris", "country": "FR"}},
}


def sales_invoice_pages(
    client: str, operator: str, administrator: str
) -> dict[str, list[tuple[str, str]]]:
    return {
        "sales_invoices.list_invoices": [(client, C), (operator, C), (operator, f"{C}?view=paid")],
        "sales_invoices.new": [(operator, f"{C}/new"), (operator, f"{C}/new?q=nothing-like-it")],
        "sales_invoices.show": [(client, f"{C}/{{sale}}"), (operator, f"{C}/{{sale}}")],
        "sales_invoices.edit": [(operator, f"{C}/{{sale}}/edit")],
        "sales_invoices.list_schedules": [(client, f"{C}/recurring"), (operator, f"{C}/recurring")],
        "sales_invoices.new_schedule": [(operator, f"{C}/recurring/new?invoice={{sale}}")],
        "sales_invoices.show_schedule": [(client, f"{C}/recurring/{{comes_again}}"),
                                         (operator, f"{C}/recurring/{{comes_again}}")],
        "sales_invoices.edit_schedule": [
            (operator, f"{C}/recurring/{{comes_again}}/edit"),
            (operator, f"{C}/recurring/{{comes_again}}/edit?customer="),
        ],
        "sales_invoices.of_request": [
            (client, f"{C}/requests/{{asked}}"), (operator, f"{C}/requests/{{asked}}"),
        ],
        "sales_invoices.list_batches": [(client, f"{C}/batches"), (operator, f"{C}/batches")],
        "sales_invoices.new_batch": [(operator, f"{C}/batches/new")],
        "sales_invoices.show_batch": [
            (client, f"{C}/batches/{{sheet}}"), (operator, f"{C}/batches/{{sheet}}"),
            (operator, f"{C}/batches/{{sheet}}?state=made"),
        ],
        "sales_invoices.show_settings": [(administrator, f"{C}/settings"), (operator, f"{C}/settings")],
    }  # fmt: skip


def furnish_invoice(system: System) -> dict[str, str]:
    """A draft, and one that comes again."""
    made = system.value(
        "INSERT INTO sales_invoices (tenant_id, type, language, currency, form, customer_name,"
        " content, net, tax, gross, due, created_by_name, created_at)"
        f" VALUES ({OWN}, '380', 'fr', 'EUR', 'facturx-en16931', 'Atelier Vert SAS', %(c)s,"
        " 10000, 2000, 12000, 12000, 'Olga', now()) RETURNING id", c=json.dumps(CONTENT),
    )  # fmt: skip
    system.rows(
        "INSERT INTO sales_invoice_standings (tenant_id, id, changed_at)"
        f" VALUES ({OWN}, %(i)s, now()) RETURNING id", i=made,
    )  # fmt: skip
    again = system.value(
        "INSERT INTO invoice_schedules (tenant_id, name, customer_name, wish, months, day, starts_on,"
        " next_on, problem, changed_by_name, changed_at)"
        f" VALUES ({OWN}, 'Maintenance', 'Atelier Vert SAS', %(w)s, 1, 31, '2026-01-01',"
        " '2099-01-31', 'incomplete', 'Olga', now()) RETURNING id",
        w=json.dumps({"content": CONTENT, "language": "fr", "currency": "EUR",
                      "form": "facturx-en16931", "series_id": None}),
    )  # fmt: skip
    return {"sale": str(made), "sheet": _sheet(system, str(made)), "comes_again": str(again)}


def _sheet(system: System, invoice_id: str) -> str:
    """Looked at: one invoice is ready, another refused, a third made already."""
    sheet = system.value(
        "INSERT INTO invoice_batches (tenant_id, name, file_id, sha256, state, rows_in, invoices_in,"
        " rejected, made, ignored, created_by_name, created_at)"
        " SELECT tenant_id, 'factures-novembre.xlsx', id, sha256, 'read', 4, 3, 1, 1,"
        " '[\"Commercial\"]', 'Olga', now() FROM files"
        f" WHERE tenant_id = {OWN} LIMIT 1 RETURNING id",
    )  # fmt: skip
    reason = {"code": "unknown_customer", "message": NO_NUMBER, "params": {}}
    for position, state, reasons, made in (
        (1, "ready", [], None), (2, "rejected", [[4, "N° client", reason]], None),
        (3, "made", [], invoice_id),
    ):  # fmt: skip
        system.rows(
            "INSERT INTO invoice_batch_rows (tenant_id, batch_id, position, reference, lines,"
            " customer_name, currency, net, tax, gross, state, reasons, invoice_id) VALUES"
            f" ({OWN}, %(b)s, %(p)s, %(r)s, '[2, 3]', 'Atelier Vert SAS', 'EUR', 10000, 2000, 12000,"
            " %(s)s, %(w)s, %(i)s) RETURNING id",
            b=sheet, p=position, r=f"V-{position}", s=state, w=json.dumps(reasons), i=made,
        )  # fmt: skip
    return str(sheet)
