"""French and German for proofs of the documents, independent of the catalogues of texts."""

from __future__ import annotations

from app.reporting.labels import LABELS

_WORDS = {
    "title": ("Rapport de service", "Servicebericht"),
    "client": ("Entreprise cliente", "Mandant"),
    "period": ("Période", "Zeitraum"),
    "contract": ("Contrat", "Vertrag"),
    "version": ("version %(number)s", "Fassung %(number)s"),
    "usual_terms": ("conditions habituelles", "übliche Bedingungen"),
    "signed": ("Mois arrêté", "Monat abgezeichnet"),
    "as_of": ("Chiffres au", "Zahlen vom"),
    "written": ("Rédigé par", "Verfasst von"),
    "checked": ("Contrôlé par", "Geprüft von"),
    "by_on": ("%(name)s, le %(when)s", "%(name)s, %(when)s"),
    "page": ("Page %(page)s sur %(pages)s", "Seite %(page)s von %(pages)s"),
    "draft": ("Brouillon", "Entwurf"),
    "summary": ("En bref", "Kurz gefasst"),
    "in_time": ("Traité à temps", "Rechtzeitig erledigt"),
    "answered_in_time": ("Répondu à temps", "Rechtzeitig beantwortet"),
    "of_counted": ("%(kept)s sur %(count)s", "%(kept)s von %(count)s"),
    "delivered": ("Livrées", "Geliefert"),
    "raised_note": ("%(count)s déposées", "%(count)s gestellt"),
    "open": ("En cours", "Offen"),
    "open_note": ("au %(when)s", "am %(when)s"),
    "satisfaction": ("Satisfaction", "Zufriedenheit"),
    "out_of_five": ("%(average)s sur 5", "%(average)s von 5"),
    "ratings_note": ("notes : %(count)s", "Bewertungen: %(count)s"),
    "no_ratings": ("aucune note", "keine Bewertung"),
    "credit": ("Avoir", "Gutschrift"),
    "all_lines": ("toutes les lignes de service", "alle Servicelinien"),
    "levels": ("Niveaux de service par ligne", "Servicelevel je Linie"),
    "levels_note": (
        ("Les durées sont celles du calendrier du contrat, sans les pauses. « La moitié en » est la "
        "médiane, « neuf sur dix en » le 90e centile."),
        ("Die Zeiten sind die des Vertragskalenders, ohne Pausen. „Die Hälfte in“ ist der Median, "
        "„neun von zehn in“ das 90. Perzentil."),
    ),
    "no_levels": ("Rien ne s’est terminé ce mois-ci.", "In diesem Monat endete nichts."),
    "line": ("Ligne de service", "Servicelinie"),
    "clock": ("Délai", "Uhr"),
    "met": ("Tenus", "Erfüllt"),
    "missed": ("Manqués", "Verfehlt"),
    "excluded": ("Non comptés", "Nicht gezählt"),
    "share": ("À temps", "Rechtzeitig"),
    "median": ("La moitié en", "Die Hälfte in"),
    "p90": ("Neuf sur dix en", "Neun von zehn in"),
    "why_excluded": ("Pourquoi non comptés", "Warum nicht gezählt"),
    "remarks": ("Remarques par ligne", "Anmerkungen je Linie"),
    "inputs": ("Vos éléments", "Ihre Unterlagen"),
    "due": ("Attendus", "Fällig"),
    "inputs_in_time": ("À temps", "Rechtzeitig"),
    "late_by": ("Retard au total", "Verspätung insgesamt"),
    "volumes": ("Volumes", "Mengen"),
    "item": ("Prestation du catalogue", "Katalogleistung"),
    "raised": ("Déposées", "Gestellt"),
    "quotas": ("Quota utilisé", "Genutztes Kontingent"),
    "quota": ("Inclus dans le mois", "Im Monat enthalten"),
    "used": ("Utilisé", "Genutzt"),
    "left": ("Reste", "Übrig"),
    "time": ("Temps passé dans le mois", "Im Monat geleistete Zeit"),
    "billed": ("Facturé", "Berechnet"),
    "not_billed": ("Non facturé", "Nicht berechnet"),
    "total": ("Total", "Summe"),
    "usage": ("Consommation facturée", "Berechnete Nutzung"),
    "usage_note": (
        ("Ce qui est inscrit au registre pour ce mois. Une facture compte les jours entiers de sa "
        "propre période ; le registre contient la même quantité pour cette période."),
        ("Was für diesen Monat im Register steht. Eine Rechnung zählt ganze Tage ihres eigenen "
        "Zeitraums; das Register enthält für diesen Zeitraum dieselbe Menge."),
    ),
    "meter": ("Compteur", "Zähler"),
    "ledger": ("Registre, ce mois", "Register, dieser Monat"),
    "invoice": ("Facture", "Rechnung"),
    "invoiced": ("Facturé", "Berechnet"),
    "ledger_period": ("Registre, même période", "Register, selber Zeitraum"),
    "period_from_to": ("du %(start)s au %(end)s", "%(start)s bis %(end)s"),
    "no_usage": ("Rien n’a été inscrit.", "Es wurde nichts erfasst."),
    "credits": ("Avoirs", "Gutschriften"),
    "credits_note": (
        ("Chaque délai manqué ajoute le taux de sa priorité, jusqu’au plafond, à la base mensuelle de "
        "la ligne. L’avoir figure sur une facture une fois passés les jours de contestation."),
        ("Jede verfehlte Uhr zählt den Satz ihrer Priorität hinzu, bis zur Obergrenze, von der "
        "Monatsbasis der Linie. Die Gutschrift steht auf einer Rechnung, wenn die Tage für "
        "Einwände vorbei sind."),
    ),
    "no_credits": ("Rien de manqué qui donne un avoir.",
                   "Nichts verfehlt, das eine Gutschrift ergibt."),
    "base": ("Base mensuelle", "Monatsbasis"),
    "rates": ("Somme des taux", "Summe der Sätze"),
    "cap": ("Plafond", "Obergrenze"),
    "contest_until": ("Contestable jusqu’au %(when)s.", "Einwände möglich bis %(when)s."),
    "booked": ("Corrections de mois antérieurs, inscrites dans celui-ci",
               "Korrekturen früherer Monate, in diesem gebucht"),
    "month": ("Mois", "Monat"),
    "change": ("Changement", "Änderung"),
    "amount": ("Montant total", "Betrag insgesamt"),
    "points": ("Points ouverts, les plus anciens d’abord", "Offene Punkte, älteste zuerst"),
    "no_points": ("Rien n’est ouvert.", "Nichts ist offen."),
    "request": ("Demande", "Anfrage"),
    "state": ("État", "Stand"),
    "raised_on": ("Déposée le", "Gestellt am"),
    "due_on": ("Due le", "Fällig am"),
    "more": ("%(count)s de plus figurent dans le fichier CSV joint à ce rapport.",
             "%(count)s weitere stehen in der CSV-Datei neben diesem Bericht."),
    "ratings_title": ("Satisfaction", "Zufriedenheit"),
    "score": ("Note", "Bewertung"),
    "count": ("Nombre", "Anzahl"),
    "seal": ("Scellé", "Siegel"),
    "seal_note": (
        ("Le contenu de ce rapport a été figé quand une deuxième personne l’a contrôlé. Son empreinte "
        "(SHA-256) est ci-dessous ; celle de ce fichier figure à côté de son téléchargement et y est "
        "vérifiée."),
        ("Der Inhalt dieses Berichts wurde eingefroren, als eine zweite Person ihn prüfte. Sein "
        "Fingerabdruck (SHA-256) steht unten; der dieser Datei steht neben ihrem Download und wird "
        "dort geprüft."),
    ),
    "section": ("Partie", "Abschnitt"),
    "what": ("Objet", "Was"),
    "figure": ("Chiffre", "Kennzahl"),
    "value": ("Valeur", "Wert"),
    "unit": ("Unité", "Einheit"),
    "requests": ("Demandes", "Anfragen"),
    "unit_requests": ("demandes", "Anfragen"),
    "unit_minutes": ("minutes", "Minuten"),
    "unit_cents": ("EUR", "EUR"),
    "unit_ratings": ("notes", "Bewertungen"),
    "unit_clocks": ("délais", "Uhren"),
    "unit_inputs": ("éléments", "Unterlagen"),
}  # fmt: skip
_OTHERS = {
    "Administration and front office": ("Administration et accueil", "Verwaltung und Frontoffice"),
    "Finance": ("Finances", "Finanzen"),
    "HR": ("RH", "Personal"),
    "First response": ("Première réponse", "Erstreaktion"),
    "Resolution": ("Traitement", "Erledigung"),
    "Your turn": ("À vous", "Sie sind dran"),
    "In progress": ("En cours", "In Arbeit"),
    "Assigned": ("Attribuée", "Zugewiesen"),
    "cancelled by the client": ("annulé par le client", "vom Mandanten storniert"),
    "duplicate": ("doublon", "doppelt"),
    "nothing promised": ("rien de promis", "nichts zugesagt"),
    "Operator minutes": ("Minutes de gestionnaire", "Bearbeitungsminuten"),
    "Reconciled statement lines": ("Lignes de relevé rapprochées", "Abgeglichene Auszugszeilen"),
}
FR = {LABELS[name]: words[0] for name, words in _WORDS.items()} | {
    english: words[0] for english, words in _OTHERS.items()
}
DE = {LABELS[name]: words[1] for name, words in _WORDS.items()} | {
    english: words[1] for english, words in _OTHERS.items()
}
