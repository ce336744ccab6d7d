from collections.abc import Sequence

from app.spreadsheets.reading import plain
from tenants.core.text import _m

NUMBER, CUSTOMER, ISSUED, DUE = "number", "customer", "date", "due_date"
AMOUNT, OPEN, PAID, CURRENCY, IBAN = "amount", "open_amount", "paid", "currency", "iban"

REQUIRED = (NUMBER, CUSTOMER, ISSUED, DUE, AMOUNT, CURRENCY)
TITLES = {
    NUMBER: _m("number"),
    CUSTOMER: _m("customer"),
    ISSUED: _m("date"),
    DUE: _m("due date"),
    AMOUNT: _m("amount"),
    CURRENCY: _m("currency"),
}

_NAMES = {
    NUMBER: """
        number, no, nr, n, num, item number, document number, document no, invoice, invoice number,
        invoice no, invoice nr, inv no, reference, ref,
        numero, numero de facture, numero facture, no facture, n facture, n de facture, facture,
        facture no, facture n, num facture, numero de piece, no piece, n piece, piece,
        nummer, belegnummer, beleg nr, beleg, belegfeld 1, rechnung, rechnungsnummer, rechnungs nr,
        rechnung nr, rechnungsnr, rg nr, re nr, rgnr
    """,
    CUSTOMER: """
        customer, customer name, end customer, client, client name, debtor, debtor name, company, name, account name,
        nom, nom du client, nom client, client final, raison sociale, tiers, debiteur, societe,
        kunde, endkunde, kundenname, kunden name, name des kunden, debitor, debitorname, firma, auftraggeber
    """,
    ISSUED: """
        date, invoice date, document date, issue date, issued, issued on,
        date facture, date de facture, date de la facture, date de facturation, date piece,
        date de piece, date d emission, emission,
        datum, rechnungsdatum, belegdatum, rg datum, ausstellungsdatum
    """,
    DUE: """
        due, due date, due on, payment due, maturity, maturity date,
        echeance, date echeance, date d echeance, date limite, date de paiement prevue,
        faellig, faelligkeit, faelligkeitsdatum, faellig am, fallig, falligkeit, falligkeitsdatum,
        fallig am, zahlbar bis, zahlungsziel
    """,
    AMOUNT: """
        amount, total, total amount, gross, gross amount, invoice amount, amount incl vat,
        montant, montant ttc, total ttc, ttc, montant facture, montant de la facture, montant total,
        betrag, bruttobetrag, brutto, rechnungsbetrag, gesamtbetrag, summe, umsatz
    """,
    OPEN: """
        open, open amount, amount open, outstanding, outstanding amount, balance, amount due, remaining,
        solde, reste a payer, reste du, restant du, montant restant, montant ouvert, montant du,
        offen, offener betrag, offener posten, restbetrag, saldo, offen betrag
    """,
    PAID: """
        paid, already paid, amount paid, paid amount,
        paye, deja paye, montant paye, regle, montant regle, deja regle, acompte,
        bezahlt, bereits bezahlt, gezahlt, bezahlter betrag, anzahlung
    """,
    CURRENCY: """
        currency, ccy, cur, currency code, devise, monnaie, code devise,
        waehrung, wahrung, waehrungscode, wahrungscode, wkz, whg
    """,
    IBAN: """
        iban, customer iban, client iban, debtor iban, iban client, iban du client, kunden iban,
        iban kunde, iban des kunden, bank account, compte bancaire, bankverbindung
    """,
}


_FIELDS = {plain(name): field for field, names in _NAMES.items() for name in names.split(",")}


def recognise(cells: Sequence[object]) -> dict[str, list[int]]:
    """The positions of each known field; more than one where a heading stands twice."""
    found: dict[str, list[int]] = {}
    for position, cell in enumerate(cells):
        field = _FIELDS.get(plain(cell)) if isinstance(cell, str) else None
        if field:
            found.setdefault(field, []).append(position)
    return found


def missing(found: dict[str, list[int]]) -> list[str]:
    have = set(found) | ({AMOUNT} if OPEN in found else set())
    return [field for field in REQUIRED if field not in have]
