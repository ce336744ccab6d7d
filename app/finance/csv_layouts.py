"""How banks lay out their CSV: which column means what, and how dates and amounts are written."""

import unicodedata
from dataclasses import dataclass

from tenants.core.text import _c, _m

MEANINGS = {
    "booked_on": _m("Booking date"),
    "valued_on": _m("Value date"),
    "amount": _m("Amount, signed"),
    "debit": _m("Debit (money out)"),
    "credit": _m("Credit (money in)"),
    "currency": _m("Currency"),
    "name": _m("Name of the other party"),
    "iban": _m("Account of the other party"),
    "remittance": _c("statement", "Text"),
    "reference": _m("Reference of the bank"),
    "fee": _m("Fee beside the amount"),
    "balance": _m("Balance after the line"),
    "account": _m("Own account"),
    "status": _m("Status"),
}
DATE_FORMATS = ("DD/MM/YYYY", "DD.MM.YYYY", "YYYY-MM-DD", "MM/DD/YYYY", "DD-MM-YYYY", "YYYYMMDD")
SEPARATORS = (";", ",", "\t", "|")
ENCODINGS = ("", "utf-8", "cp1252", "cp850", "utf-16")


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` is (meaning, heading) in order; several headings of one meaning are joined.

    An empty `encoding` is found by content; `currency` and `account` hold where no column does.
    """

    name: str
    separator: str
    date_format: str
    decimal_mark: str
    columns: tuple[tuple[str, str], ...]
    encoding: str = ""
    skip_rows: int = 0
    currency: str = ""
    account: str = ""

    def headings(self, meaning: str) -> tuple[str, ...]:
        return tuple(heading for known, heading in self.columns if known == meaning)


@dataclass(frozen=True, slots=True)
class Layouts:
    layouts: tuple[Layout, ...] = ()


def folded(heading: str) -> str:
    """Headings are compared without case, accents and stray blanks."""
    plain = unicodedata.normalize("NFKD", heading.replace("\ufeff", "").casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _layout(
    name: str, separator: str, date_format: str, mark: str, currency: str, /, **columns: str
) -> Layout:
    pairs = tuple(
        (meaning, heading) for meaning, text in columns.items() for heading in text.split("|")
    )
    return Layout(name, separator, date_format, mark, pairs, currency=currency)


# Read-only; a company's own profiles come before them.
BUILT_IN = (
    _layout("FR · débit, crédit", ";", "DD/MM/YYYY", ",", "EUR", booked_on="Date",
            remittance="Libellé", debit="Débit", credit="Crédit"),
    _layout("FR · date de valeur, débit, crédit", ";", "DD/MM/YYYY", ",", "EUR", booked_on="Date",
            valued_on="Date de valeur", remittance="Libellé", debit="Débit", credit="Crédit"),
    _layout("FR · date opération, débit, crédit", ";", "DD/MM/YYYY", ",", "EUR",
            booked_on="Date opération", valued_on="Date valeur", remittance="Libellé",
            debit="Débit", credit="Crédit"),
    _layout("FR · montant", ";", "DD/MM/YYYY", ",", "EUR", booked_on="Date", remittance="Libellé",
            amount="Montant"),
    _layout("FR · montant, solde", ";", "DD/MM/YYYY", ",", "EUR", booked_on="Date",
            remittance="Libellé", amount="Montant", balance="Solde"),
    _layout("DE · Sparkasse", ";", "DD.MM.YYYY", ",", "EUR", account="Auftragskonto",
            booked_on="Buchungstag", valued_on="Valutadatum",
            remittance="Verwendungszweck|Kundenreferenz (End-to-End)",
            name="Beguenstigter/Zahlungspflichtiger", iban="Kontonummer/IBAN", amount="Betrag",
            currency="Waehrung"),
    _layout("DE · Volksbank", ";", "DD.MM.YYYY", ",", "EUR", account="IBAN Auftragskonto",
            booked_on="Buchungstag", valued_on="Valutadatum", name="Name Zahlungsbeteiligter",
            iban="IBAN Zahlungsbeteiligter", remittance="Verwendungszweck", amount="Betrag",
            currency="Waehrung", balance="Saldo nach Buchung"),
    _layout("DE · DKB", ";", "DD.MM.YYYY", ",", "EUR", booked_on="Buchungsdatum",
            valued_on="Wertstellung", status="Status",
            name="Zahlungspflichtige*r", remittance="Verwendungszweck|Zahlungsempfänger*in",
            iban="IBAN", amount="Betrag (€)"),
    _layout("DE · Buchungstag, Valuta, Betrag", ";", "DD.MM.YYYY", ",", "EUR",
            booked_on="Buchungstag", valued_on="Valuta", remittance="Verwendungszweck",
            amount="Betrag"),
    _layout("EN · Qonto", ";", "DD-MM-YYYY", ",", "EUR", booked_on="Settlement date (local)",
            status="Status", amount="Total amount (incl. VAT)", currency="Currency",
            name="Counterparty name", iban="Counterparty IBAN", remittance="Reference",
            reference="Transaction ID"),
    _layout("EN · Revolut", ",", "YYYY-MM-DD", ".", "", booked_on="Completed Date",
            remittance="Description", amount="Amount", fee="Fee", currency="Currency",
            status="State", balance="Balance"),
    _layout("EN · debit, credit, balance", ",", "DD/MM/YYYY", ".", "EUR", booked_on="Date",
            remittance="Description", debit="Debit", credit="Credit", balance="Balance"),
    _layout("EN · amount", ",", "YYYY-MM-DD", ".", "EUR", booked_on="Date",
            remittance="Description", amount="Amount"),
)  # fmt: skip
