"""Which format a bank's file has, told by its content; what it is called says nothing."""

import re
from collections.abc import Iterator

from app.finance.bank_csv_reader import read_bank_csv
from app.finance.camt_reader import read_camt
from app.finance.csv_layouts import Layouts
from app.finance.limits import MAX_BYTES, too_large
from app.finance.mt940_reader import read_mt940
from app.finance.read_results import Event
from app.finance.statement_zip import unpack
from app.spreadsheets.plain_text import decode
from app.spreadsheets.reasons import FileRefused
from tenants.core.plain_data import load
from tenants.core.text import _m

_XML = re.compile(r"\s*<(\?xml|!|[A-Za-z])")
_SWIFT = re.compile(r"^:(NS|20|25P?|28C?|60[FM]|61|62[FM]|64|86|940|942):", re.MULTILINE)
_CFONB = re.compile(r"0[1-7][0-9]{5}.{4}[0-9]{5}")
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")


def read_statement(data: bytes, layouts: str = "{}") -> Iterator[Event]:
    """`layouts` are the company's own for CSV, as JSON."""
    if len(data) > MAX_BYTES:
        raise too_large()
    if not data.strip():
        raise FileRefused(_m("The file is empty."), code="empty")
    if data.startswith(b"PK\x03\x04"):
        data = unpack(data)
    kind = detect(data)
    if kind == "camt":
        yield from read_camt(data)
    elif kind == "mt940":
        yield from read_mt940(decode(data))
    elif kind == "csv":
        yield from read_bank_csv(data, load(Layouts, layouts.encode()).layouts)
    else:
        raise FileRefused(
            _m(
                "This is no bank statement that can be read: camt.053, camt.052, camt.054, MT940 "
                "or CSV is needed."
            ),
            code="format_unknown",
        )


def detect(data: bytes) -> str:
    """camt, mt940, csv, cfonb, or binary."""
    if data.startswith(_BINARY):
        return "binary"
    head = decode(data[:20_000])
    if _XML.match(head.lstrip("\ufeff")):
        return "camt"
    if _SWIFT.search(head):
        return "mt940"
    if _CFONB.match(head):
        return "cfonb"
    strange = sum(1 for c in head if (c < " " and c not in "\t\r\n\f\x01\x03\x1a") or c == "\ufffd")
    return "binary" if strange * 50 > len(head) else "csv"
