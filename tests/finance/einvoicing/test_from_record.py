from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.documents.checking.running import check
from app.finance.einvoicing.document import Address, Identifier, PaymentMeans
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.from_record import Known, NoInvoice, document_of
from app.finance.einvoicing.printing import print_invoice
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from billing.invoices.record import of_credit_note, of_invoice, of_void
from tests.finance.einvoicing import reading

_DAY = 86_400
_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_SELLER = {
    "name": "Coulisse SAS", "country": "FR", "legal_form": "SAS",
    "registration_number": "732829320", "vat_id": "FR44732829320",
}  # fmt: skip
_HOME = Known(
    address=Address(lines=("1 quai des Docks",), postcode="69002", city="Lyon", country="FR"),
    electronic_address=Identifier(value="732829320", scheme="0225"),
)
_CLIENT = Known(
    legal_id=Identifier(value="552100554", scheme="0002"),
    electronic_address=Identifier(value="552100554", scheme="0225"),
)
_CARD = (PaymentMeans(code="48"),)


def _line(
    number: int, amount: int, *, quantity: int = 1, unit: str, tax: int | None
) -> dict[str, Any]:
    taxes = [] if tax is None else [{"amount": tax, "tax_rate_details": {"tax_rate": "txr"}}]
    return {
        "id": f"il_{number}", "description": f"Base {number}" if number > 1 else "", "amount": amount,
        "quantity": quantity, "pricing": {"unit_amount_decimal": unit},
        "period": {"start": 20_000 * _DAY, "end": 20_030 * _DAY}, "taxes": taxes,
        "pretax_credit_amounts": [{"amount": 500}] if number == 2 else [],
    }  # fmt: skip


def _record(*, country: str = "FR", kind: str = "domestic", before: int = 0) -> dict[str, Any]:
    rate = 20 if kind == "domestic" else 0
    share = rate / 100
    lines = [
        _line(1, 24_900, unit="24900", tax=round(24_900 * share)),
        _line(2, 4_321, quantity=10_001, unit="0.43205", tax=round((4_321 - 500) * share)),
        _line(3, 0, quantity=0, unit="10", tax=None),
    ]
    net = 24_900 + 4_321 - 500
    gross = net + sum(tax["amount"] for one in lines for tax in one["taxes"])
    given = {
        "number": "CSE-0001", "lines": lines, "currency": "eur", "total": gross,
        "total_excluding_tax": net, "due_date": None, "period_start": 20_000 * _DAY,
        "period_end": 20_030 * _DAY, "status_transitions": {"finalized_at": 20_400 * _DAY},
        "starting_balance": before, "ending_balance": min(0, before + gross),
        "customer_address": {"country": country, "line1": "3 place du Marché", "city": "Bonneville",
                             "postal_code": "74130"},
        "customer_name": "Coopérative du Val d’Arve", "customer_email": "x@example.org",
        "customer_tax_ids": [{"value": "FR96552100554" if country == "FR" else "DE136695976"}],
        "default_tax_rates": [{"id": "txr", "percentage": float(rate)}],
    }  # fmt: skip
    mention = {"code": "VATEX-EU-AE", "sentence": "Autoliquidation (art. 283-2 du CGI)"}
    return of_invoice(
        given, kind=kind, seller=_SELLER, seller_country="FR",
        mention=mention if kind == "reverse_charge" else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("country", "kind", "before"),
    [("FR", "domestic", 0), ("FR", "domestic", -(10**6)), ("DE", "reverse_charge", 0)],
)
def test_the_subscription_invoice_is_a_valid_factur_x(country: str, kind: str, before: int) -> None:
    record = _record(country=country, kind=kind, before=before)
    document = document_of(
        record,
        language="fr",
        seller=_HOME,
        buyer=_CLIENT if country == "FR" else None,
        payment=_CARD,
    )
    form = FORMS["facturx-en16931"]
    xml = write_xml(document, form=form)
    slip = check(xml, rule_sets(document, form), now=_NOW, installed={})
    assert (slip.outcome, slip.of("fatal")) == ("valid", ())
    text = reading.page_text(print_invoice(document, form=form, xml=xml))
    assert [one for one in reading.stated(xml, "fr") if one[1] not in text] == []
    totals = record["totals"]
    assert (document.totals.gross, document.totals.due) == (totals["gross"], totals["due"])
    assert document.frame == ("S2" if before else "S1")


def test_a_price_finer_than_an_invoice_has_becomes_one_piece() -> None:
    document = document_of(_record(), language="en", seller=_HOME)
    fine = document.lines[1]
    assert (str(fine.quantity), str(fine.unit_price)) == ("1", "43.21")
    assert document.lines[0].name == "Subscription"
    assert {line.category for line in document.lines} == {"S"}


def test_a_credit_note_names_its_invoice_and_why() -> None:
    record = of_credit_note(
        {
            "number": "CSE-0001-CN-01", "created": 20_410 * _DAY, "memo": "Geste commercial",
            "subtotal": 1_000, "total": 1_200,
            "lines": [{"id": "c", "description": "Avoir", "amount": 1_000,
                       "taxes": [{"amount": 200}]}],
        },
        invoice=_record(),
    )  # fmt: skip
    document = document_of(record, language="fr", seller=_HOME, buyer=_CLIENT)
    form = FORMS["facturx-en16931"]
    slip = check(write_xml(document, form=form), rule_sets(document, form), now=_NOW, installed={})
    assert slip.outcome == "valid"
    assert document.preceding[0].number == "CSE-0001"
    assert document.preceding[0].issued_on == date(2025, 11, 8)
    assert "Geste commercial" in [note.text for note in document.notes]
    said = reading.page_text(print_invoice(document))
    assert "Payable" not in said
    assert reading.squeezed("Montant en votre faveur") in said


def test_an_invoice_that_is_owed_says_when() -> None:
    assert document_of(_record(), language="fr").payment_terms == "Payable à réception"
    assert document_of(_record(before=-(10**6)), language="fr").payment_terms == ""


def test_a_withdrawal_is_no_invoice() -> None:
    void = of_void({"status_transitions": {"voided_at": _DAY}}, invoice=_record(), sha256="0" * 64)
    with pytest.raises(NoInvoice):
        document_of(void, language="fr")
