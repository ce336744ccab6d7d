"""The words of the printed invoice in its reader's language. They stay with the page: what an invoice
calls its parts is law and custom of a country, not a wording of our screens."""

from tenants.core.text import Words

LANGUAGES = ("fr", "de", "en")


def _w(en: str, fr: str, de: str) -> Words:
    return Words.of({"en": en, "fr": fr, "de": de})


TITLES = {
    "380": _w("Invoice", "Facture", "Rechnung"),
    "381": _w("Credit note", "Avoir", "Rechnungskorrektur"),
    "384": _w("Corrected invoice", "Facture rectificative", "Korrigierte Rechnung"),
    "386": _w("Deposit invoice", "Facture d’acompte", "Abschlagsrechnung"),
    "final": _w("Final invoice", "Facture de solde", "Schlussrechnung"),
}
NATURES = {
    "goods": _w("Sale of goods", "Livraison de biens", "Lieferung von Waren"),
    "services": _w("Supply of services", "Prestation de services", "Dienstleistung"),
    "mixed": _w(
        "Sale of goods and supply of services",
        "Livraison de biens et prestation de services",
        "Lieferung von Waren und Dienstleistung",
    ),
}
MEANS = {
    "10": _w("Cash", "Espèces", "Bar"),
    "20": _w("Cheque", "Chèque", "Scheck"),
    "30": _w("Bank transfer", "Virement", "Überweisung"),
    "42": _w("Bank transfer", "Virement", "Überweisung"),
    "48": _w("Card", "Carte bancaire", "Karte"),
    "49": _w("Direct debit", "Prélèvement", "Lastschrift"),
    "57": _w("Standing agreement", "Accord permanent", "Dauervereinbarung"),
    "58": _w("SEPA transfer", "Virement SEPA", "SEPA-Überweisung"),
    "59": _w("SEPA direct debit", "Prélèvement SEPA", "SEPA-Lastschrift"),
    "97": _w("Clearing", "Compensation", "Verrechnung"),
}
TAX_GROUP = _w(
    "Member of a single taxable person (VAT group)",
    "Membre d’un assujetti unique",
    "Mitglied einer Mehrwertsteuergruppe (assujetti unique)",
)
LABELS = {
    "number": _w("Number", "Numéro", "Nummer"),
    "issued": _w("Date", "Date", "Datum"),
    "due": _w("Due", "Échéance", "Fällig am"),
    "paid_on": _w("Paid on", "Payée le", "Bezahlt am"),
    "delivered": _w("Delivered on", "Date de livraison ou d’exécution", "Lieferung oder Leistung am"),
    "tax_point": _w("Tax point", "Fait générateur de la TVA", "Zeitpunkt der Steuer"),
    "period": _w("Period", "Période", "Zeitraum"),
    "order": _w("Your order", "Votre commande", "Ihre Bestellung"),
    "contract": _w("Contract", "Contrat", "Vertrag"),
    "project": _w("Project", "Projet", "Projekt"),
    "buyer_reference": _w("Your reference", "Votre référence", "Ihr Zeichen"),
    "preceding": _w("Refers to", "Se rapporte à", "Bezieht sich auf"),
    "of": _w("of", "du", "vom"),
    "nature": _w("Nature of operation", "Nature de l’opération", "Art des Umsatzes"),
    "seller": _w("Seller", "Vendeur", "Rechnungssteller"),
    "buyer": _w("Buyer", "Client", "Rechnungsempfänger"),
    "delivered_to": _w("Delivered to", "Livré à", "Geliefert an"),
    "payee": _w("Payable to", "Payable à", "Zahlbar an"),
    "tax_representative": _w("Tax representative", "Représentant fiscal", "Fiskalvertreter"),
    "vat_id": _w("VAT no.", "N° TVA", "USt-IdNr."),
    "tax_id": _w("Tax no.", "N° fiscal", "Steuernummer"),
    "electronic": _w("E-invoice address", "Adresse de facturation électronique", "E-Rechnungsadresse"),
    "legal_id": _w("Register no.", "N° d’identification", "Registernummer"),
    "identifier": _w("Identifier", "Identifiant", "Kennung"),
    "contact": _w("Contact", "Contact", "Ansprechpartner"),
    "email": _w("E-mail", "E-mail", "E-Mail"),
    "item": _w("Description", "Désignation", "Bezeichnung"),
    "quantity": _w("Quantity", "Quantité", "Menge"),
    "price": _w("Unit price", "Prix unitaire HT", "Einzelpreis"),
    "per": _w("per", "par", "je"),
    "vat": _w("VAT", "TVA", "USt"),
    "net": _w("Net", "Montant HT", "Netto"),
    "seller_item": _w("Item", "Réf.", "Art.-Nr."),
    "buyer_item": _w("Your item", "Votre réf.", "Ihre Art.-Nr."),
    "order_line": _w("Order line", "Ligne de commande", "Bestellposition"),
    "account": _w("Account", "Compte", "Konto"),
    "allowance": _w("Allowance", "Remise", "Nachlass"),
    "charge": _w("Charge", "Frais", "Zuschlag"),
    "vat_by_rate": _w("VAT by rate", "TVA par taux", "Umsatzsteuer nach Satz"),
    "rate": _w("Rate", "Taux", "Satz"),
    "taxable": _w("Taxable", "Base HT", "Bemessung"),
    "tax": _w("VAT", "TVA", "USt"),
    "without_rate": _w("none", "sans", "ohne"),
    "sum_lines": _w("Sum of lines", "Total des lignes HT", "Summe der Positionen"),
    "allowances": _w("Allowances", "Remises", "Nachlässe"),
    "charges": _w("Charges", "Frais", "Zuschläge"),
    "total_net": _w("Total excluding VAT", "Total HT", "Summe netto"),
    "total_tax": _w("Total VAT", "Total TVA", "Umsatzsteuer gesamt"),
    "total_gross": _w("Total including VAT", "Total TTC", "Summe brutto"),
    "prepaid": _w("Already paid", "Déjà réglé", "Bereits bezahlt"),
    "deposits": _w("Deposits", "Acomptes", "Abschläge"),
    "rounding": _w("Rounding", "Arrondi", "Rundung"),
    "amount_due": _w("Amount due", "Net à payer", "Zahlbetrag"),
    "credit_due": _w("Amount credited", "Net à votre crédit", "Gutgeschriebener Betrag"),
    "tax_accounting": _w("VAT in %s", "TVA en %s", "Umsatzsteuer in %s"),
    "exchange_rate": _w("Exchange rate", "Taux de change", "Umrechnungskurs"),
    "payment": _w("Payment", "Règlement", "Zahlung"),
    "means": _w("Means", "Moyen", "Zahlungsart"),
    "terms": _w("Terms", "Conditions", "Bedingungen"),
    "account_name": _w("Account holder", "Titulaire du compte", "Kontoinhaber"),
    "remittance": _w("Please quote", "Référence à rappeler", "Verwendungszweck"),
    "mandate": _w("Mandate", "Mandat", "Mandat"),
    "creditor_id": _w("Creditor identifier", "ICS", "Gläubiger-ID"),
    "debited": _w("Account debited", "Compte débité", "Belastetes Konto"),
    "scan": _w("Pay by scanning this code", "Payer en scannant ce code", "Mit diesem Code bezahlen"),
    "notes": _w("Mentions", "Mentions", "Hinweise"),
    "attachments": _w("Attachments", "Pièces jointes", "Anlagen"),
    "page": _w("Page", "Page", "Seite"),
    "page_of": _w("of", "sur", "von"),
    "lines": _w("Lines", "Lignes", "Positionen"),
    "totals": _w("Totals", "Totaux", "Summen"),
}  # fmt: skip
# ISO 6523 schemes as people call them.
SCHEMES = {"0002": "SIREN", "0009": "SIRET", "0088": "GLN", "0060": "DUNS", "0204": "Leitweg-ID"}


def page_language(code: str) -> str:
    return code[:2] if code[:2] in LANGUAGES else "en"
