"""What a company's CSV looks like under a layout, guessed where none is given; for its screen."""

import itertools
from dataclasses import dataclass
from datetime import date

from app.finance.bank_csv_reader import csv_rows, likely_header, read_by, text_of
from app.finance.bank_csv_values import read_day
from app.finance.csv_layouts import DATE_FORMATS, Layout, folded
from app.finance.read_results import collect
from app.finance.statement_formats import detect
from app.finance.statement_zip import unpack
from app.spreadsheets.plain_text import clean
from app.spreadsheets.reasons import FileRefused, Reason
from tenants.core.plain_data import load
from tenants.core.text import _m

SHOWN_ROWS = 10
_SAMPLES = 3
_MAX_COLUMNS = 60
# In this order: the first that fits takes the column.
_GUESSES = (
    ("valued_on", ("date de valeur", "date valeur", "valuta", "wertstellung", "value date")),
    ("booked_on", ("date", "buchungstag", "buchungsdatum", "datum", "jour")),
    ("balance", ("solde", "saldo", "balance", "kontostand")),
    ("debit", ("debit", "soll", "money out", "paid out", "sortie")),
    ("credit", ("credit", "haben", "money in", "paid in", "entree")),
    ("fee", ("fee", "frais", "gebuhr")),
    ("amount", ("montant", "betrag", "amount", "umsatz", "somme")),
    ("currency", ("devise", "wahrung", "waehrung", "currency", "monnaie")),
    ("account", ("auftragskonto", "own account", "mon compte")),
    ("iban", ("iban", "kontonummer")),
    ("name", ("name", "beguenstigter", "begunstigter", "counterparty", "tiers", "payer", "nom")),
    ("status", ("status", "state", "statut", "etat")),
    ("remittance", ("libelle", "verwendungszweck", "description", "text", "reference", "motif",
                    "detail", "communication", "objet")),
)  # fmt: skip
_MANY = ("remittance",)


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Without a layout everything is guessed; `skip_rows` below zero is guessed too."""

    separator: str = ""
    encoding: str = ""
    skip_rows: int = -1
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """`problem` of the cell under `column`, or of the whole row."""

    line: int
    booked_on: date | None
    amount: int | None
    currency: str
    name: str
    text: str
    column: str = ""
    raw: str = ""
    problem: Reason | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    header: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    layout: Layout
    rows: tuple[PreviewRow, ...]
    rows_in: int
    rejected: int
    difference: int | None
    refused: Reason | None


def preview_csv(data: bytes, asked: str) -> Preview:
    request = load(PreviewRequest, asked.encode())
    if data.startswith(b"PK\x03\x04"):
        data = unpack(data)
    if detect(data) != "csv":
        raise FileRefused(_m("The bank statement of this request is no CSV file."), code="no_csv")
    separator, header = likely_header(data)
    separator = request.separator or separator
    rows = list(itertools.islice(csv_rows(text_of(data, request.encoding), separator), 80))
    at = _header_at(rows, request.skip_rows, header)
    header = [clean(cell, 80) for cell in rows[at][1]][:_MAX_COLUMNS] if rows else []
    below = [cells for _line, cells in rows[at + 1 : at + 21]]
    skip = rows[at][0] - 1 if rows else 0
    layout = request.layout or _guess(header, below, separator, request.encoding, skip)
    samples = tuple(
        tuple(clean(cells[n], 40) for cells in below[:_SAMPLES] if n < len(cells))
        for n in range(len(header))
    )
    return _shown(data, tuple(header), samples, layout)


def _header_at(rows: list[tuple[int, list[str]]], skip: int, header: list[str]) -> int:
    if skip < 0:
        return next((n for n, (_line, cells) in enumerate(rows) if cells == header), 0)
    return next((n for n, (line, _cells) in enumerate(rows) if line > skip), 0)


def _guess(
    header: list[str], below: list[list[str]], separator: str, encoding: str, skip: int
) -> Layout:
    columns: list[tuple[str, str]] = []
    for heading in header:
        meaning = _meaning(heading, {known for known, _heading in columns})
        if meaning:
            columns.append((meaning, heading))
    places = {meaning: header.index(heading) for meaning, heading in reversed(columns)}
    days = _cells(below, places.get("booked_on"))
    amounts = _cells(below, places.get("amount", places.get("credit", places.get("debit"))))
    return Layout(
        name="",
        separator=separator,
        date_format=next((one for one in DATE_FORMATS if days and _all_days(days, one)),
                         DATE_FORMATS[0]),
        decimal_mark="." if sum(a.rfind(".") > a.rfind(",") for a in amounts) * 2 > len(amounts)
        else ",",
        columns=tuple(columns),
        encoding=encoding,
        skip_rows=skip,
        currency="" if "currency" in places else "EUR",
    )  # fmt: skip


def _meaning(heading: str, taken: set[str]) -> str:
    plain = folded(heading)
    for meaning, words in _GUESSES:
        if any(word in plain for word in words) and (meaning not in taken or meaning in _MANY):
            return meaning
    return ""


def _cells(below: list[list[str]], place: int | None) -> list[str]:
    if place is None:
        return []
    return [cells[place] for cells in below if place < len(cells) and cells[place].strip()]


def _all_days(cells: list[str], shape: str) -> bool:
    try:
        return all(read_day(cell, shape) for cell in cells)
    except ValueError:
        return False


def _shown(
    data: bytes, header: tuple[str, ...], samples: tuple[tuple[str, ...], ...], layout: Layout
) -> Preview:
    meanings = {meaning for meaning, _heading in layout.columns}
    if "booked_on" not in meanings or not meanings & {"amount", "debit", "credit"}:
        lacking = Reason(
            "csv_incomplete", _m("Choose a column for the booking date and one for the amount.")
        )
        return Preview(header, samples, layout, (), 0, 0, None, lacking)
    try:
        found = collect(read_by(data, layout))
    except FileRefused as refused:
        return Preview(header, samples, layout, (), 0, 0, None, refused.reason)
    rows = [
        PreviewRow(n.entry, n.booked_on, n.amount, n.currency, n.name, n.remittance[:80])
        for one in found.statements
        for n in one.lines[:SHOWN_ROWS]
    ]
    rows += [
        PreviewRow(r.entry, None, None, "", "", "", r.column, r.raw, r.reason)
        for one in found.statements
        for r in one.rejects[:SHOWN_ROWS]
    ]
    rows.sort(key=lambda row: row.line)
    differences = [one.difference for one in found.statements]
    known = [value for value in differences if value is not None]
    return Preview(
        header=header,
        samples=samples,
        layout=layout,
        rows=tuple(rows[:SHOWN_ROWS]),
        rows_in=sum(one.lines_in for one in found.statements),
        rejected=sum(len(one.rejects) for one in found.statements),
        difference=sum(known) if len(known) == len(differences) else None,
        refused=None,
    )
