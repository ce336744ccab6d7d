"""What the bank says of two invoices of the demonstration: one is paid, of another a part. Its files
are read in the seeding itself, and the job that was asked to finds them read."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.demo.cast import DemoClient
from app.demo.payments import COMPANIES
from app.demo.requests import operator_of
from app.documents.language import translator
from app.finance.demo_files import Payment, statement_of
from app.finance.queries import get_control
from app.finance.sales_invoices.list_files import open_items_sheet
from app.finance.sales_invoices.models import InvoicePayment, SalesInvoice
from app.finance.sales_invoices.queries import list_open
from app.finance.services.deciding import confirm_all
from app.finance.services.reading import take_files
from app.service_requests.models import ServiceRequest
from app.service_requests.services.intake import Upload, raise_request
from app.service_requests.services.timekeeping import record_time
from app.service_requests.services.work import start_work
from app.spreadsheets.writing import KINDS, write
from tenants.core.db import db
from tenants.permissions import Actor

# By customer, whose oldest invoice it is: the part that is paid, and how many days ago.
PAID: Mapping[str, Mapping[str, tuple[float, int]]] = {
    "hallertau": {
        "Milchhof Aiglsbach eG": (0.4, 9),
        "Agrarhandel Wolnzach GmbH": (1, 6),
    },
}
PERIOD = timedelta(days=11)
RAISED = timedelta(hours=6)
SURE = 80
DETAILS = "Zahlungseingänge der letzten Tage, offene Posten aus den eigenen Rechnungen."
ACTIVITY = "Zahlungen zugeordnet"


def fill_paid(client: DemoClient, now: datetime) -> None:
    """Once."""
    if client.slug not in PAID or db.session.scalar(select(InvoicePayment.id).limit(1)):
        return
    operator, at = operator_of(client), now - RAISED
    today = at.astimezone(ZoneInfo(client.time_zone)).date()
    payments = _payments(client, today)
    if len(payments) < len(PAID[client.slug]):
        return
    request = _raise(client, payments, today, operator, at)
    at += timedelta(minutes=20)
    start_work(request=request, actor=operator, now=at)
    for _ in take_files(request=request, actor=operator, now=at, progress=lambda *_: None):
        pass
    at += timedelta(minutes=15)
    confirm_all(
        request=request, control=get_control(request_id=request.id), actor=operator, now=at,
        at_least=SURE,
    )  # fmt: skip
    record_time(
        request=request, actor=operator, now=at, minutes=15, worked_on=today, activity=ACTIVITY
    )


def _payments(client: DemoClient, today: date) -> Sequence[Payment]:
    customers = {one.name: one for one in COMPANIES[client.slug][1]}
    found = []
    for name, (part, days) in PAID[client.slug].items():
        row = db.session.scalars(
            select(SalesInvoice)
            .where(SalesInvoice.customer_name == name, SalesInvoice.number != "")
            .order_by(SalesInvoice.issued_on, SalesInvoice.id)
            .limit(1)
        ).one_or_none()
        if row is not None:
            text = f"Rechnung {row.number}" if part == 1 else f"Abschlag Rechnung {row.number}"
            amount = round(row.due * part)
            found.append(Payment(today - timedelta(days=days), amount, customers[name], text))
    return found


def _raise(
    client: DemoClient, payments: Sequence[Payment], today: date, operator: Actor, at: datetime
) -> ServiceRequest:
    iban, _ = COMPANIES[client.slug]
    first, last = today - PERIOD, today - timedelta(days=1)
    statement = statement_of(
        company=client.name, iban=iban, payments=payments, first=first, last=last,
        statement_id=f"STMT-{last:%Y%m%d}",
    )  # fmt: skip
    sheet = open_items_sheet(list_open(), translator(client.language))
    return raise_request(
        actor=operator, now=at, item_code="payment_control",
        values={"period": f"{last:%Y-%m}", "details": DETAILS},
        uploads=[
            Upload("open_items", f"{sheet.code}-{last}.csv", KINDS["csv"], write(sheet, "csv")),
            Upload("statement", f"statement-{last}.xml", "application/xml", statement),
        ],
    )  # fmt: skip
