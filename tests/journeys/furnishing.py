"""Requests in several states at several clients, raised and worked on through the pages' forms."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import lxml.html

from app.finance.demo_files import Customer, DemoFiles, demo_files
from tests.journeys.visits import People

CUSTOMERS = [
    Customer("Épicerie du Marché SARL", "FR7630006000011234567890189"),
    Customer("Feinkost Lindner GmbH", "DE89370400440532013000"),
    Customer("Traiteur Lacroix SAS", "FR1420041010050500013M02606"),
    Customer("Bäckerei Vogt e.K.", "DE02120300000000202051"),
    Customer("Hôtel du Lac SA", "FR7610107001011234567890129"),
    Customer("Kantine Nord GmbH & Co. KG", "DE02500105170137075030"),
]
IBAN = "FR7630004000031234567890143"


def made_files(seed: int, month: date = date(2026, 8, 1), company: str = "Essai") -> DemoFiles:
    return demo_files(company=company, iban=IBAN, customers=CUSTOMERS, seed=seed, month=month)


def uploads(made: DemoFiles) -> dict[str, Any]:
    return {
        "open_items": {
            "name": "postes-ouverts.csv", "mimeType": "text/csv", "buffer": made.open_items_csv,
        },
        "statement": {
            "name": f"{made.statement_id}.xml", "mimeType": "application/xml",
            "buffer": made.statement_xml,
        },
    }  # fmt: skip


@dataclass
class Forms:
    """Sends the forms of the product's pages as a browser would, without drawing them."""

    people: People
    email: str

    def __post_init__(self) -> None:
        self.request = self.people.context(self.email).request
        self.base = self.people.system.url

    def send(self, page: str, action: str, **values: Any) -> str:
        """The form of that page whose address ends with `action`; answers where it led."""
        got = self.request.get(self.base + page)
        assert got.status == 200, f"{page}: {got.status}"
        tree = lxml.html.document_fromstring(got.text())
        found = [form for form in tree.forms if urlsplit(form.action or "").path.endswith(action)]
        assert found, f"{page} has no form for {action}"
        fields = {name: value or "" for name, value in found[0].fields.items()} | values
        answer = self.request.post(
            self.base + urlsplit(str(found[0].action)).path, multipart=fields,
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert answer.status == 200, f"{page} {action}: {answer.status}\n{answer.text()[:2000]}"
        return urlsplit(answer.url).path

    def raise_item(self, slug: str, item: str, **values: Any) -> int:
        page = f"/c/{slug}/requests/new/{item}"
        where = self.send(page, page, **values)
        found = re.fullmatch(rf"/c/{slug}/requests/(\d+)", where)
        assert found, where
        return int(found[1])


def raise_control(
    people: People, email: str, made: DemoFiles, month: date = date(2026, 8, 1), details: str = ""
) -> int:
    slug = email.split("@")[1].removesuffix(".example")
    return Forms(people, email).raise_item(
        slug, "payment_control", period=f"{month:%Y-%m}", details=details, **uploads(made)
    )


ASKED = {
    "lentier": [
        ("finance_question", "Relance du client Hôtel du Lac",
         "Deux factures ont plus de soixante jours. Merci de relancer avec courtoisie."),
        ("hr_question", "Attestation employeur pour Mme Caron",
         "Elle en a besoin pour son dossier de logement avant vendredi."),
        ("logistics_question", "Preuve de livraison Carrefour, semaine 46",
         "Le transporteur n'a pas encore envoyé le bordereau signé."),
        ("sales_question", "Devis pour la Cantine Nord", "Trois références, conditions de 2026."),
    ],
    "hallertau": [
        ("finance_question", "Eingangsrechnung Landhandel Brückl prüfen",
         "Die Menge stimmt nicht mit dem Lieferschein überein."),
        ("administration_question", "Termin mit der Berufsgenossenschaft",
         "Bitte zwei Vorschläge für Dezember einholen."),
        ("logistics_question", "Avis für die Lieferung nach Straubing", "Rampe 3, ab 7 Uhr."),
    ],
    "forgeval": [
        ("hr_question", "Contrat d'apprentissage de M. Petit", "Début le 1er décembre."),
        ("sales_question", "Réclamation sur la commande 4471", "Pièces 12 et 13 hors tolérance."),
        ("finance_question", "Factures fournisseurs de novembre", "Vingt-deux pièces, en PDF."),
    ],
}  # fmt: skip


def furnish(people: People, month: date = date(2026, 9, 1)) -> dict[str, int]:
    """What the pages show in the tests and in the README; numbers by a short name."""
    numbers: dict[str, int] = {}
    for slug, wishes in ASKED.items():
        client = Forms(people, f"user@{slug}.example")
        for item, title, details in wishes:
            known = f"{slug}-{item}"
            numbers[known] = client.raise_item(slug, item, title=title, details=details)
        numbers[f"{slug}-control"] = raise_control(
            people, f"user@{slug}.example", made_files(len(slug), month, slug.title()), month
        )
    _work(people, numbers)
    return numbers


def _work(people: People, numbers: dict[str, int]) -> None:
    operator = Forms(people, "operator1@coulisse.example")

    def act(known: str, action: str, **values: Any) -> None:
        page = f"/c/{known.split('-')[0]}/requests/{numbers[known]}"
        operator.send(page, action, **values)

    for known in ("lentier-finance_question", "forgeval-hr_question", "hallertau-finance_question",
                  "lentier-hr_question"):  # fmt: skip
        act(known, "/start")
    act("lentier-finance_question", "/messages",
        body="Bonjour Léa, la première relance part ce matin, avec les deux factures en copie.")
    act("lentier-finance_question", "/notes",
        body="Le client a déjà payé en retard deux fois cette année, rester courtois.")
    act("lentier-finance_question", "/time", minutes="0:25", activity="Relance et copies")
    act("lentier-hr_question", "/questions", body="Quelle est la date d'entrée de Mme Caron ?")
    act("forgeval-finance_question", "/assign")
    act("hallertau-finance_question", "/time", minutes="40", activity="Abgleich der Mengen")
    act("hallertau-finance_question", "/deliverables", title="Prüfvermerk",
        file={"name": "vermerk.txt", "mimeType": "text/plain", "buffer": "Menge geklärt.".encode()})
    act("hallertau-finance_question", "/submit")
