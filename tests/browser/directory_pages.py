"""Where customers and suppliers are looked at, and by whom."""

import time

from tests.journeys.furnishing import Forms
from tests.journeys.system import System
from tests.journeys.visits import People

D = "/c/lentier/directory"
CLIENT_USER, CLIENT_ADMIN, OPERATOR = (
    "user@lentier.example", "admin@lentier.example", "operator1@coulisse.example",
)  # fmt: skip
ACCOUNTANT = "accountant@lentier.example"
LIST = (
    "Nom;N° client;SIREN;Code postal;Ville;Pays;Remise\n"
    "Boulangerie Rivière SARL;K-100;732829320;74000;Annecy;FR;5\n"
    "Feinkost Lindner GmbH;K-101;;80331;München;DE;\n"
    "Sans ville;K-102;;74000;;FR;\n"
    "Un SIREN faux;K-103;123456789;74000;Annecy;FR;\n"
)


def directory_pages(operator: str = OPERATOR) -> dict[str, list[tuple[str, str]]]:
    """By endpoint, as in test_every_page.py."""
    return {
        "directory.list_parties": [
            (CLIENT_USER, D), (operator, f"{D}?role=supplier"), (CLIENT_USER, f"{D}?q=nobody-like"),
            (ACCOUNTANT, D),
        ],
        "directory.new_party": [(operator, f"{D}/new")],
        "directory.show": [(CLIENT_ADMIN, f"{D}/{{party}}"), (ACCOUNTANT, f"{D}/{{party}}")],
        "directory.edit": [(CLIENT_USER, f"{D}/{{party}}/edit")],
        "directory.new_part": [
            (CLIENT_USER, f"{D}/{{party}}/addresses/new"),
            (operator, f"{D}/{{party}}/endpoints/new"),
        ],
        "directory.edit_part": [(operator, f"{D}/{{party}}/contacts/{{party_contact}}")],
        "directory.preview_merge": [
            (operator, f"{D}/{{party}}/merge?q=lac"),
            (operator, f"{D}/{{party}}/merge?other={{other_party}}"),
        ],
        "customer_files.show": [(operator, "/c/lentier/requests/{customer_file}/customer-file")],
        "directory.list_imports": [(CLIENT_USER, f"{D}/imports")],
        "directory.new_import": [(operator, f"{D}/imports/new")],
        "directory.show_import": [
            (CLIENT_USER, f"{D}/imports/{{party_import}}"),
            (operator, f"{D}/imports/{{party_import}}?outcome=rejected"),
        ],
    }  # fmt: skip


def uploaded() -> dict[str, object]:
    return {"name": "clients.csv", "mimeType": "text/csv", "buffer": LIST.encode()}


def until_state(system: System, state: str) -> None:
    """Of the newest import: reading is a job, which a busy machine lets wait."""
    end = time.monotonic() + 60
    newest = "SELECT state FROM party_imports ORDER BY created_at DESC LIMIT 1"
    while system.value(newest) != state:
        assert time.monotonic() < end
        time.sleep(0.2)


def furnish_directory(system: System, people: People) -> dict[str, str]:
    """An entry with everything, one like it, and a list that was looked at."""
    operator = Forms(people, OPERATOR)
    common = {"billing_street": "rue du Lac", "billing_postcode": "74000", "billing_city": "Annecy"}
    first = operator.send(
        f"{D}/new", f"{D}/new", name="Hôtel du Lac SA", siren="552100554", vat="FR96552100554",
        endpoint_scheme="0225", endpoint_value="552100554", contact_name="Anne Roux",
        contact_email="anne@hotel.example", iban="FR7630006000011234567890189",
        note="Ouvre à 9 h.", payment_days="30", **common,
    )  # fmt: skip
    other = operator.send(
        f"{D}/new", f"{D}/new", name="Hôtel du Lac (ancien)", vat="DE136695976",
        reference="K-9", **common,
    )  # fmt: skip
    operator.send(first, "/accounts", iban="DE89370400440532013000", source="Lettre du 3 novembre")
    operator.send(f"{first}/addresses/new", "/addresses/new", city="Lyon", postcode="69003",
                  country="FR", name="Dépôt")  # fmt: skip
    operator.send(f"{first}/contacts/new", "/contacts/new", name="Marc Petit", main="1")
    asked = Forms(people, CLIENT_USER).raise_item(
        "lentier", "customer_file", title="Hôtel du Lac", role="customer", kind="company",
        registration="552100554", city="Annecy", country="fr", delivery="4 quai\n74000 Annecy",
    )  # fmt: skip
    sent = operator.send(f"{D}/imports/new", f"{D}/imports/new", file=uploaded())
    until_state(system, "previewed")
    contact = system.value(
        "SELECT c.id FROM party_contacts c JOIN parties p ON p.tenant_id = c.tenant_id"
        " AND p.id = c.party_id WHERE p.name = 'Hôtel du Lac SA' AND NOT c.main"
        " ORDER BY c.id DESC LIMIT 1"
    )
    return {"party": first.rpartition("/")[2], "other_party": other.rpartition("/")[2],
            "customer_file": str(asked), "party_contact": str(contact),
            "party_import": sent.rpartition("/")[2]}  # fmt: skip
