"""The code a banking app reads to fill in a transfer (EPC069-12). Euro alone."""

import io

from app.finance.currencies import to_decimal
from app.finance.einvoicing.document import CREDIT_NOTE, InvoiceDocument
from app.finance.iban import is_iban

_TRANSFERS = ("30", "42", "58")
_MOST = 99_999_999_999
_NAME, _TEXT = 70, 140


def epc_code(document: InvoiceDocument) -> bytes:
    """SVG; empty where a transfer of euros isn't what is asked for."""
    means = next((one for one in document.payment if one.code in _TRANSFERS), None)
    due = document.totals.due
    if means is None or document.currency != "EUR" or document.type == CREDIT_NOTE:
        return b""
    if not is_iban(means.iban) or not 0 < due <= _MOST:
        return b""
    from segno.helpers import make_epc_qr

    name = means.account_name or (document.payee or document.seller).name
    try:
        made = make_epc_qr(
            name=_one_line(name, _NAME),
            iban=means.iban,
            amount=to_decimal(due, "EUR"),
            text=_one_line(document.remittance or document.number, _TEXT),
            bic=means.bic or None,
            encoding="utf-8",
        )
    except ValueError:
        # Longer than the code may be: the page says it all in words.
        return b""
    picture = io.BytesIO()
    made.save(picture, kind="svg", border=0, xmldecl=False, svgns=True)
    return picture.getvalue()


def _one_line(text: str, length: int) -> str:
    """A line break would begin the code's next field."""
    return " ".join(text.split())[:length].strip()
