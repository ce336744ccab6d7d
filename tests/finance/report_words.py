"""The report's words, so that the tests print it in French and German without the catalogues."""

_WORDS = """
Payment control | Contrôle des paiements | Zahlungskontrolle
Reconciliation of open items with the bank statement | Rapprochement des postes ouverts avec le relevé bancaire | Abgleich der offenen Posten mit dem Kontoauszug
Summary | Synthèse | Übersicht
Request | Demande | Anfrage
Period | Période | Zeitraum
%(start)s to %(end)s | du %(start)s au %(end)s | %(start)s bis %(end)s
Account | Compte | Konto
Statement | Relevé | Kontoauszug
Ages as of | Ancienneté au | Alter zum
Prepared | Établi le | Erstellt am
Prepared by | Établi par | Erstellt von
Page | Page | Seite
of | sur | von
Statement balance | Solde du relevé | Saldo des Kontoauszugs
Opening balance | Solde initial | Anfangssaldo
Statement lines | Lignes de relevé | Kontoauszugszeilen
Calculated closing balance | Solde final calculé | Errechneter Endsaldo
Closing balance | Solde final | Endsaldo
Difference | Écart | Differenz
The statement balances: opening balance plus lines equals closing balance. | Le relevé est équilibré : solde initial plus lignes égale solde final. | Der Kontoauszug geht auf: Anfangssaldo plus Zeilen ergibt den Endsaldo.
The statement does not balance. | Le relevé n’est pas équilibré. | Der Kontoauszug geht nicht auf.
Taken nevertheless by %(name)s: %(reason)s | Accepté malgré tout par %(name)s : %(reason)s | Trotzdem übernommen von %(name)s: %(reason)s
Open items by amount | Postes ouverts en montant | Offene Posten nach Betrag
Counts | Comptages | Zählung
Open items received | Postes ouverts reçus | Erhaltene offene Posten
Paid | Payés | Bezahlt
Part paid | Payés en partie | Teilweise bezahlt
Paid in part | Payé en partie | Teilzahlungen
Open | Ouverts | Offen
Rejected | Rejetés | Abgewiesen
Statement lines received | Lignes de relevé reçues | Erhaltene Kontoauszugszeilen
Used | Utilisées | Verwendet
Unmatched | Sans correspondance | Ohne Zuordnung
Count | Nombre | Anzahl
Amount | Montant | Betrag
Matched lines | Lignes rapprochées | Zugeordnete Zeilen
Unmatched lines | Lignes sans correspondance | Zeilen ohne Zuordnung
Open items by age | Postes ouverts par ancienneté | Offene Posten nach Alter
Rejects | Rejets | Abweisungen
Source files | Fichiers sources | Quelldateien
Date | Date | Datum
Invoice date | Date de facture | Rechnungsdatum
Payer | Payeur | Zahler
Text | Libellé | Text
Invoice | Facture | Rechnung
Customer | Client final | Endkunde
Line amount | Montant de la ligne | Zeilenbetrag
Allocated | Affecté | Zugeordnet
Currency | Devise | Währung
Why | Pourquoi | Warum
Rule | Règle | Regel
Confidence | Confiance | Sicherheit
By hand | À la main | Von Hand
Confirmed by | Confirmé par | Bestätigt von
Note | Remarque | Bemerkung
Rest of a used line | Reste d’une ligne utilisée | Rest einer verwendeten Zeile
Due | Échéance | Fällig
Days late | Jours de retard | Tage überfällig
Amount before | Montant avant | Betrag vorher
Still open | Reste ouvert | Noch offen
Age | Ancienneté | Alter
Not yet due | Non échu | Nicht fällig
1 to 30 days late | 1 à 30 jours de retard | 1 bis 30 Tage überfällig
31 to 60 days late | 31 à 60 jours de retard | 31 bis 60 Tage überfällig
61 to 90 days late | 61 à 90 jours de retard | 61 bis 90 Tage überfällig
More than 90 days late | Plus de 90 jours de retard | Mehr als 90 Tage überfällig
Total | Total | Summe
File | Fichier | Datei
Line | Ligne | Zeile
Column | Colonne | Spalte
Value | Valeur | Wert
Name | Nom | Name
Reason | Motif | Grund
SHA-256 | SHA-256 | SHA-256
Open items | Postes ouverts | Offene Posten
Bank statement | Relevé bancaire | Kontoauszug
Number and amount | Numéro et montant | Nummer und Betrag
Number, other amount | Numéro, autre montant | Nummer, anderer Betrag
Amount and account | Montant et compte | Betrag und Konto
Amount and name | Montant et nom | Betrag und Name
None. | Aucun. | Keine.
%(count)s more rows stand in the spreadsheet of this report. | %(count)s lignes de plus figurent dans le tableur de ce rapport. | %(count)s weitere Zeilen stehen in der Tabelle zu diesem Bericht.
Paid %(paid)s, paid in part %(part)s, open %(open)s. | Payé %(paid)s, payé en partie %(part)s, ouvert %(open)s. | Bezahlt %(paid)s, teilweise %(part)s, offen %(open)s.
Number %(number)s in the text, and the same amount of %(amount)s. | Numéro %(number)s dans le libellé et même montant de %(amount)s. | Nummer %(number)s im Text und derselbe Betrag von %(amount)s.
Number %(number)s in the text; all invoices named there make up the line. | Numéro %(number)s dans le libellé ; les factures citées font le montant de la ligne. | Nummer %(number)s im Text; alle dort genannten Rechnungen ergeben die Zeile.
Number %(number)s in the text; %(amount)s of it paid, %(rest)s stay open. | Numéro %(number)s dans le libellé ; %(amount)s payés, %(rest)s restent ouverts. | Nummer %(number)s im Text; %(amount)s bezahlt, %(rest)s bleiben offen.
Number %(number)s in the text; its open %(amount)s are covered by the line. | Numéro %(number)s dans le libellé ; la ligne couvre ses %(amount)s ouverts. | Nummer %(number)s im Text; die Zeile deckt die offenen %(amount)s.
Number %(number)s in the text; %(rest)s more were paid than is open. | Numéro %(number)s dans le libellé ; %(rest)s payés en trop. | Nummer %(number)s im Text; %(rest)s mehr gezahlt als offen.
The same amount of %(amount)s from the account %(iban)s of %(customer)s. | Même montant de %(amount)s depuis le compte %(iban)s de %(customer)s. | Derselbe Betrag von %(amount)s vom Konto %(iban)s von %(customer)s.
The same amount of %(amount)s from “%(name)s”, like %(customer)s. | Même montant de %(amount)s de « %(name)s », comme %(customer)s. | Derselbe Betrag von %(amount)s von „%(name)s“, wie %(customer)s.
Line %(line)s: “%(value)s” in “%(column)s” is not a date. | Ligne %(line)s : « %(value)s » dans « %(column)s » n’est pas une date. | Zeile %(line)s: „%(value)s“ in „%(column)s“ ist kein Datum.
Number, with difference | Numéro, avec écart | Nummer, mit Differenz
Amount and learned payer | Montant et payeur appris | Betrag und gelernter Zahler
Sum and account | Somme et compte | Summe und Konto
Sum and name | Somme et nom | Summe und Name
Sum and learned payer | Somme et payeur appris | Summe und gelernter Zahler
Account, with difference | Compte, avec écart | Konto, mit Differenz
Name, with difference | Nom, avec écart | Name, mit Differenz
Learned payer, with difference | Payeur appris, avec écart | Gelernter Zahler, mit Differenz
Instalments | Versements échelonnés | Teilzahlungen
Learned | Appris | Gelernt
same line | même ligne | dieselbe Zeile
Settled differences | Écarts soldés | Ausgeglichene Differenzen
Nobody paid these amounts; with them the items are settled in full. Paid, differences and open make the total. | Personne n’a payé ces montants ; avec eux, les postes sont soldés. Payé, écarts et ouvert donnent le total. | Diese Beträge hat niemand gezahlt; mit ihnen sind die Posten voll ausgeglichen. Bezahlt, Differenzen und offen ergeben die Summe.
Differences | Écarts | Differenzen
Kind | Nature | Art
Kind of difference | Nature de l’écart | Art der Differenz
Small difference | Petit écart | Kleine Differenz
Bank charges | Frais bancaires | Bankgebühren
Cash discount | Escompte | Skonto
Number %(number)s in the text. | Numéro %(number)s dans le libellé. | Nummer %(number)s im Text.
Number %(number)s in the text; the invoices named there less the credit notes make up the line. | Numéro %(number)s dans le libellé ; les factures citées moins les avoirs donnent la ligne. | Nummer %(number)s im Text; die genannten Rechnungen abzüglich der Rechnungskorrekturen ergeben die Zeile.
%(numbers)s together make exactly %(total)s, and nothing else that %(customer)s owes does; paid from its account %(iban)s. | %(numbers)s font ensemble exactement %(total)s, et rien d’autre de ce que doit %(customer)s ; payé depuis son compte %(iban)s. | %(numbers)s ergeben zusammen genau %(total)s, und nichts anderes, was %(customer)s schuldet; gezahlt von dessen Konto %(iban)s.
"""

_TABLE = [row.split(" | ") for row in _WORDS.strip().splitlines()]
FR = {row[0]: row[1] for row in _TABLE}
DE = {row[0]: row[2] for row in _TABLE}
