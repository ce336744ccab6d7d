"""An invoice of three lines, drafted and validated: both rows, the gapless number, history, two audit
events and the job that writes its file. Floor: the same two steps by plain SQL in one transaction with
row security: the draft written, held and read again, the company's data and series read, the same locked
counter, the invoice written over its draft. Nothing is computed or checked in it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, text

from app.finance.einvoicing.document import Address, Identifier, Party
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.services import drafting, settings, validating
from app.finance.sales_invoices.services.drafting import Wish
from bench.measure import Result, Stage
from bench.people import BenchTenant, make_tenants
from bench.portal import statements
from bench.writing import AUDIT, JOB
from tenants import keys
from tenants.core import clock
from tenants.core.db import db, unit_of_work
from tenants.core.ids import uuid7
from tenants.permissions import Actor, system_actor
from tenants.scoping import BIND, Scope, enter, leave

SELLER = {
    "name": "Lendo SARL", "legal_id": "732829320", "vat_id": "FR44732829320",
    "street": "12 rue des Lilas", "postcode": "69003", "city": "Lyon", "country": "FR",
    "electronic_address": "732829320", "electronic_scheme": "0225",
    "iban": "FR7630006000011234567890189", "email": "compta@lendo.example",
}  # fmt: skip
BUYER = Party(
    name="Atelier Vert SAS", legal_id=Identifier(value="552100554", scheme="0002"),
    vat_id="FR96552100554", electronic_address=Identifier(value="552100554", scheme="0225"),
    address=Address(lines=("3 quai de Seine",), postcode="75004", city="Paris", country="FR"),
)  # fmt: skip
WISH = Wish(
    content=Draft(
        lines=tuple(
            DraftLine(name=f"Conseil {n}", unit_price=Decimal(100), rate=Decimal(20))
            for n in range(3)
        ),
        buyer=BUYER,
    )
)
COUNT = (
    "INSERT INTO invoice_counters (tenant_id, id, series_id, year, last_number, last_issued_on)"
    " VALUES (:t, :n, :series, 2026, 1, current_date) ON CONFLICT (tenant_id, series_id, year)"
    " DO UPDATE SET last_number = invoice_counters.last_number + 1,"
    " last_issued_on = current_date RETURNING last_number"
)
INVOICE = (
    "INSERT INTO sales_invoices (tenant_id, id, type, customer_name, language, currency, net, tax,"
    " gross, prepaid, due, form, content, created_by, created_by_name, created_at) VALUES (:t, :r,"
    " '380', 'Atelier Vert SAS', 'fr', 'EUR', 30000, 6000, 36000, 0, 36000, 'facturx-en16931',"
    " CAST(:content AS jsonb), :u, 'Bench', now())"
)
STANDING = (
    "INSERT INTO sales_invoice_standings (tenant_id, id, state, version, changed_at)"
    " VALUES (:t, :r, 'draft', 1, now())"
)
HELD = (
    "SELECT i.*, s.* FROM sales_invoices i JOIN sales_invoice_standings s"
    " ON s.tenant_id = i.tenant_id AND s.id = i.id WHERE i.tenant_id = :t AND i.id = :r"
    " FOR UPDATE OF s"
)
SETTINGS = "SELECT * FROM invoicing_settings WHERE tenant_id = :t"
SERIES = "SELECT * FROM invoice_series WHERE tenant_id = :t AND active"
MOVED = (
    "UPDATE sales_invoice_standings SET state = 'validated', version = 2, files = 'making',"
    " due_on = current_date + 30, changed_at = now() WHERE tenant_id = :t AND id = :r"
)
VALIDATED = (
    "UPDATE sales_invoices SET series_id = :series, year = 2026, sequence = :sequence,"
    " number = :number, issued_on = current_date, due_on = current_date + 30,"
    " document = CAST(:document AS jsonb), sha256 = :sha256, validated_by = :u,"
    " validated_by_name = 'Bench', validated_at = now() WHERE tenant_id = :t AND id = :r"
)
EVENT = (
    "INSERT INTO sales_invoice_events (tenant_id, id, invoice_id, at, verb, by_name, facts)"
    " VALUES (:t, :i, :r, now(), 'validated', 'Bench', '{}')"
)
KEY = text("UPDATE tenants SET wrapped_key = :k WHERE id = :t")
KEPT = "SELECT content::text, document::text, sha256, series_id FROM sales_invoices LIMIT 1"


def measure(stage: Stage) -> list[Result]:
    [ours, plain] = make_tenants(stage, 2, prefix="invoice")
    with stage.superuser.begin() as connection:
        for one in (ours, plain):
            connection.execute(KEY, {"t": one.id, "k": keys.wrap_new(one.id)})
    engine = create_engine(stage.urls.app, pool_size=1)
    validated = validating_one(stage, ours)
    validating_one(stage, plain)()
    floor = bare(engine, plain)
    value, low = stage.meter.interleaved(validated, floor)
    sent = statements(stage, validated)
    engine.dispose()
    return [
        Result("an invoice of three lines, drafted and validated", value, 4.0, 2.5, low),
        Result("its SQL statements, binding included", sent, 45, 30, unit="statements"),
    ]


def validating_one(stage: Stage, tenant: BenchTenant) -> Callable[[], object]:
    actor = Actor(
        user_id=tenant.member, name="Bench", side="provider", tenant_id=tenant.id,
        role="operator", lines={"finance": "work"},
    )  # fmt: skip

    def within(work: Callable[[], object]) -> None:
        with stage.app.app_context():
            enter(Scope(tenant_id=tenant.id, side="provider"))
            with unit_of_work():
                work()
            leave()
            db.session.remove()

    def act() -> object:
        made = drafting.create_draft(wish=WISH, actor=actor, now=clock.now())
        return validating.validate_draft(
            invoice_id=made.id, expected_version=1, actor=actor, now=clock.now()
        )

    within(
        lambda: settings.set_settings(values=SELLER, actor=system_actor(tenant.id), now=clock.now())
    )
    return lambda: within(act)


def bare(engine: Engine, tenant: BenchTenant) -> Callable[[], object]:
    scope = Scope(tenant_id=tenant.id, side="provider").settings()
    invoice, standing, held, seller, listed = map(text, (INVOICE, STANDING, HELD, SETTINGS, SERIES))
    count, moved, validated, event, audit, job = map(
        text, (COUNT, MOVED, VALIDATED, EVENT, AUDIT, JOB)
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(BIND, scope)
        kept: Any = connection.execute(text(KEPT)).one()._asdict()
    series = kept.pop("series_id")

    def act() -> None:
        invoice_id: UUID = uuid7()
        facts = json.dumps({"currency": "EUR", "gross": 36000, "type": "380"})
        common = {"t": tenant.id, "u": tenant.member, "r": invoice_id, "facts": facts}
        with engine.begin() as connection:
            connection.exec_driver_sql(BIND, scope)
            connection.execute(invoice, common | kept)
            connection.execute(standing, common)
            connection.execute(audit, common | {"i": uuid7()})
            for asked in (held, seller, listed):
                connection.execute(asked, common).all()
            connection.execute(job, common | {"i": uuid7(), "key": f"files:{invoice_id}"})
            connection.execute(event, common | {"i": uuid7()})
            connection.execute(moved, common)
            connection.execute(audit, common | {"i": uuid7()})
            sequence = connection.scalar(count, {"t": tenant.id, "n": uuid7(), "series": series})
            number = f"F-2026-{sequence:04d}"
            connection.execute(
                validated,
                common | kept | {"sequence": sequence, "number": number, "series": series},
            )
            connection.execute(text("SELECT pg_notify('jobs', '')"))

    return act
