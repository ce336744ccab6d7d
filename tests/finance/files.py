"""Small hand-written files for the readers."""

import io
from collections.abc import Sequence

import xlsxwriter  # type: ignore[import-untyped]

from app.finance.camt_reader import read_camt
from app.finance.read_results import StatementFile, collect

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
HEADER = "Facture;Client;Date;Échéance;Montant;Devise"


def amount(value: str, currency: str = "EUR", direction: str = "CRDT") -> str:
    return f'<Amt Ccy="{currency}">{value}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'


def balance(kind: str, value: str, currency: str = "EUR", direction: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{amount(value, currency, direction)}"
        "<Dt><Dt>2026-09-30</Dt></Dt></Bal>"
    )


def entry(
    value: str,
    *,
    currency: str = "EUR",
    direction: str = "CRDT",
    status: str = "<Sts>BOOK</Sts>",
    details: str = "",
    more: str = "",
) -> str:
    return (
        f"<Ntry>{amount(value, currency, direction)}{more}{status}"
        f"<BookgDt><Dt>2026-09-02</Dt></BookgDt>{details}</Ntry>"
    )


def transaction(
    *, text: str = "", name: str = "", iban: str = "", value: str = "", role: str = "Dbtr"
) -> str:
    own = f"<AmtDtls><TxAmt><Amt Ccy='EUR'>{value}</Amt></TxAmt></AmtDtls>" if value else ""
    account = f"<{role}Acct><Id><IBAN>{iban}</IBAN></Id></{role}Acct>" if iban else ""
    return (
        f"<TxDtls>{own}<RltdPties><{role}><Nm>{name}</Nm></{role}>{account}</RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )


def details(*transactions: str) -> str:
    return f"<NtryDtls>{''.join(transactions)}</NtryDtls>"


def statement(*parts: str, currency: str = "<Ccy>EUR</Ccy>", ident: str = "S1") -> str:
    return (
        f"<Stmt><Id>{ident}</Id><ElctrncSeqNb>9</ElctrncSeqNb><Acct><Id>"
        f"<IBAN>FR7630001007941234567890185</IBAN></Id>{currency}</Acct>{''.join(parts)}</Stmt>"
    )


def camt(*statements: str, version: str = "08", message: str = "BkToCstmrStmt") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="{NAMESPACE.format(version=version)}"><{message}>'
        f"<GrpHdr><MsgId>M1</MsgId></GrpHdr>{''.join(statements)}</{message}></Document>"
    ).encode()


def csv_file(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


def xlsx_file(rows: Sequence[Sequence[object]], *, name: str = "Posten") -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and cell.startswith("#"):
                sheet.write_formula(number, column, "=1/0", value=cell)
            else:
                sheet.write(number, column, cell)
    book.close()
    return out.getvalue()


def whole(data: bytes) -> StatementFile:
    return collect(read_camt(data))
