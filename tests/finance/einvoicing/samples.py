"""The generated set: one invoice of each kind that leaves this product."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.finance.einvoicing.document import (
    CREDIT_NOTE,
    DEPOSIT,
    Address,
    Allowance,
    Attachment,
    Delivery,
    Identifier,
    InvoiceDocument,
    Line,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
    Totals,
)
from app.finance.einvoicing.frames import GOODS, MIXED, SERVICES, frame
from app.finance.einvoicing.mentions import DEBITS, notes_for, treatment_of
from app.finance.einvoicing.totals import added_up, line_net
from app.finance.einvoicing.vat import EXEMPTIONS

ISSUED = date(2026, 11, 20)
EMPTY = Totals(lines=0, allowances=0, charges=0, net=0, tax=0, gross=0, due=0)
IBAN = "FR7630006000011234567890189"

SELLER = Party(
    name="Ateliers Brévent SAS",
    trade_name="Brévent",
    legal_id=Identifier(value="732829320", scheme="0002"),
    ids=(Identifier(value="73282932000074", scheme="0009"),),
    vat_id="FR44732829320",
    electronic_address=Identifier(value="732829320_73282932000074", scheme="0225"),
    address=Address(
        lines=("12 rue de l’Église", "Bâtiment B"), postcode="74400", city="Chamonix", country="FR"
    ),
    contact="Zoé Lœuillet",
    phone="+33 4 50 00 00 00",
    email="facturation@brevent.example",
    legal_text="SAS au capital de 40 000 € – RCS Annecy 732 829 320",
)
FRENCH_BUYER = Party(
    name="Coopérative du Val d’Arve",
    trade_name="Val d’Arve",
    legal_id=Identifier(value="552100554", scheme="0002"),
    vat_id="FR96552100554",
    electronic_address=Identifier(value="552100554", scheme="0225"),
    address=Address(
        lines=("3 place du Marché",), postcode="74130", city="Bonneville", country="FR"
    ),
)
GERMAN_BUYER = Party(
    name="Bergmann Anlagenbau GmbH",
    vat_id="DE136695976",
    electronic_address=Identifier(value="rechnung@bergmann.example", scheme="EM"),
    address=Address(lines=("Königsallee 5",), postcode="40212", city="Düsseldorf", country="DE"),
)
GERMAN_SELLER = Party(
    name="Müller & Söhne GmbH",
    vat_id="DE136695976",
    tax_id="201/123/12340",
    electronic_address=Identifier(value="rechnung@mueller.example", scheme="EM"),
    address=Address(lines=("Hauptstraße 1",), postcode="80331", city="München", country="DE"),
    contact="Jürgen Groß",
    phone="+49 89 000000",
    email="rechnung@mueller.example",
    legal_text="Geschäftsführer: Jürgen Groß, HRB 12345 München",
)
PUBLIC_BUYER = Party(
    name="Freie Hansestadt Bremen – Amt für Straßen und Verkehr",
    electronic_address=Identifier(value="04011000-1234512345-06", scheme="0204"),
    address=Address(lines=("Herdentorsteinweg 49",), postcode="28195", city="Bremen", country="DE"),
)
SWISS_BUYER = Party(
    name="Maison Rochat SA",
    electronic_address=Identifier(value="factures@rochat.example", scheme="EM"),
    address=Address(lines=("Rue du Rhône 8",), postcode="1204", city="Genève", country="CH"),
)
TRANSFER = PaymentMeans(code="30", iban=IBAN, bic="AGRIFRPPXXX", account_name="Ateliers Brévent")


def line(
    number: int,
    *,
    quantity: str = "1",
    price: str = "100",
    rate: str | None = "20",
    category: str = "S",
    currency: str = "EUR",
    **more: object,
) -> Line:
    return Line(
        id=str(number),
        name=str(more.pop("name", f"Prestation n° {number}")),
        quantity=Decimal(quantity),
        unit=str(more.pop("unit", "C62")),
        unit_price=Decimal(price),
        net=line_net(
            quantity=Decimal(quantity),
            unit_price=Decimal(price),
            currency=currency,
            allowances=more.get("allowances", ()),  # type: ignore[arg-type]
        ),
        category=category,
        rate=None if rate is None else Decimal(rate),
        **more,  # type: ignore[arg-type]
    )


def free_line(number: int, key: str, *, country: str = "FR", **more: object) -> Line:
    why = EXEMPTIONS[key]
    rate = None if why.category == "O" else "0"
    return line(
        number, category=why.category, rate=rate, exemption_code=why.code,
        exemption_reason=why.text("fr" if country == "FR" else "de"), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def invoice(*lines: Line, prepaid: int = 0, rounding: int = 0, **more: object) -> InvoiceDocument:
    buyer = more.get("buyer", FRENCH_BUYER)
    assert isinstance(buyer, Party)
    given: dict[str, object] = {
        "number": "F-2026-00042",
        "type": "380",
        "issued_on": ISSUED,
        "due_on": date(2026, 12, 20),
        "currency": "EUR",
        "seller": SELLER,
        "buyer": buyer,
        "lines": lines,
        "vat": (),
        "totals": replace(EMPTY, prepaid=prepaid, rounding=rounding),
        "frame": frame(SERVICES),
        "notes": notes_for(
            seller_country="FR", on=ISSUED, language="fr",
            treatment=treatment_of(buyer=buyer.address, buyer_is_company=True),
        ),
        "payment": (TRANSFER,),
        "remittance": "F-2026-00042",
        "payment_terms": "30 jours date de facture",
        "delivery": Delivery(on=date(2026, 11, 18)),
    }  # fmt: skip
    return added_up(InvoiceDocument(**(given | more)))  # type: ignore[arg-type]


def mixed_rates() -> InvoiceDocument:
    rates = ("20", "10", "5.5", "2.1")
    lines = [
        line(
            n, quantity=f"{n}.{n % 4}", price=f"{n * 7}.{n:02}5", rate=rates[n % 4],
            description="Main-d’œuvre et fournitures" if n % 5 == 0 else "",
            seller_item=f"REF-{n:03}", unit="HUR" if n % 2 else "C62",
            allowances=(Allowance(amount=35, reason="Remise"),) if n == 3 else (),
        )
        for n in range(1, 25)
    ]  # fmt: skip
    return invoice(
        *lines,
        frame=frame(MIXED),
        order="CDE-7781",
        contract="CTR-12",
        buyer_reference="Service achats",
        allowances=(
            Allowance(amount=1500, reason="Remise de fin d’année", category="S", rate=Decimal(20)),
            Allowance(amount=990, charge=True, reason="Port", category="S", rate=Decimal(20)),
        ),
        period=Period(start=date(2026, 11, 1), end=date(2026, 11, 30)),
        delivery=Delivery(
            on=date(2026, 11, 18),
            name="Dépôt de Sallanches",
            address=Address(lines=("ZI Nord",), postcode="74700", city="Sallanches", country="FR"),
        ),
    )


def credit_note() -> InvoiceDocument:
    before = Preceding(number="F-2026-00042", issued_on=ISSUED)
    return invoice(
        line(1, quantity="2", price="49.90", preceding=before),
        number="A-2026-00003", type=CREDIT_NOTE, issued_on=date(2026, 11, 22), due_on=None,
        payment_terms="À déduire de votre prochain règlement", preceding=(before,),
    )  # fmt: skip


def reverse_charge() -> InvoiceDocument:
    return invoice(
        free_line(1, "reverse_charge", price="1250"), buyer=GERMAN_BUYER, number="F-2026-00043"
    )


def on_debits() -> InvoiceDocument:
    notes = notes_for(
        seller_country="FR", on=ISSUED, language="fr", treatment="B2B", cases=(DEBITS,)
    )
    return invoice(
        line(1, quantity="3.5", price="80", unit="HUR"), vat_point="invoice", notes=notes
    )


def deposit() -> InvoiceDocument:
    return invoice(
        line(1, name="Acompte de 30 %", price="300"), type=DEPOSIT, number="F-2026-00050"
    )


def final() -> InvoiceDocument:
    asked = deposit()
    return invoice(
        line(1, name="Ensemble", price="1000"),
        prepaid=asked.totals.gross, frame=frame(SERVICES, after_deposit=True),
        preceding=(Preceding(number=asked.number, issued_on=asked.issued_on),),
        number="F-2026-00051",
    )  # fmt: skip


def already_paid() -> InvoiceDocument:
    lines = (line(1, price="59.99"),)
    whole = invoice(*lines)
    return invoice(
        *lines, prepaid=whole.totals.gross, frame=frame(SERVICES, paid=True), due_on=ISSUED,
        payment=(PaymentMeans(code="48"),),
    )  # fmt: skip


def german_public() -> InvoiceDocument:
    return invoice(
        line(1, name="Winterdienst", quantity="12", price="85.5", rate="19", unit="HUR"),
        line(2, name="Streusalz", quantity="0.75", price="310", rate="19", unit="TNE"),
        seller=GERMAN_SELLER, buyer=PUBLIC_BUYER, number="RE-2026-0099", language="de", frame="",
        buyer_reference="04011000-1234512345-06", notes=(Note(text="Vielen Dank für Ihren Auftrag."),),
        payment=(
            PaymentMeans(code="58", iban="DE89370400440532013000", account_name="Müller & Söhne"),
        ),
        payment_terms="Zahlbar innerhalb von 30 Tagen ohne Abzug", remittance="RE-2026-0099",
    )  # fmt: skip


def foreign_currency() -> InvoiceDocument:
    return invoice(
        line(1, name="Réparation d’un treuil", price="1234.56"),
        currency="CHF", tax_currency="EUR", exchange_rate=Decimal("1.0684"), number="F-2026-00060",
    )  # fmt: skip


def long() -> InvoiceDocument:
    return invoice(
        *[line(n, quantity="1.5", price=f"{n % 90 + 1}.37", rate=("20", "5.5")[n % 2])
          for n in range(1, 501)],
        frame=frame(MIXED), number="F-2026-00500",
    )  # fmt: skip


def intra_eu() -> InvoiceDocument:
    return invoice(
        free_line(1, "intra_eu_fr", quantity="4", price="320"),
        buyer=GERMAN_BUYER, frame=frame(GOODS), number="F-2026-00070",
        delivery=Delivery(on=date(2026, 11, 18), address=GERMAN_BUYER.address),
    )  # fmt: skip


def export() -> InvoiceDocument:
    return invoice(
        free_line(1, "export_fr", quantity="4", price="320"),
        buyer=SWISS_BUYER, frame=frame(GOODS), number="F-2026-00071",
    )  # fmt: skip


def exempt() -> InvoiceDocument:
    return invoice(
        free_line(1, "education_fr", name="Formation sécurité", price="1500"),
        line(2, name="Manuel imprimé", price="45", rate="5.5"), number="F-2026-00072",
        frame=frame(MIXED),
    )  # fmt: skip


def outside_vat() -> InvoiceDocument:
    seller = replace(SELLER, vat_id="")
    buyer = replace(FRENCH_BUYER, vat_id="")
    return invoice(free_line(1, "outside", price="700"), seller=seller, buyer=buyer)


def direct_debit() -> InvoiceDocument:
    means = PaymentMeans(
        code="59", mandate="RUM-0001", creditor_id="FR72ZZZ123456", debited_iban=IBAN
    )
    return invoice(line(1, price="19.90"), payment=(means,), number="F-2026-00073")


def everything() -> InvoiceDocument:
    """Every field that a document has, as far as they go together."""
    before = Preceding(number="F-2026-00001", issued_on=ISSUED)
    lines = (
        line(
            1,
            quantity="250",
            price="12.3456",
            base_quantity=Decimal(100),
            unit="KGM",
            name="Sel",
            description="Sel de déneigement, vrac",
            note="Livré par camion",
            seller_item="SEL-1",
            buyer_item="77-1",
            gtin="4012345001235",
            order_line="10",
            account="606100",
            period=Period(start=date(2026, 11, 1), end=date(2026, 11, 18)),
            preceding=before,
            allowances=(
                Allowance(amount=100, base=1000, percent=Decimal(10), reason="Remise"),
                Allowance(amount=25, charge=True, reason_code="FC"),
            ),
        ),
        free_line(2, "health_fr", quantity="-1", price="10"),
    )
    nets = {"base_quantity": Decimal(100), "allowances": lines[0].allowances}
    net = line_net(
        quantity=Decimal(250),
        unit_price=Decimal("12.3456"),
        currency="EUR",
        **nets,  # type: ignore[arg-type]
    )
    return invoice(
        replace(lines[0], net=net), lines[1],
        frame=frame(MIXED), vat_point="payment", order="CDE-1", contract="CTR-1", project="P-1",
        buyer_reference="Achats", period=Period(start=date(2026, 11, 1), end=date(2026, 11, 30)),
        preceding=(before,),
        payee=Party(name="Affacturage SA", legal_id=Identifier(value="552081317", scheme="0002")),
        tax_representative=Party(
            name="Représentation SARL", vat_id="FR44732829320", address=SELLER.address
        ),
        delivery=Delivery(
            on=date(2026, 11, 18), name="Dépôt", location=Identifier(value="4012345000009", scheme="0088"),
            address=Address(lines=("ZI Nord", "Quai 3", "Porte 2"), postcode="74700",
                            city="Sallanches", region="Haute-Savoie", country="FR"),
        ),
        allowances=(
            Allowance(amount=50, base=1000, percent=Decimal(5), category="S", rate=Decimal(20)),
            Allowance(amount=20, charge=True, category="S", rate=Decimal(20)),
        ),
        attachments=(
            Attachment(id="BL-1", description="BON_LIVRAISON", name="bl.pdf",
                       media_type="application/pdf", content=b"%PDF-1.7 ..."),
            Attachment(id="WEB", url="https://example.org/bl"),
        ),
        rounding=-1,
    )  # fmt: skip


SET = {
    made.__name__: made
    for made in (
        mixed_rates, credit_note, reverse_charge, on_debits, deposit, final, already_paid,
        german_public, foreign_currency, long, intra_eu, export, exempt, outside_vat, direct_debit, everything,
    )
}  # fmt: skip
