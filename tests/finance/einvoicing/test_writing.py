from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.documents.checking.packs import INSTALLABLE
from app.documents.checking.running import check
from app.finance.currencies import to_decimal
from app.finance.einvoicing.document import Identifier, InvoiceDocument, PaymentMeans
from app.finance.einvoicing.forms import FORMS, Form
from app.finance.einvoicing.not_writable import NotWritable
from app.finance.einvoicing.problems import problems
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from tests.finance.einvoicing import reading, samples

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"


def _texts(content: bytes, name: str) -> list[str | None]:
    return [one.text for one in etree.fromstring(content).iter(f"{{{_RAM}}}{name}")]


@pytest.mark.parametrize("make", samples.SET.values(), ids=list(samples.SET))
def test_nothing_generated_breaks_a_rule_of_the_sets_at_hand(
    make: Callable[[], InvoiceDocument],
) -> None:
    document = make()
    # 500 lines take the largest rule sets seconds each.
    forms = [FORMS["facturx-en16931"]] if len(document.lines) > 100 else FORMS.values()
    for form in forms:
        if document.totals.rounding and not form.has_lines:
            continue
        if "form" in {one.field for one in problems(document, form)}:
            # Right by its schema all the same, which writing it asks.
            write_xml(document, form=form)
            continue
        slip = check(
            write_xml(document, form=form), rule_sets(document, form), now=_NOW, installed={}
        )
        assert slip.findings == (), form.name
        # XRechnung's own rules come with an administrator.
        missing = {run.pack for run in slip.runs if run.outcome == "not_run"}
        assert missing <= set(INSTALLABLE)
        assert slip.outcome == ("not_validated" if form.profile == "xrechnung" else "valid")


def test_the_rules_of_the_receivers_country_run_too() -> None:
    at_home, abroad = samples.on_debits(), samples.reverse_charge()
    assert "br-fr-cii" in rule_sets(at_home, FORMS["facturx-en16931"])
    assert "br-fr-ubl" in rule_sets(at_home, FORMS["ubl-en16931"])
    assert "br-fr-cii" not in rule_sets(abroad, FORMS["facturx-en16931"])


def test_the_rules_do_fire() -> None:
    document, form = samples.credit_note(), FORMS["facturx-en16931"]
    content = write_xml(document, form=form)
    wrong = content.replace(b"119.76", b"1.00").replace(b">PMT<", b">AAA<")
    slip = check(wrong, rule_sets(document, form), now=_NOW, installed={})
    assert slip.outcome == "invalid"
    rules = {one.rule for one in slip.of("fatal")}
    assert {"BR-CO-15", "BR-FR-05_BT-22_PMT"} <= rules


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_same_invoice_gives_the_same_bytes(form: Form) -> None:
    assert write_xml(samples.mixed_rates(), form=form) == write_xml(
        samples.mixed_rates(), form=form
    )


def test_a_basic_invoice_changes_nothing_for_the_next_one() -> None:
    full = FORMS["facturx-en16931"]
    before = write_xml(samples.mixed_rates(), form=full)
    write_xml(samples.mixed_rates(), form=FORMS["facturx-basicwl"])
    assert write_xml(samples.mixed_rates(), form=full) == before
    assert b"<ram:TradingBusinessName>Val d" in before


def test_the_french_extension_keeps_contact_and_register_of_the_seller() -> None:
    content = write_xml(samples.exempt(), form=FORMS["facturx-extended-ctc-fr"])
    assert "Zoé Lœuillet" in _texts(content, "PersonName")
    assert b"RCS Annecy" in content


def test_vat_on_debits_and_the_day_of_the_tax_point_exclude_each_other() -> None:
    on_debits = samples.on_debits()
    content = write_xml(on_debits, form=FORMS["facturx-en16931"])
    assert _texts(content, "DueDateTypeCode") == ["5"]
    dated = write_xml(
        replace(on_debits, tax_point_on=samples.ISSUED), form=FORMS["facturx-en16931"]
    )
    assert _texts(dated, "DueDateTypeCode") == []
    assert b"TaxPointDate" in dated


def test_a_rounding_is_in_the_invoices_currency() -> None:
    document = samples.foreign_currency()
    rounded = replace(
        document, totals=replace(document.totals, rounding=3, due=document.totals.due + 3)
    )
    content = write_xml(rounded, form=FORMS["ubl-en16931"])
    assert b'PayableRoundingAmount currencyID="CHF">0.03<' in content


def test_xrechnung_names_its_own_specification_and_process() -> None:
    for name in ("xrechnung-cii", "xrechnung-ubl"):
        content = write_xml(samples.german_public(), form=FORMS[name])
        assert b"xeinkauf.de:kosit:xrechnung_3.0" in content
        assert b"urn:fdc:peppol.eu:2017:poacc:billing:01:1.0" in content


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payment": (samples.TRANSFER, PaymentMeans(code="48"))}, "payment"),
        (
            {"seller": replace(samples.SELLER, ids=(Identifier(value="1"), Identifier(value="2")))},
            "seller.ids",
        ),
        ({"number": ""}, "BT-1"),
        ({"number": "a\x07b"}, "format"),
        ({"currency": "XXY"}, "BT-5"),
    ],
)
def test_what_a_form_has_no_place_for_is_said_not_dropped(
    change: dict[str, object], field: str
) -> None:
    document = replace(samples.invoice(samples.line(1)), **change)  # type: ignore[arg-type]
    with pytest.raises(NotWritable) as refused:
        write_xml(document, form=FORMS["facturx-en16931"])
    assert refused.value.field == field


def test_a_form_of_totals_has_no_place_for_a_rounding() -> None:
    with pytest.raises(NotWritable) as refused:
        write_xml(samples.everything(), form=FORMS["facturx-basicwl"])
    assert refused.value.field == "totals.rounding"


_TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=30
).filter(str.strip)


@settings(max_examples=40)
@given(
    nets=st.lists(
        st.tuples(
            st.decimals(min_value=-999, max_value=999, places=4),
            st.decimals(min_value=0, max_value=9999, places=6),
            st.sampled_from(["20", "10", "5.5", "2.1"]),
            _TEXTS,
        ),
        min_size=1,
        max_size=12,
    ),
    texts=st.tuples(_TEXTS, _TEXTS, _TEXTS),
    leave_out=st.sets(st.sampled_from(["delivery", "payment", "due_on", "notes", "remittance"])),
    form=st.sampled_from(list(FORMS.values())),
)
def test_whatever_is_written_is_right_by_its_schema_and_reads_back(
    nets: list[tuple[Decimal, Decimal, str, str]],
    texts: tuple[str, str, str],
    leave_out: set[str],
    form: Form,
) -> None:
    lines = [
        samples.line(n, quantity=f"{quantity}", price=f"{price}", rate=rate, name=name)
        for n, (quantity, price, rate, name) in enumerate(nets, start=1)
    ]
    empty = {"delivery": None, "payment": (), "due_on": None, "notes": (), "remittance": ""}
    document = replace(
        samples.invoice(*lines, project=texts[0], order=texts[1], payment_terms=texts[2]),
        **{name: empty[name] for name in leave_out},  # type: ignore[arg-type]
    )
    fields = reading.parsed(write_xml(document, form=form))
    assert fields["BT-112"] == f"{to_decimal(document.totals.gross, 'EUR'):.2f}"
    assert fields["BT-13"].split() == texts[1].split()
    if form.has_lines:
        assert [one["BT-131"] for one in fields["BG-25"]] == [
            f"{to_decimal(line.net, 'EUR'):.2f}" for line in document.lines
        ]


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_writer_asks_no_server(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("requests.sessions.Session.request", lambda *args, **_: asked.append(args))
    write_xml(samples.on_debits(), form=form)
    assert asked == []
