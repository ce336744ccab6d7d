"""An invented invoice, so that a template of invoices is seen where its words will stand."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from app.documents.printing.letterheads import Letterhead
from app.documents.printing.strict import preview_pages
from app.documents.templating.fields import sample_values
from app.documents.templating.filling import Filled
from app.documents.templating.previewing import register_drawing
from app.finance.einvoicing.document import (
    Address,
    Identifier,
    InvoiceDocument,
    Line,
    Party,
    Totals,
    VatLine,
)
from app.finance.einvoicing.frames import SERVICES, frame
from app.finance.einvoicing.mentions import notes_for
from app.finance.einvoicing.printed_page import page_of
from app.finance.einvoicing.printing import TEMPLATE
from app.finance.sales_invoices.wordings import drawn

_DAY, _DUE = date(2026, 12, 3), date(2027, 1, 2)
_NAMES = {"fr": "Conseil", "de": "Beratung", "en": "Advice"}


@dataclass(frozen=True, slots=True)
class SampleInvoice:
    filled: Filled
    letterhead: Letterhead
    language: str

    def preview(self) -> list[bytes]:
        data = page_of(
            _document(self.letterhead, self.language), drawn(self.letterhead, self.filled)
        )
        dated = datetime.combine(_DAY, datetime.min.time(), UTC)
        return preview_pages(TEMPLATE, data, dated=dated, lang=self.language)


def init_invoice_preview() -> None:
    register_drawing("invoice", SampleInvoice)


def _document(head: Letterhead, language: str) -> InvoiceDocument:
    said, asked = sample_values("invoice", language), sample_values("letter", language)
    lines = asked["recipient_address"].split("\n")
    return InvoiceDocument(
        number=said["invoice_number"], type="380", issued_on=_DAY, due_on=_DUE, currency="EUR",
        language=language, frame=frame(SERVICES),
        seller=Party(
            name=head.name, vat_id=said["company_vat_id"],
            legal_id=Identifier(value=said["company_registration"].replace(" ", ""), scheme="0002"),
            address=Address(lines=head.sender, country=head.country),
        ),
        buyer=Party(name=said["customer_name"], address=Address(lines=tuple(lines))),
        lines=(
            Line(id="1", name=_NAMES[language], quantity=Decimal(1), unit="C62",
                 unit_price=Decimal("1041.67"), net=104_167, category="S", rate=Decimal(20)),
        ),
        vat=(VatLine(category="S", rate=Decimal(20), taxable=104_167, tax=20_833),),
        totals=Totals(lines=104_167, allowances=0, charges=0, net=104_167, tax=20_833,
                      gross=125_000, due=125_000),
        notes=notes_for(seller_country=head.country, on=_DAY, language=language),
    )  # fmt: skip
