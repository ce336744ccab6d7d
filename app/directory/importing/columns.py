"""Which heading of a file means what, in French, German and English."""

from app.spreadsheets.columns import Headings

ROLE = "role"
HEADINGS = Headings({
    ROLE: ("Role", "Rôle", "Rolle", "type de tiers, art"),
    "reference": ("Number in the books", "Numéro interne", "Nummer im System",
                  ("number, customer number, supplier number, account, code, ref, reference,"
                  " numero client, numero fournisseur, n client, code client, code tiers,"
                  " compte tiers, code fournisseur, numero, kundennummer, kunden nr, kdnr,"
                  " lieferantennummer, debitorennummer, kreditorennummer, nummer, konto")),
    "name": ("Name", "Nom", "Name", ("company, company name, customer, supplier, raison sociale,"
             " nom du client, nom du fournisseur, societe, client, fournisseur, firma, firmenname,"
             " kunde, lieferant, kundenname, name 1, denomination")),
    "trade_name": ("Trade name", "Nom commercial", "Handelsname", "enseigne, name 2, trading as"),
    "kind": ("Kind", "Nature", "Art des Partners", "type, entity type, nature du tiers"),
    "legal_form": ("Legal form", "Forme juridique", "Rechtsform", ""),
    "siren": ("SIREN", "SIREN", "SIREN", "numero siren, n siren"),
    "siret": ("SIRET", "SIRET", "SIRET", "numero siret, n siret"),
    "vat": ("VAT number", "Numéro de TVA", "USt-IdNr.", ("vat, vat id, vat no, tva,"
            " tva intracommunautaire, n tva, numero tva intracommunautaire, id tva, ustid, ust id,"
            " ust idnr, umsatzsteuer id, umsatzsteuer identifikationsnummer")),
    "leitweg": ("Leitweg-ID", "Leitweg-ID", "Leitweg-ID", "leitweg"),
    "register": ("Register number", "Numéro de registre", "Registernummer",
                 "rcs, handelsregister, handelsregisternummer, hrb, registration number"),
    "tax_number": ("Tax number", "Numéro fiscal", "Steuernummer", "steuer nr, tax id"),
    "gln": ("GLN", "GLN", "GLN", "ean, ean 13"),
    "duns": ("DUNS", "DUNS", "DUNS", "d u n s"),
    "lei": ("LEI", "LEI", "LEI", ""),
    "creditor_id": ("SEPA creditor identifier", "ICS", "Gläubiger-ID",
                    "identifiant creancier sepa, creditor id, glaubiger identifikationsnummer"),
    "other": ("Other number", "Autre numéro", "Andere Nummer", ""),
    "billing_street": ("Street", "Rue", "Straße", ("address, address 1, street address, adresse,"
                       " adresse 1, voie, strasse, anschrift, strasse und hausnummer")),
    "billing_house_number": ("House number", "Numéro de voie", "Hausnummer", ("no voie, hausnr,"
                             " haus nr, n voie")),
    "billing_extra": ("Address line 2", "Complément d’adresse", "Adresszusatz",
                      "address 2, adresse 2, complement, zusatz"),
    "billing_postcode": ("Postcode", "Code postal", "PLZ",
                         "zip, zip code, postal code, cp, postleitzahl"),
    "billing_city": ("Town", "Ville", "Ort", "city, commune, localite, stadt"),
    "billing_region": ("Region", "Région", "Region", "state, bundesland, departement"),
    "billing_country": ("Country", "Pays", "Land", "country code, code pays, landercode, iso"),
    "endpoint_scheme": ("E-invoice scheme", "Schéma e-facture", "E-Rechnung Schema",
                        "eas, endpoint scheme"),
    "endpoint_value": ("E-invoice address", "Adresse e-facture", "E-Rechnung Adresse",
                       ("endpoint, adresse electronique, adresse de facturation electronique,"
                       " elektronische adresse")),
    "buyer_reference": ("Buyer reference", "Référence acheteur", "Käuferreferenz",
                        "service code, code service, kostenstelle"),
    "contact_name": ("Contact", "Contact", "Ansprechpartner", ("contact name, nom du contact,"
                     " interlocuteur, kontakt, kontaktperson")),
    "contact_job": ("Function", "Fonction", "Funktion", "job, job title, position"),
    "contact_email": ("E-mail", "E-mail", "E-Mail", "email, mail, courriel, adresse mail"),
    "contact_phone": ("Telephone", "Téléphone", "Telefon", "phone, tel, mobile, portable, handy"),
    "language": ("Language", "Langue", "Sprache", ""),
    "currency": ("Currency", "Devise", "Währung", "monnaie, wahrung, waehrung, ccy"),
    "payment_days": ("Days to pay", "Délai de paiement (jours)", "Zahlungsziel (Tage)",
                     ("payment days, payment terms, delai, delai de paiement, echeance,"
                     " conditions de paiement, zahlungsziel, zahlungsbedingungen, tage")),
    "end_of_month": ("End of month", "Fin de mois", "Monatsende", "eom"),
    "payment_text": ("Terms in words", "Conditions en clair", "Bedingungen im Wortlaut", ""),
    "delivery_name": ("Delivery name", "Livraison nom", "Lieferung Name", ""),
    "delivery_street": ("Delivery street", "Livraison rue", "Lieferung Straße",
                        "delivery address, adresse de livraison, lieferadresse"),
    "delivery_house_number": ("Delivery house number", "Livraison numéro de voie",
                              "Lieferung Hausnummer", ""),
    "delivery_extra": ("Delivery address line 2", "Livraison complément", "Lieferung Zusatz", ""),
    "delivery_postcode": ("Delivery postcode", "Livraison code postal", "Lieferung PLZ", ""),
    "delivery_city": ("Delivery town", "Livraison ville", "Lieferung Ort", "delivery city"),
    "delivery_region": ("Delivery region", "Livraison région", "Lieferung Region", ""),
    "delivery_country": ("Delivery country", "Livraison pays", "Lieferung Land", ""),
    "iban": ("IBAN", "IBAN", "IBAN", "bank account, compte bancaire, bankverbindung"),
    "bic": ("BIC", "BIC", "BIC", "swift, code bic"),
    "holder": ("Account holder", "Titulaire du compte", "Kontoinhaber", "titulaire"),
    "note": ("Note", "Remarque", "Bemerkung", "comment, commentaire, notes, notiz"),
})  # fmt: skip
FILE_FIELDS = HEADINGS.fields
