"""Files to send, and the pages' forms sent without drawing them."""

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
        self.request = self.people.request(self.email)
        self.base = self.people.system.url

    def send(self, page: str, action: str, **values: Any) -> str:
        """The form of that page whose address ends with `action`; answers where it led."""
        got = self.request.get(self.base + page)
        assert got.status == 200, f"{page}: {got.status}"
        tree: Any = lxml.html.document_fromstring(got.text())
        found = [form for form in tree.forms if urlsplit(form.action or "").path.endswith(action)]
        assert found, f"{page} has no form for {action}"
        fields = {name: value or "" for name, value in found[0].fields.items()} | values
        target = urlsplit(str(found[0].action))._replace(scheme="", netloc="").geturl()
        answer = self.request.post(
            self.base + target, multipart=fields,
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
