"""Which heading of a sheet means what, in French, German and English."""

from app.spreadsheets.columns import Headings

HEADINGS = Headings({
    "reference": ("Invoice", "Facture", "Rechnung",
                  ("invoice reference, invoice ref, invoice no, invoice number, reference, ref,"
                   " reference facture, ref facture, n facture, numero de facture, rechnungsnummer,"
                   " rechnung nr, rechnungsreferenz, referenz, vorgang, belegnummer")),
    "customer_reference": ("Customer number", "Numéro client", "Kundennummer",
                           ("customer no, customer reference, customer code, number in the books,"
                            " n client, code client, code tiers, compte tiers, numero interne,"
                            " kunden nr, kdnr, debitor, debitorennummer, nummer im system")),
    "customer": ("Customer", "Client final", "Kunde",
                 ("customer name, name, company, client, nom, nom du client, raison sociale,"
                  " kundenname, firma, name des kunden, endkunde")),
    "siren": ("SIREN", "SIREN", "SIREN", "numero siren, n siren, customer siren, siren client"),
    "siret": ("SIRET", "SIRET", "SIRET", "numero siret, n siret, siret client"),
    "vat": ("VAT number", "Numéro de TVA", "USt-IdNr.",
            ("vat id, vat no, customer vat, n tva, tva intracommunautaire, id tva, ustid, ust id,"
             " ust idnr, umsatzsteuer id")),
    "leitweg": ("Leitweg-ID", "Leitweg-ID", "Leitweg-ID", "leitweg"),
    "name": ("What", "Désignation", "Bezeichnung",
             ("description, item name, product, service, libelle, designation, prestation, article,"
              " artikel, leistung, artikelbezeichnung, produit, produkt")),
    "description": ("Details", "Détail", "Beschreibung",
                    ("long description, details, description longue, detail, zusatz, langtext")),
    "item": ("Item number", "Référence article", "Artikelnummer",
             ("item no, item, sku, ref article, code article, artikel nr, art nr")),
    "quantity": ("Quantity", "Quantité", "Menge", "qty, qte, anzahl, nombre, stueckzahl"),
    "unit": ("Unit", "Unité", "Einheit", "unit code, uom, u, me, mengeneinheit"),
    "unit_price": ("Price of one before VAT", "Prix unitaire HT", "Einzelpreis netto",
                   ("unit price, net unit price, price, net price, prix unitaire, pu ht, pu,"
                    " prix ht, prix, einzelpreis, preis, netto einzelpreis, stueckpreis")),
    "discount": ("Discount %", "Remise %", "Rabatt %", "discount, remise, rabatt, nachlass"),
    "vat_rate": ("VAT %", "TVA %", "USt. %",
                 ("vat, vat rate, tax rate, tva, taux tva, taux de tva, ust, mwst, ust satz,"
                  " mwst satz, steuersatz, umsatzsteuer, umsatzsteuersatz")),
    "category": ("VAT category", "Catégorie de TVA", "Steuerkategorie",
                 "vat code, code tva, steuerschluessel, steuercode, kategorie"),
    "exemption": ("Reason of exemption", "Motif d’exonération", "Befreiungsgrund",
                  "exemption, exemption reason, vatex, motif exoneration, steuerbefreiung"),
    "issued_on": ("Date", "Date", "Datum",
                  ("invoice date, issue date, date facture, date de facture, date de la facture,"
                   " rechnungsdatum, ausstellungsdatum")),
    "due_on": ("Due on", "Échéance", "Fällig am",
               "due date, due, date d echeance, faelligkeit, falligkeit, zahlbar bis"),
    "delivered_on": ("Delivered or done on", "Livré ou réalisé le", "Geliefert oder geleistet am",
                     ("delivery date, delivered on, date de livraison, livre le, lieferdatum,"
                      " leistungsdatum, leistung am")),
    "period_start": ("Period from", "Période du", "Zeitraum von",
                     "from, service from, du, debut, debut de periode, von, leistungszeitraum von"),
    "period_end": ("Period to", "Période au", "Zeitraum bis",
                   "to, until, service to, au, fin, fin de periode, bis, leistungszeitraum bis"),
    "nature": ("Goods or services", "Biens ou services", "Waren oder Leistungen",
               "nature, kind, nature de l operation, art der leistung"),
    "order": ("Customer's order", "Commande du client", "Bestellnummer",
              ("order, order number, order no, po, po number, commande, n commande,"
               " numero de commande, bestellung, bestell nr, auftragsnummer")),
    "buyer_reference": ("Reference of the buyer", "Référence de l’acheteur", "Käuferreferenz",
                        ("buyer reference, customer reference text, service code, code service,"
                         " reference acheteur, ihre referenz")),
    "contract": ("Contract", "Contrat", "Vertrag", "contract no, numero de contrat, vertragsnummer"),
    "project": ("Project", "Projet", "Projekt", "project no, chantier, projektnummer"),
    "currency": ("Currency", "Devise", "Währung", "ccy, monnaie, waehrung"),
    "rate": ("Euros for one of it", "Euros pour une unité", "Euro für eine Einheit",
             "exchange rate, taux de change, cours, wechselkurs, kurs"),
    "language": ("Language", "Langue", "Sprache", ""),
    "payment_terms": ("Terms of payment", "Conditions de paiement", "Zahlungsbedingungen",
                      "payment terms, terms"),
    "note": ("Note", "Remarque", "Bemerkung",
             "notes, comment, commentaire, note sur la facture, hinweis, notiz"),
})  # fmt: skip
FIELDS = HEADINGS.fields
# By which a customer is told, the most telling first.
NUMBERS = ("customer_reference", "siret", "leitweg", "vat", "siren")
TELLING = (*NUMBERS, "customer")
OF_LINE = (
    "name", "description", "item", "quantity", "unit", "unit_price", "discount", "vat_rate",
    "category", "exemption",
)  # fmt: skip
OF_INVOICE = tuple(one for one in FIELDS if one not in (*OF_LINE, "reference", *TELLING))
NUMERIC = ("quantity", "unit_price", "discount", "vat_rate", "rate")
