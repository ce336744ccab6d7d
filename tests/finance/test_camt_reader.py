from datetime import date

import pytest

from app.finance.read_results import Statement
from app.spreadsheets.reasons import FileRefused
from tests.finance.files import balance, camt, details, entry, statement, transaction, whole

OPENING, CLOSING = balance("OPBD", "100.00"), balance("CLBD", "150.00")


def read(*parts: str, **more: str) -> Statement:
    return whole(camt(statement(*parts, **more))).statements[0]


def refused(data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        whole(data)
    assert caught.value.text
    return caught.value


@pytest.mark.parametrize("version", [f"{n:02d}" for n in range(1, 14)])
def test_every_version_reads_alike(version: str) -> None:
    message = "BkToCstmrStmtV01" if version == "01" else "BkToCstmrStmt"
    found = whole(
        camt(statement(OPENING, CLOSING, entry("50.00")), version=version, message=message)
    )
    assert found.version == int(version)
    assert found.statements[0].balanced


def test_a_line_carries_what_matching_needs() -> None:
    found = read(
        OPENING,
        CLOSING,
        entry(
            "50.00",
            details=details(
                transaction(
                    text="Facture  F-1\n merci", name="Müller", iban="DE89370400440532013000"
                )
            ),
        ),
    )
    (line,) = found.lines
    assert (line.amount, line.currency, line.booked_on) == (5000, "EUR", date(2026, 9, 2))
    assert (line.name, line.iban) == ("Müller", "DE89370400440532013000")
    assert line.remittance == "Facture F-1 merci"
    assert (found.account, found.account_is_iban) == ("FR7630001007941234567890185", True)


def test_a_statement_that_does_not_balance_tells_its_difference() -> None:
    found = read(OPENING, CLOSING, entry("49.99"))
    assert (found.difference, found.balanced) == (1, False)


def test_debits_and_negative_balances_have_their_sign() -> None:
    found = read(
        OPENING, balance("CLBD", "20.00", direction="DBIT"), entry("120.00", direction="DBIT")
    )
    assert found.closing is not None
    assert (found.closing.amount, found.lines[0].amount) == (-2000, -12000)
    assert found.balanced


@pytest.mark.parametrize(
    ("balances", "code"),
    [
        ((), "balances_missing"),
        ((OPENING,), "closing_missing"),
        ((CLOSING,), "opening_missing"),
        ((OPENING, balance("CLBD", "150", currency="SEK")), "balance_currencies"),
        ((OPENING, balance("CLBD", "abc")), "closing_missing"),
    ],
)
def test_balances_that_cannot_be_compared_say_why(balances: tuple[str, ...], code: str) -> None:
    found = read(*balances, entry("50.00"))
    assert found.balance_problem is not None
    assert (found.balance_problem.code, found.difference, found.balanced) == (code, None, False)


def test_a_page_of_a_statement_uses_its_interim_balances() -> None:
    first, second = balance("ITBD", "100.00"), balance("ITBD", "150.00")
    assert read(first, second, entry("50.00")).balanced
    assert read(first, CLOSING, entry("50.00")).balanced
    assert read(OPENING, second, entry("50.00")).balanced
    assert not read(first, entry("50.00")).balanced


def test_an_account_in_two_currencies_uses_its_own_balances() -> None:
    dollars = balance("OPBD", "7.00", currency="USD"), balance("CLBD", "9.00", currency="USD")
    found = read(*dollars, OPENING, CLOSING, entry("50.00"), entry("2.00", currency="USD"))
    assert found.balanced
    assert [r.reason.code for r in found.rejects] == ["other_currency"]


@pytest.mark.parametrize(
    ("currency", "opening", "value", "closing", "minor"),
    [("JPY", "100", "50", "150", 50), ("KWD", "1.000", "0.125", "1.125", 125)],
)
def test_minor_units_follow_the_currency(
    currency: str, opening: str, value: str, closing: str, minor: int
) -> None:
    found = read(
        balance("OPBD", opening, currency=currency),
        balance("CLBD", closing, currency=currency),
        entry(value, currency=currency),
        currency="",
    )
    assert (found.currency, found.lines[0].amount, found.balanced) == (currency, minor, True)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (entry("1.00", status="<Sts>PDNG</Sts>"), "pending"),
        (entry("1.00", status="<Sts><Cd>FUTR</Cd></Sts>"), "pending"),
        (entry("1.00", status="<Sts><Cd>INFO</Cd></Sts>"), "information"),
        (entry("1.00", status="<Sts><Prtry>HELD</Prtry></Sts>"), "status_unknown"),
        (entry("1.005"), "too_precise"),
        (entry("1,00"), "amount_invalid"),
        (entry("NaN"), "amount_invalid"),
        (entry("1e5"), "amount_invalid"),
        (entry("-1.00"), "negative"),
        (entry("99999999999999999999"), "amount_invalid"),
        (entry("0.00"), "zero"),
        (entry("1.00", currency="EURO"), "currency_unknown"),
        (entry("1.00", direction="PLUS"), "no_direction"),
    ],
)
def test_an_unusable_entry_is_listed_with_its_reason(bad: str, code: str) -> None:
    found = read(OPENING, CLOSING, entry("50.00"), bad)
    assert [(r.entry, r.reason.code) for r in found.rejects] == [(2, code)]
    assert found.lines_in == 2
    assert found.balanced


def test_a_batch_is_split_where_its_parts_make_up_the_entry() -> None:
    parts = [transaction(text=f"F-{n}", name=f"N{n}", value=f"{n}0.00") for n in (2, 3)]
    found = read(OPENING, CLOSING, entry("50.00", details=details(*parts)))
    assert [(n.position, n.entry, n.amount, n.name) for n in found.lines] == [
        (1, 1, 2000, "N2"),
        (2, 1, 3000, "N3"),
    ]
    assert found.balanced


@pytest.mark.parametrize("values", [("", ""), ("20.00", ""), ("20.00", "31.00")])
def test_a_batch_without_full_amounts_stays_one_line(values: tuple[str, str]) -> None:
    parts = [transaction(text=f"F-{n}", name=f"N{n}", value=v) for n, v in enumerate(values)]
    found = read(OPENING, CLOSING, entry("50.00", details=details(*parts)))
    (line,) = found.lines
    assert (line.amount, line.name, line.remittance) == (5000, "", "F-0 F-1")
    assert [d.name for d in line.details] == ["N0", "N1"]


def test_a_foreign_amount_of_a_detail_is_not_the_amount_of_the_line() -> None:
    detail = transaction(text="x").replace("<TxDtls>", "<TxDtls><Amt Ccy='SEK'>0</Amt>")
    assert read(OPENING, CLOSING, entry("50.00", details=details(detail))).lines[0].amount == 5000


def test_a_reversal_keeps_its_direction_and_turns_the_parties() -> None:
    found = read(
        OPENING,
        CLOSING,
        entry(
            "50.00",
            more="<RvslInd>true</RvslInd>",
            details=details(transaction(name="Supplier", role="Cdtr")),
        ),
    )
    (line,) = found.lines
    assert (line.reversal, line.amount, line.name) == (True, 5000, "Supplier")


def test_several_statements_in_one_file() -> None:
    found = whole(camt(statement(OPENING, ident="A"), statement(CLOSING, ident="B")))
    assert [s.statement_id for s in found.statements] == ["A", "B"]


def test_structured_references() -> None:
    one = "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>"
    body = (
        f"<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RmtInf>{one}</RmtInf></TxDtls>"
    )
    (line,) = read(OPENING, CLOSING, entry("50.00", details=details(body))).lines
    assert (line.creditor_reference, line.end_to_end_id) == ("RF18539007547034", "")


XXE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>&x;</MsgId></GrpHdr></BkToCstmrStmt></Document>"""
LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">'.encode() for n in range(9)
    )
    + b"]><Document><BkToCstmrStmt>&j;</BkToCstmrStmt></Document>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\x00\x01\xff\xfe junk", "not_xml"),
        (b"<Document><BkToCstmrStmt>", "not_xml"),
        (b"<html><body/></html>", "not_camt"),
        (b"<Document/>", "no_statement"),
        (camt(), "no_statement"),
        (XXE, "doctype"),
        (LAUGHS, "doctype"),
        (XXE.decode().replace('<?xml version="1.0"?>', "").encode("utf-16"), "doctype"),
        (b"<a>" * 100_000, "not_camt"),
    ],
)
def test_what_is_no_statement_is_refused(data: bytes, code: str) -> None:
    assert refused(data).code == code


@pytest.mark.parametrize(
    ("message", "namespace", "found"),
    [
        ("CstmrDrctDbtInitn", "", "pain.008"),
        ("BkToCstmrAcctSts", "camt.999.001.02", "camt.999"),
        ("BkToCstmrStmt", "camt.052.001.02", "camt.052"),
        ("CstmrCdtTrfInitn", "pain.001.001.09", "pain.001"),
    ],
)
def test_other_messages_are_named(message: str, namespace: str, found: str) -> None:
    xmlns = f' xmlns="urn:iso:std:iso:20022:tech:xsd:{namespace}"' if namespace else ""
    error = refused(f"<Document{xmlns}><{message}/></Document>".encode())
    assert (error.code, error.params["found"]) == ("other_message", found)
    assert found in error.text


@pytest.mark.parametrize(
    ("message", "element", "name"),
    [
        ("BkToCstmrAcctRpt", "Rpt", "camt.052"),
        ("BkToCstmrAcctRptV01", "Rpt", "camt.052"),
        ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054"),
    ],
)
def test_reports_and_notifications_are_read_without_balances(
    message: str, element: str, name: str
) -> None:
    body = camt(statement(entry("50.00"), entry("1.00", status="<Sts>PDNG</Sts>")), message=message)
    body = body.replace(b"camt.053", name.encode()).replace(b"Stmt>", f"{element}>".encode())
    body = body.replace(f"<BkToCstmr{element}>".encode(), f"<{message}>".encode())
    found = whole(body)
    assert (found.message, found.version) == (name, 8)
    (one,) = found.statements
    assert (one.lines_in, one.movements, one.difference) == (2, 5000, None)
    assert one.balance_problem is not None
    assert one.balance_problem.code == "balances_missing"
    assert [r.reason.code for r in one.rejects] == ["pending"]


def test_an_envelope_around_the_document_is_opened() -> None:
    body = camt(statement(OPENING, CLOSING, entry("50.00"))).partition(b"?>")[2]
    assert whole(b"<BizMsg><AppHdr><Fr/></AppHdr>" + body + b"</BizMsg>").statements[0].balanced


CHARGE = "<Chrgs><Rcrd><Amt Ccy='EUR'>2.50</Amt>{sign}{included}</Rcrd></Chrgs>"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (CHARGE.format(sign="", included=""), 250),
        (CHARGE.format(sign="", included="<ChrgInclInd>true</ChrgInclInd>"), 250),
        (CHARGE.format(sign="", included="<ChrgInclInd>false</ChrgInclInd>"), 0),
        (CHARGE.format(sign="<CdtDbtInd>CRDT</CdtDbtInd>", included=""), 0),
        ("<Chrgs><Amt Ccy='EUR'>2.50</Amt></Chrgs>", 250),
        ("<Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>2.50</TtlChrgsAndTaxAmt></Chrgs>", 250),
        ("<Chrgs><Amt Ccy='USD'>2.50</Amt></Chrgs>", 0),
        ("<AmtDtls><InstdAmt><Amt Ccy='EUR'>51.20</Amt></InstdAmt></AmtDtls>", 120),
        ("<AmtDtls><InstdAmt><Amt Ccy='USD'>51.20</Amt></InstdAmt></AmtDtls>", 0),
    ],
)
def test_charges_are_what_the_bank_kept(more: str, expected: int) -> None:
    body = f"<TxDtls>{more}</TxDtls>"
    (line,) = read(OPENING, CLOSING, entry("50.00", details=details(body))).lines
    assert (line.amount, line.charges) == (5000, expected)


def test_a_line_names_its_invoices_mandate_and_why_it_came_back() -> None:
    one = (
        "<Strd><RfrdDocInf><Nb>F-1</Nb></RfrdDocInf>"
        "<RfrdDocAmt><RmtdAmt Ccy='EUR'>30.00</RmtdAmt></RfrdDocAmt></Strd>"
    )
    two = "<Strd><RfrdDocInf><Nb>F-2</Nb></RfrdDocInf><RfrdDocInf><Nb>F-3</Nb></RfrdDocInf></Strd>"
    body = (
        "<TxDtls><Refs><MndtId>M-7</MndtId><UETR>u-1</UETR></Refs>"
        f"<RmtInf>{one}{two}</RmtInf><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>"
    )
    (line,) = read(OPENING, CLOSING, entry("50.00", details=details(body))).lines
    assert [(d.number, d.amount) for d in line.documents] == [
        ("F-1", 3000),
        ("F-2", None),
        ("F-3", None),
    ]
    assert (line.mandate_id, line.return_reason, line.uetr) == ("M-7", "AC04", "u-1")


def test_account_numbers_of_rejected_entries_are_masked() -> None:
    bad = entry("0.00", more="<AddtlNtryInf>to DE89 3704 0044 0532 0130 00</AddtlNtryInf>")
    (reject,) = read(OPENING, CLOSING, entry("50.00"), bad).rejects
    assert "37040044" not in reject.raw.replace(" ", "")
    assert "DE89" in reject.raw


def test_too_many_entries_are_refused() -> None:
    found = refused(camt(statement(*["<Ntry/>"] * 50_001)))
    assert (found.code, found.params) == ("too_many_entries", {"limit": 50_000})
